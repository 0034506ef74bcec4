// What a fleet would earn and cost per month: messages, storage, fees of the rails that exist. In: the outcome of a scenario that was really run, the hub's files
// afterwards, and fee models. Out: figures for 30 days, extrapolated from what was measured; how long was measured is said with them.

import type { Outcome } from './outcome.ts';

const MONTH_MS = 30 * 86_400_000;

export interface FeeModel {
  readonly rail: string;
  /** Per transfer, in micros of the currency. */
  readonly perTransferMicros: number;
  /** Of what moves, in millionths. */
  readonly shareMillionths: number;
  readonly source: string;
}

/** Only rails that the hub has: its own ledger moves nothing, and a bank file costs what the operator's bank takes for a transfer. */
export const RAIL_FEES: readonly FeeModel[] = [
  { rail: 'ledger', perTransferMicros: 0, shareMillionths: 0, source: 'the hub’s own books' },
];

export interface Quote {
  readonly scenario: string;
  readonly devices: number;
  readonly measuredMs: number;
  readonly perMonth: {
    readonly vouchers: number;
    readonly messages: number;
    readonly bytesOnTheWire: number;
    readonly databaseBytes: number;
    readonly batches: number;
    readonly transfers: number;
    readonly earned: ReadonlyArray<{ readonly currency: string; readonly micros: number }>;
    readonly fees: ReadonlyArray<{ readonly rail: string; readonly micros: number }>;
  };
}

export interface Measured {
  readonly outcome: Outcome;
  readonly packets: number;
  readonly bytesOnTheWire: number;
  /** What the database grew by while the scenario ran. */
  readonly databaseBytes: number;
  readonly batches: number;
  readonly transfers: number;
}

export function quoteOf(measured: Measured, fees: readonly FeeModel[]): Quote {
  const { outcome } = measured;
  const monthly = (n: number): number => Math.round((n * MONTH_MS) / outcome.virtualMs);
  const earned = outcome.money.map(({ currency, settledMicros }) => ({ currency, micros: monthly(settledMicros) }));
  const moved = earned.reduce((sum, one) => sum + one.micros, 0);
  const transfers = monthly(measured.transfers);
  return {
    scenario: outcome.scenario,
    devices: outcome.devices,
    measuredMs: outcome.virtualMs,
    perMonth: {
      vouchers: monthly(outcome.vouchers.accepted),
      messages: monthly(measured.packets),
      bytesOnTheWire: monthly(measured.bytesOnTheWire),
      databaseBytes: monthly(measured.databaseBytes),
      batches: monthly(measured.batches),
      transfers,
      earned,
      fees: fees.map(({ rail, perTransferMicros, shareMillionths }) => ({
        rail,
        micros: Math.round(transfers * perTransferMicros + (moved * shareMillionths) / 1_000_000),
      })),
    },
  };
}
