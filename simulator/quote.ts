// What a fleet would earn and cost per month: messages, storage, fees of the rails that exist. In: the outcome of a scenario that was really run, the hub's files
// afterwards, and fee models. Out: figures for 30 days, extrapolated from what was measured; how long was measured is said with them.

import { LIST_PRICES } from '../hub/rails/list-prices.ts';
import type { FeeModel, RailName } from '../hub/rails/rail.ts';
import { feeMicrosOf, RAIL_NAMES } from '../hub/rails/rail.ts';
import type { Outcome } from './outcome.ts';

const MONTH_MS = 30 * 86_400_000;

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

/** Every rail at its list price, or at the fees that are given. */
export function quoteOf(measured: Measured, given: Partial<Record<RailName, FeeModel>>): Quote {
  const { outcome } = measured;
  const monthly = (n: number): number => Math.round((n * MONTH_MS) / outcome.virtualMs);
  const earned = outcome.money.map(({ currency, settledMicros }) => ({ currency, micros: monthly(settledMicros) }));
  const moved = earned.reduce((sum, one) => sum + one.micros, 0);
  const transfers = monthly(measured.transfers);
  const batches = monthly(measured.batches);
  return {
    scenario: outcome.scenario,
    devices: outcome.devices,
    measuredMs: outcome.virtualMs,
    perMonth: {
      vouchers: monthly(outcome.vouchers.accepted),
      messages: monthly(measured.packets),
      bytesOnTheWire: monthly(measured.bytesOnTheWire),
      databaseBytes: monthly(measured.databaseBytes),
      batches,
      transfers,
      earned,
      fees: RAIL_NAMES.filter((rail) => rail !== 'lightning' || earned.every(({ currency }) => currency === 'SAT')).map(
        (rail) => ({ rail, micros: feesOf(given[rail] ?? LIST_PRICES[rail], { moved, transfers, batches }) }),
      ),
    },
  };
}

/** As if all transfers were of their mean amount, and every batch were sent as it is; thresholds would bundle more. */
function feesOf(
  fee: FeeModel,
  { moved, transfers, batches }: Readonly<Record<'moved' | 'transfers' | 'batches', number>>,
): number {
  if (transfers === 0) return 0;
  return batches * fee.perBatchMicros + transfers * feeMicrosOf(fee, Math.round(moved / transfers));
}
