// What `start` and `simulate` have in common: a fleet against a hub, watched, and the answer printed. In: a fleet, books and how to show them.
// Out: the report on standard output and an exit code that says whether money in was money out.

import type { Books, Phase } from '../simulator/run.ts';
import { runFleet } from '../simulator/run.ts';
import type { Fleet } from '../simulator/fleet.ts';
import type { RunReport } from '../simulator/report.ts';
import { complaintsOf, refusalsOf } from '../simulator/report.ts';
import { CommandFailed, EXIT } from './exit.ts';
import { liveView } from './live.ts';
import { formatMicros } from './money.ts';
import { printJson } from './options.ts';
import { stopAfter } from './stop.ts';

export interface FleetRunOptions {
  readonly fleet: Fleet;
  readonly books: Books;
  readonly forMs: number | undefined;
  readonly settleEveryMs: number;
  readonly drainMs: number;
  readonly json: boolean;
}

/** Often enough to look alive. */
const REDRAW_MS = 500;

export async function watchFleet(options: FleetRunOptions): Promise<void> {
  const { fleet, books } = options;
  const view = liveView(process.stderr);
  let phase: Phase = { kind: 'running' };
  const redraw = (): void => view.show(fleet.machines(), books.status(), phase);
  let timer: NodeJS.Timeout | undefined;
  // Summing up the books of a large fleet takes long: at most a fiftieth of the time goes into it.
  const keepDrawing = (afterMs: number): void => {
    timer = setTimeout(() => {
      const startedMs = performance.now();
      redraw();
      keepDrawing(Math.max(REDRAW_MS, (performance.now() - startedMs) * 50));
    }, afterMs);
  };
  keepDrawing(REDRAW_MS);
  try {
    const report = await runFleet({
      fleet,
      books,
      stopped: stopAfter(options.forMs).then(() => undefined),
      settleEveryMs: options.settleEveryMs,
      drainMs: options.drainMs,
      onPhase(next) {
        phase = next;
      },
    });
    redraw();
    conclude(report, options.json);
  } finally {
    clearTimeout(timer);
    view.end();
  }
}

function conclude(report: RunReport, json: boolean): void {
  if (json) printJson(report);
  else process.stdout.write(summaryOf(report));
  const complaints = complaintsOf(report);
  if (complaints.length > 0) throw new CommandFailed(EXIT.mismatch, complaints.join('; '));
  if (report.refused.some(({ units }) => units > 0))
    throw new CommandFailed(EXIT.refused, `${refusalsOf(report).join('; ')}; see tallystick quarantine list`);
}

function summaryOf(report: RunReport): string {
  const { vouchers, units, amountMicros } = report;
  const lines = report.batches.reduce((total, batch) => total + batch.lines.length, 0);
  return [
    '',
    `${report.devices} devices`,
    `vouchers  ${vouchers.sent} sent, ${vouchers.accepted} accepted, ${vouchers.duplicate} duplicate, ${vouchers.rejected} rejected`,
    `units     ${units.metered} metered, ${units.accepted} accepted, ${units.settled} settled`,
    `money     ${formatMicros(amountMicros.charged)} charged, ${formatMicros(amountMicros.settled)} settled, ${formatMicros(amountMicros.unsettled)} unsettled`,
    ...refusalsOf(report).map((refusal) => `stopped   ${refusal}`),
    `batches   ${report.batches.length} in this run, ${lines} lines`,
    `books     ${report.balanced ? 'balanced' : 'NOT BALANCED'}`,
    '',
  ].join('\n');
}
