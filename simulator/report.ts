// The answer at the end: what the meters counted against what the hub accepted, charged and settled. In: the machines' truth and the hub's
// status. Out: one object for machines to read, and whether the money agrees. It must never take the hub's word for what was metered.

import type { HubStatus } from '../hub/status.ts';
import type { MachineView } from './fleet.ts';

export interface VoucherCounts {
  /** Vouchers that the boards handed to their links, repeats included. */
  readonly sent: number;
  readonly accepted: number;
  readonly duplicate: number;
  readonly rejected: number;
}

export interface RunReport {
  readonly devices: number;
  readonly vouchers: VoucherCounts;
  readonly units: { readonly metered: number; readonly accepted: number; readonly settled: number };
  readonly amountMicros: { readonly charged: number; readonly settled: number; readonly unsettled: number };
  readonly balanced: boolean;
  readonly batches: ReadonlyArray<{ readonly id: string; readonly lines: readonly BatchLine[] }>;
}

interface BatchLine {
  readonly channel: string;
  readonly payer: string;
  readonly payee: string;
  readonly units: number;
  readonly amountMicros: number;
}

export interface ReportInput {
  readonly machines: readonly MachineView[];
  readonly counters: { readonly accepted: number; readonly duplicate: number; readonly rejected: number };
  readonly status: HubStatus;
  /** The batches that this run settled. */
  readonly batchIds: readonly string[];
}

/** Units and amounts are those of the fleet's devices over their lifetime; vouchers and batches are those of this run. */
export function reportOf(input: ReportInput): RunReport {
  const fleet = new Set(input.machines.map((machine) => machine.device));
  const rows = input.status.devices.filter((row) => fleet.has(row.device));
  const charged = sum(rows.map((row) => row.chargedMicros));
  const settled = sum(rows.map((row) => row.settledMicros));
  return {
    devices: input.machines.length,
    vouchers: {
      sent: sum(input.machines.map((machine) => machine.snapshot.sentVouchers)),
      accepted: input.counters.accepted,
      duplicate: input.counters.duplicate,
      rejected: input.counters.rejected,
    },
    units: {
      metered: sum(input.machines.map((machine) => machine.meteredUnits)),
      accepted: sum(rows.map((row) => row.totalUnits)),
      settled: sum(rows.map((row) => row.settledUnits)),
    },
    amountMicros: { charged, settled, unsettled: charged - settled },
    balanced: input.status.balanced,
    batches: input.status.batches
      .filter((batch) => input.batchIds.includes(batch.id))
      .map((batch) => ({
        id: batch.id,
        lines: batch.lines.map(({ channel, payer, payee, units, amountMicros }) => ({
          channel,
          payer,
          payee,
          units,
          amountMicros,
        })),
      })),
  };
}

/** Why the answer is "no", in one sentence each; empty when money in is money out. */
export function complaintsOf(report: RunReport): string[] {
  const complaints: string[] = [];
  const { metered, accepted, settled } = report.units;
  if (metered !== accepted) complaints.push(`the meters counted ${metered} units, the hub accepted ${accepted}`);
  if (accepted !== settled) complaints.push(`the hub accepted ${accepted} units, ${settled} are settled`);
  if (report.amountMicros.unsettled !== 0) complaints.push(`${report.amountMicros.unsettled} micros are charged and not settled`);
  if (!report.balanced) complaints.push('the books do not balance');
  return complaints;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, n) => total + n, 0);
}
