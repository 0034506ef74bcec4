// `npm run bench:settle`: what it costs to net closed channels into a batch with proofs. In: how many channels. Out: text and, with --json, one object. Time is set beside a plain SQL scan
// that sums the same rows, and beside the bare hashes that a hash tree over them cannot do without, in the same process and minute: the ratios are the figures.

import { spawnSync } from 'node:child_process';
import { hash } from 'node:crypto';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { Command } from 'commander';
import { wholeNumber } from '../../cli/duration.ts';
import { prepare } from '../../hub/settlement.ts';
import { DATABASE_FILE } from '../../hub/database.ts';
import { openStore } from '../../hub/store.ts';
import { fillClosedChannels } from './closed-channels.ts';
import { inFolder, say } from './folder.ts';
import { median } from './median.ts';

interface Options {
  readonly channels: number;
  readonly times: number;
  readonly json?: boolean;
  /** A child of this command fills the folder, so that its memory is not counted. */
  readonly fill?: string;
}

const options = new Command('bench:settle')
  .description('closed channels netted into a batch with proofs, beside a plain sum over the same rows')
  .option('--channels <number>', 'how many', wholeNumber(1000, 10_000_000), 1_000_000)
  .option('--times <number>', 'measure each so often, and take the median', wholeNumber(1, 99), 3)
  .option('--json', 'one JSON object as the last line')
  .option('--fill <folder>', 'only fill a folder with channels')
  .parse()
  .opts<Options>();

const SCAN = `SELECT payer, payee, currency, sum(claimed_micros - settled_micros) AS micros, count(*) AS lines FROM channels JOIN tariffs USING (tariff)
  WHERE settled_units < claimed_units GROUP BY payer, payee, currency`;
/** The tree's first byte, a salt, a line; the first byte and two hashes. */
const LEAF_BYTES = 72;
const NODE_BYTES = 65;

interface Sums {
  readonly micros: number;
  readonly lines: number;
}

/** Of this process on the CPU: what else runs on the machine is not in it. All of the work is on one thread. */
function msOf(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

function scan(db: Database.Database): Sums {
  const rows = db.prepare<[], Sums>(SCAN).all();
  return { micros: rows.reduce((sum, row) => sum + row.micros, 0), lines: rows.reduce((sum, row) => sum + row.lines, 0) };
}

/** As many one-shot hashes of such lengths as the tree has leaves and nodes. */
function bareHashes(leaves: number): void {
  const leaf = Buffer.alloc(LEAF_BYTES);
  const node = Buffer.alloc(NODE_BYTES, 1);
  for (let i = 0; i < leaves; i++) {
    leaf.writeUInt32BE(i, 1);
    hash('sha256', leaf, 'binary');
    node.writeUInt32BE(i, 1);
    hash('sha256', node, 'binary');
  }
}

/** As the hub does it, commit and all, on a copy of the folder: so each time it finds the same. */
function batchIn(folder: string, expected: Sums): number {
  const copy = `${folder}.copy`;
  cpSync(folder, copy, { recursive: true });
  const store = openStore(copy);
  try {
    const ms = msOf(() => prepare(store, { dryRun: false, nowSeconds: 2 }));
    assertBatched(copy, expected);
    return ms;
  } finally {
    store.close();
    rmSync(copy, { recursive: true });
  }
}

function assertBatched(folder: string, { lines, micros }: Sums): void {
  const db = new Database(join(folder, DATABASE_FILE), { readonly: true });
  const batch = db.prepare<[], Sums>('SELECT count(*) AS lines, sum(to_micros - from_micros) AS micros FROM batch_lines').get();
  db.close();
  if (batch?.lines !== lines || batch.micros !== micros)
    throw new Error(`expected a batch of ${lines} lines and ${micros} micros, got ${batch?.lines} and ${batch?.micros}`);
}

function measure(folder: string): object {
  const db = new Database(join(folder, DATABASE_FILE), { readonly: true });
  const sums = scan(db);
  const times = { scan: [] as number[], batch: [] as number[], hashes: [] as number[] };
  for (let i = 0; i < options.times; i++) {
    times.scan.push(msOf(() => scan(db)));
    times.batch.push(batchIn(folder, sums));
    times.hashes.push(msOf(() => bareHashes(options.channels)));
    say(
      `round ${i + 1}: scan ${Math.round(times.scan[i] ?? 0)} ms, batch ${Math.round(times.batch[i] ?? 0)} ms, bare hashes ${Math.round(times.hashes[i] ?? 0)} ms`,
    );
  }
  db.close();
  const ms = { scan: median(times.scan), batch: median(times.batch), hashes: median(times.hashes) };
  return {
    channels: options.channels,
    scanMs: Math.round(ms.scan),
    batchMs: Math.round(ms.batch),
    bareHashesMs: Math.round(ms.hashes),
    batchToScan: Number((ms.batch / ms.scan).toFixed(2)),
    bareHashesToScan: Number((ms.hashes / ms.scan).toFixed(2)),
    batchToBareHashes: Number((ms.batch / ms.hashes).toFixed(2)),
    peakRssMiB: Math.round(process.resourceUsage().maxRSS / 1024),
  };
}

async function main(): Promise<void> {
  const answer = await inFolder((folder) => {
    say(`filling ${options.channels} closed channels`);
    const own = process.argv[1] as string;
    const filled = spawnSync(process.execPath, [own, '--fill', folder, '--channels', String(options.channels)], {
      stdio: 'inherit',
    });
    if (filled.status !== 0) throw new Error('the folder could not be filled');
    return Promise.resolve(measure(folder));
  });
  if (options.json === true) process.stdout.write(`${JSON.stringify(answer)}\n`);
  else for (const [name, figure] of Object.entries(answer)) process.stdout.write(`${name}: ${figure}\n`);
}

if (options.fill === undefined) await main();
else fillClosedChannels(options.fill, options.channels);
