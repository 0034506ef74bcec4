// `npm run bench:evidence`: what checking evidence offline costs beside the signature checks that nobody can do without. In: how many channels. Out: a line and, with --json, one object. An item is a channel's commitment,
// voucher and line with its path in a batch of a million lines, read from the text of a file as the command writes it; bare is node:crypto's check of the payers' signatures in the same files (each commitment, each signed
// voucher), once each, with keys and messages made ready ahead. All take turns in one process, file by file, and no file is kept; ratios are the median over files.

import { createPublicKey, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { Command } from 'commander';
import { wholeNumber } from '../../cli/duration.ts';
import { blobOf, bytesOfHex } from '../../hub/blob.ts';
import type { Evidence } from '../../hub/evidence.ts';
import { verifyEvidenceText } from '../../hub/evidence.ts';
import { parseEvidence } from '../../hub/proof/evidence-file.ts';
import { toBase64url } from '../../shared/bytes.ts';
import type { Context } from '../../shared/cose.ts';
import { PURPOSE_COMMITMENT, PURPOSE_VOUCHER, signedBytes } from '../../shared/cose.ts';
import type { HubId } from '../../shared/identity.ts';
import { decodeUplink } from '../../shared/uplink.ts';
import { evidenceItems } from './evidence-items.ts';
import { inFolder, say } from './folder.ts';
import { median } from './median.ts';

interface Options {
  readonly items: number;
  readonly lines: number;
  readonly devices: number;
  readonly json?: boolean;
}

const PER_FILE = 2000;
/** The first files are compiled while they are checked. */
const WARM_UP = 2;
const TELL_EVERY_MS = 5000;

const options = new Command('bench:evidence')
  .description('checks of evidence, beside the bare signature checks')
  .option('--items <number>', 'channels to check; fewer than a million are a sample', wholeNumber(1, 1_000_000), 20_000)
  .option('--lines <number>', 'lines in the batch that they stand in', wholeNumber(1, 1_000_000), 1_000_000)
  .option('--devices <number>', 'devices whose channels they are', wholeNumber(1, 10_000), 50)
  .option('--json', 'one JSON object as the last line')
  .parse()
  .opts<Options>();

/** Microseconds of computing time: another program's share does not count. */
function microsOf(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

type Signed = readonly [message: Buffer, key: KeyObject, signature: Buffer];

const keys = new Map<string, KeyObject>();

function keyOf(publicKey: string): KeyObject {
  const x = toBase64url(bytesOfHex(publicKey));
  const key = keys.get(publicKey) ?? createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  keys.set(publicKey, key);
  return key;
}

/** What is checked bare, made ready ahead. */
function signaturesIn({ hub, channels }: Evidence): Signed[] {
  return channels.flatMap(({ publicKey, device, commitment, voucher }) => {
    const context: Context = { hub: bytesOfHex(hub.id) as HubId, device };
    return [commitment, voucher ?? ''].flatMap((hex): Signed[] => {
      const message = decodeUplink(bytesOfHex(hex));
      if (message.kind === 'payword' || hex === '') return [];
      if (message.kind === 'malformed') throw new Error(message.detail);
      const purpose = message.kind === 'commitment' ? PURPOSE_COMMITMENT : PURPOSE_VOUCHER;
      return [[blobOf(signedBytes(purpose, context, message.payload)), keyOf(publicKey), blobOf(message.signature)]];
    });
  });
}

interface Turn {
  readonly bareMicros: number;
  /** To read the text and see that it has the form of evidence. */
  readonly readMicros: number;
  /** That, and all checks. */
  readonly evidenceMicros: number;
  readonly channels: number;
  readonly bytes: number;
}

function checkFile(text: string): Turn {
  const evidence = JSON.parse(text) as Evidence;
  const signatures = signaturesIn(evidence);
  const bareMicros = microsOf(() => {
    for (const [message, key, signature] of signatures)
      if (!verify(null, message, key, signature)) throw new Error('a bad signature');
  });
  const readMicros = microsOf(() => {
    if (typeof parseEvidence(JSON.parse(text)) === 'string') throw new Error('a file that is no evidence');
  });
  const evidenceMicros = microsOf(() => {
    const verdict = verifyEvidenceText(text);
    if (verdict.kind !== 'valid') throw new Error(verdict.why);
    if (verdict.channels.length !== evidence.channels.length) throw new Error('channels were left out');
  });
  return { bareMicros, readMicros, evidenceMicros, channels: evidence.channels.length, bytes: text.length };
}

/** From time to time. */
function progressOf(items: number): (done: number) => void {
  const begun = performance.now();
  let told = begun;
  return (done) => {
    const now = performance.now();
    if (now - told < TELL_EVERY_MS && done < items) return;
    told = now;
    const perSecond = done / ((now - begun) / 1000);
    const leftSeconds = (items - done) / perSecond;
    say(`${done} of ${items} made and checked, ${perSecond.toFixed(0)} per second, ${leftSeconds.toFixed(0)} s to go`);
  };
}

/** Ctrl-C ends it early, with figures of what was checked until then. */
let isStopped = false;
process.once('SIGINT', () => (isStopped = true));

const figures = await inFolder(async (folder) => {
  say(`writing evidence of ${options.items} channels of ${options.devices} devices in a batch of ${options.lines} lines`);
  const items = evidenceItems(join(folder, 'hub'), options);
  const tell = progressOf(options.items);
  const turns: Turn[] = [];
  for (let first = 0; first < options.items && !isStopped; first += PER_FILE) {
    const count = Math.min(PER_FILE, options.items - first);
    const text = items.fileOf(first, count);
    if (turns.length === 0) for (let i = 0; i < WARM_UP; i++) checkFile(text);
    turns.push(checkFile(text));
    tell(first + count);
    await setImmediate();
  }
  items.close();
  const sum = (of: (turn: Turn) => number): number => turns.reduce((total, turn) => total + of(turn), 0);
  const channels = sum((turn) => turn.channels);
  return {
    items: channels,
    isSample: channels < 1_000_000,
    bareMicrosPerItem: sum((turn) => turn.bareMicros) / channels,
    evidenceMicrosPerItem: sum((turn) => turn.evidenceMicros) / channels,
    readMicrosPerItem: sum((turn) => turn.readMicros) / channels,
    ratioOfChecks: median(turns.map((turn) => (turn.evidenceMicros - turn.readMicros) / turn.bareMicros)),
    ratio: median(turns.map((turn) => turn.evidenceMicros / turn.bareMicros)),
    bytesPerItem: sum((turn) => turn.bytes) / channels,
    itemsPerFile: PER_FILE,
    /** Of this process, which also makes the evidence. */
    peakMebibytes: process.resourceUsage().maxRSS / 1024,
  };
});
const { items, isSample, bareMicrosPerItem, readMicrosPerItem, evidenceMicrosPerItem, ratioOfChecks, ratio } = figures;
const what = `${items} channels${isSample ? ', a sample' : ''}`;
say(
  `${what}: ${bareMicrosPerItem.toFixed(1)} us for the bare signatures, ${evidenceMicrosPerItem.toFixed(1)} us in all, of which ${readMicrosPerItem.toFixed(1)} us to read the file`,
);
say(
  `ratio to the bare signatures: ${ratioOfChecks.toFixed(2)} for the checks, ${ratio.toFixed(2)} with reading; ${figures.bytesPerItem.toFixed(0)} bytes each, ${figures.peakMebibytes.toFixed(0)} MiB at most`,
);
if (options.json === true) process.stdout.write(`${JSON.stringify(figures)}\n`);
