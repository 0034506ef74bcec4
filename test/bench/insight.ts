// `npm run bench:insight`: what questions to insight cost over ten million rows of sales. In: how many devices and hours. Out: a table and, with --json, one object. Each question is set
// beside SQLite's own sum over the same rows, in the same process and minute: the ratio is the figure, the seconds are this machine's.

import { statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { Command } from 'commander';
import { wholeNumber } from '../../cli/duration.ts';
import { idleDevices } from '../../hub/insight/idle.ts';
import { peaksOf } from '../../hub/insight/peaks.ts';
import { priceChanges } from '../../hub/insight/prices.ts';
import type { Question } from '../../hub/insight/question.ts';
import { revenueBy, TILL_GROUPS, TIME_GROUPS } from '../../hub/insight/revenue.ts';
import { scopeOf } from '../../hub/insight/scope.ts';
import { boughtTogether } from '../../hub/insight/together.ts';
import { saleFaults } from '../../hub/sale-faults.ts';
import type { Store } from '../../hub/store.ts';
import { DATABASE_FILE } from '../../hub/database.ts';
import { openStore } from '../../hub/store.ts';
import { inFolder, say } from './folder.ts';
import { median } from './median.ts';
import { FIRST_QUARTER, fillSales } from './sales-rows.ts';

interface Options {
  readonly devices: number;
  readonly hours: number;
  readonly times: number;
  readonly json?: boolean;
}

const options = new Command('bench:insight')
  .description('questions to insight over many rows of sales, beside a plain sum over the same rows')
  .option('--devices <number>', 'how many', wholeNumber(40, 1_000_000), 10_000)
  .option('--hours <number>', 'in each of which every device sells once', wholeNumber(48, 100_000), 1000)
  .option('--times <number>', 'ask each question so often, and take the median', wholeNumber(1, 99), 3)
  .option('--json', 'one JSON object as the last line')
  .parse()
  .opts<Options>();

function questionsOf(store: Store): Array<readonly [name: string, ask: () => unknown]> {
  const scope = (question: Question = {}): ReturnType<typeof scopeOf> => scopeOf(store, question);
  const middle = FIRST_QUARTER + 2 * options.hours;
  const week = { from: { quarter: middle }, until: { quarter: middle + 7 * 96 } };
  return [
    ...[...TILL_GROUPS, ...TIME_GROUPS].map((by) => [`revenue --by ${by}`, () => revenueBy(store, scope(), by)] as const),
    ['revenue --by hour, one site', () => revenueBy(store, scope({ site: 'site 7' }), 'hour')],
    ['... one product, one week', () => revenueBy(store, scope({ ...week, product: 'product 7' }), 'hour')],
    ['revenue --by day --zone UTC', () => revenueBy(store, scope({ zone: 'UTC' }), 'day')],
    ['peaks', () => peaksOf(store, scope(), 10)],
    ['together --per site', () => boughtTogether(store, scope(), { per: 'site', windowQuarters: 4, leastBaskets: 5 })],
    ['together --per payer', () => boughtTogether(store, scope(), { per: 'payer', windowQuarters: 4, leastBaskets: 5 })],
    ['prices', () => priceChanges(store, scope(), { days: 28 })],
    ['idle', () => idleDevices(store, { days: 7, nowSeconds: (FIRST_QUARTER + 4 * options.hours) * 900 })],
    ['sales held against claims', () => expectNone(saleFaults(store))],
  ];
}

function expectNone(faults: readonly string[]): void {
  if (faults.length > 0)
    throw new Error(`expected sales that agree with the channels, got ${faults.length} faults: ${faults[0]}`);
}

function secondsOf(work: () => unknown): number {
  const times = Array.from({ length: options.times }, () => {
    const began = performance.now();
    work();
    return (performance.now() - began) / 1000;
  });
  return median(times);
}

const figures = await inFolder((folder) => {
  say(`writing ${options.devices * options.hours} rows`);
  fillSales(folder, options);
  const rowBytes = statSync(join(folder, DATABASE_FILE)).size / (options.devices * options.hours);
  const db = new Database(join(folder, DATABASE_FILE), { readonly: true });
  const sum = db.prepare<[], number>('SELECT sum(micros) FROM sales').pluck();
  const count = db.prepare<[], number>('SELECT count(*) FROM sales').pluck().get();
  const store = openStore(folder, { readonly: true });
  const scan = (): number => secondsOf(() => sum.get());
  scan();
  const scans = [scan()];
  const asked = questionsOf(store).map(([name, ask]) => {
    const seconds = secondsOf(ask);
    scans.push(scan());
    return { name, seconds };
  });
  store.close();
  db.close();
  const scanSeconds = median(scans);
  return Promise.resolve({
    rows: count,
    diskBytesPerRow: rowBytes,
    scanSeconds,
    questions: asked.map(({ name, seconds }) => ({ name, seconds, ratio: seconds / scanSeconds })),
    peakMiB: process.resourceUsage().maxRSS / 1024,
  });
});
say(
  `${figures.rows} rows of ${figures.diskBytesPerRow.toFixed(1)} bytes; SELECT sum(micros): ${figures.scanSeconds.toFixed(2)} s`,
);
for (const { name, seconds, ratio } of figures.questions) {
  say(`${name.padEnd(28)} ${seconds.toFixed(2).padStart(6)} s  ${ratio.toFixed(2).padStart(6)} times the sum`);
}
say(`at most ${figures.peakMiB.toFixed(0)} MiB`);
if (options.json === true) process.stdout.write(`${JSON.stringify(figures)}\n`);
