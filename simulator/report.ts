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
  /** Boards whose channels the hub does not take, such as for a wallet that does not bear them: they serve nobody, and what they had metered before is in no book. */
  readonly refused: readonly RefusedBoard[];
  readonly amountMicros: { readonly charged: number; readonly settled: number; readonly unsettled: number };
  readonly balanced: boolean;
  readonly batches: ReadonlyArray<{ readonly id: string; readonly lines: readonly BatchLine[] }>;
}

export interface RefusedBoard {
  readonly label: string;
  readonly device: string;
  /** As the board says it. */
  readonly reason: string;
  /** Metered and in no book. */
  readonly units: number;
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
    refused: refusedOf(input.machines, rows),
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

function refusedOf(machines: readonly MachineView[], rows: HubStatus['devices']): RefusedBoard[] {
  const accepted = new Map(rows.map((row) => [row.device, row.totalUnits]));
  return machines
    .filter(({ snapshot }) => snapshot.whyNot === 'hub')
    .map(({ label, device, snapshot, meteredUnits }) => {
      return { label, device, reason: snapshot.reason, units: meteredUnits - (accepted.get(device) ?? 0) };
    });
}

/** Why the answer is "no", in one sentence each; empty when money in is money out. */
export function complaintsOf(report: RunReport): string[] {
  const complaints: string[] = [];
  const { metered, accepted, settled } = report.units;
  const refused = sum(report.refused.map(({ units }) => units));
  if (metered - refused !== accepted) {
    const without = refused === 0 ? '' : ` and refused ${refused}`;
    complaints.push(`the meters counted ${metered} units, the hub accepted ${accepted}${without}`);
  }
  if (accepted !== settled) complaints.push(`the hub accepted ${accepted} units, ${settled} are settled`);
  if (report.amountMicros.unsettled !== 0) complaints.push(`${report.amountMicros.unsettled} micros are charged and not settled`);
  if (!report.balanced) complaints.push('the books do not balance');
  return complaints;
}

/** What the hub has refused and a board has said, in one sentence each: no fault of the books, and the operator's to mend. */
export function refusalsOf(report: RunReport): string[] {
  return report.refused.map(({ label, device, reason, units }) => {
    const lost = units === 0 ? 'none of its units is missing' : `${units} units of it are in no book`;
    return `${label} (${device}): ${reason}; ${lost}`;
  });
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, n) => total + n, 0);
}
