// `tallystick simulate quote SCENARIO`: what the fleet would earn and cost a month. In: a scenario, run in virtual time without its faults. Out: messages, storage,
// settlement and fees for 30 days, and how long was measured for it.

import { statSync } from 'node:fs';
import { join } from 'node:path';
import Table from 'cli-table3';
import { LIST_PRICES } from '../hub/rails/list-prices.ts';
import { DATABASE_FILE } from '../hub/database.ts';
import { durationText } from '../simulator/duration.ts';
import type { Quote } from '../simulator/quote.ts';
import { quoteOf } from '../simulator/quote.ts';
import type { Scenario } from '../simulator/scenario.ts';
import { runWorld } from '../simulator/world/run.ts';
import { createWorld } from '../simulator/world/world.ts';
import { formatMicros } from './money.ts';
import { printJson } from './options.ts';
import { scenarioNamed } from './scenario-named.ts';
import { progressView } from './world-progress.ts';

export interface QuoteOptions {
  readonly forMs: number | undefined;
  readonly seed: number | undefined;
  readonly json: boolean;
  /** What the operator's bank takes for a transfer. */
  readonly transferFeeMicros: number | undefined;
}

export async function quoteScenario(name: string, options: QuoteOptions): Promise<void> {
  const scenario: Scenario = { ...scenarioNamed(name), faults: {} };
  const view = progressView(process.stderr);
  const world = createWorld(scenario, options.seed ?? scenario.seed);
  try {
    const bytesBefore = databaseBytes(world.disk.dir());
    const forMs = options.forMs ?? scenario.duration;
    const outcome = await runWorld(world, { forMs, onProgress: (progress) => view.show(progress) });
    const counts = world.chronicle.counts();
    const quote = quoteOf(
      {
        outcome,
        packets: counts['packets'] ?? 0,
        bytesOnTheWire: counts['bytes on the wire'] ?? 0,
        databaseBytes: databaseBytes(world.disk.dir()) - bytesBefore,
        batches: counts['batches'] ?? 0,
        transfers: counts['transfers'] ?? 0,
      },
      feesWith(options.transferFeeMicros),
    );
    view.end();
    if (options.json) printJson(quote);
    else process.stdout.write(quoteText(quote));
  } finally {
    world.close();
  }
}

/** The operator's own bank, in place of a usual one. */
function feesWith(transferFeeMicros: number | undefined): Parameters<typeof quoteOf>[1] {
  return transferFeeMicros === undefined ? {} : { sepa: { ...LIST_PRICES.sepa, fixedMicros: transferFeeMicros } };
}

/** What is still in the log counts: it moves into the database sooner or later. */
function databaseBytes(dataDir: string): number {
  const size = (name: string): number => statSync(join(dataDir, name), { throwIfNoEntry: false })?.size ?? 0;
  return size(DATABASE_FILE) + size(`${DATABASE_FILE}-wal`);
}

function quoteText({ scenario, devices, measuredMs, perMonth }: Quote): string {
  const table = new Table({ style: { head: [], border: [], compact: true }, colAligns: ['left', 'right'] });
  const rows: Array<[string, string]> = [
    ['devices', String(devices)],
    ['vouchers', String(perMonth.vouchers)],
    ['MQTT packets, both ways', String(perMonth.messages)],
    ['bytes on the wire, above TCP', String(perMonth.bytesOnTheWire)],
    ['database growth, bytes', String(perMonth.databaseBytes)],
    ['settlement batches', String(perMonth.batches)],
    ['transfers', String(perMonth.transfers)],
    ...perMonth.earned.map(({ currency, micros }): [string, string] => [`earned, ${currency}`, formatMicros(micros)]),
    ...perMonth.fees.map(({ rail, micros }): [string, string] => [`fees, ${rail}`, formatMicros(micros)]),
  ];
  table.push(...rows);
  return `\n${scenario}: 30 days, from ${durationText(measuredMs)} that were simulated without faults\n${table.toString()}\n`;
}
