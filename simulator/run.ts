// One run of a fleet against a hub, from power-on to the answer. In: a fleet, the hub's books, and when to stop. Out: a report. Its order is the
// promise to the user: use, stop, drain, close, settle, compare. It must never answer before everything metered is either covered or named.

import type { HubStatus } from '../hub/status.ts';
import type { Fleet, MachineView } from './fleet.ts';
import type { ReportInput, RunReport } from './report.ts';
import { reportOf } from './report.ts';

/** The hub's books, in this process or through its database. */
export interface Books {
  status(): HubStatus;
  /** Vouchers as the hub counted them; a hub in another process is known only by what it answered the machines. */
  counters(machines: readonly MachineView[]): ReportInput['counters'];
  /** Settles all claims; the batch's id, or `undefined` when there was nothing to settle. */
  settle(): string | undefined;
}

export type Phase =
  | { readonly kind: 'running' }
  | { readonly kind: 'draining'; readonly uncoveredUnits: number; readonly openDevices: number }
  | { readonly kind: 'settling' }
  | { readonly kind: 'done' };

export interface RunOptions {
  readonly fleet: Fleet;
  readonly books: Books;
  /** Resolves when the machines shall stop being used. */
  readonly stopped: Promise<void>;
  readonly settleEveryMs: number;
  /** How long the boards may take to deliver what is left. */
  readonly drainMs: number;
  onPhase(phase: Phase): void;
}

const DRAIN_LOOK_MS = 50;

export async function runFleet(options: RunOptions): Promise<RunReport> {
  const { fleet, books } = options;
  const batchIds: string[] = [];
  const settle = (): void => {
    const id = books.settle();
    if (id !== undefined) batchIds.push(id);
  };
  options.onPhase({ kind: 'running' });
  fleet.start();
  const timer = setInterval(settle, options.settleEveryMs);
  await options.stopped;
  clearInterval(timer);
  fleet.stopUse();
  fleet.close();
  await drained(options);
  options.onPhase({ kind: 'settling' });
  settle();
  const machines = fleet.machines();
  const report = reportOf({ machines, counters: books.counters(machines), status: books.status(), batchIds });
  options.onPhase({ kind: 'done' });
  fleet.halt();
  return report;
}

/** Until every board's channels are closed by receipt, or the time for it is over: then the report shows what is missing. */
async function drained(options: RunOptions): Promise<void> {
  const deadline = performance.now() + options.drainMs;
  for (;;) {
    const lookedMs = performance.now();
    const snapshots = options.fleet.machines().map((machine) => machine.snapshot);
    // A board that the hub refuses, and that owes nothing, has nothing to deliver.
    const openDevices = snapshots.filter(
      ({ closed, whyNot, uncoveredUnits: owed }) => !closed && (whyNot !== 'hub' || owed > 0),
    ).length;
    const uncoveredUnits = snapshots.reduce((total, snapshot) => total + snapshot.uncoveredUnits, 0);
    options.onPhase({ kind: 'draining', uncoveredUnits, openDevices });
    if (openDevices === 0 || performance.now() > deadline) return;
    // A large fleet is looked at more seldom: the boards need the time.
    const costMs = performance.now() - lookedMs;
    await new Promise((resolve) => setTimeout(resolve, Math.max(DRAIN_LOOK_MS, costMs * 20)));
  }
}
