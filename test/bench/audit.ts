// `npm run bench:audit`: how much of a processor's time an audit takes. In: --channels, --links. Out: rows per second of a whole audit, and its time as a ratio to the bare checks of signatures and links that it cannot do
// without, of the same channels in the same run. Channels are written by the store's own statements; half are settled, and a third has a signed voucher.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { wholeNumber } from '../../cli/duration.ts';
import { readCommitment } from '../../shared/commitment.ts';
import { PURPOSE_COMMITMENT, signedBytes } from '../../shared/cose.ts';
import { chainSalt, linkReaches } from '../../shared/payword.ts';
import { decodeUplink } from '../../shared/uplink.ts';
import { hubKeysIn } from '../../hub/audit/keys.ts';
import { auditTables } from '../../hub/audit/run.ts';
import { drawClaims } from '../../hub/draw.ts';
import { enrol } from '../../hub/enrol.ts';
import { judgeGroup, keepGroup, writeGroup } from '../../hub/group.ts';
import { knownDevices } from '../../hub/known.ts';
import { sha256, verifierOf } from '../../hub/proofs.ts';
import { settle } from '../../hub/settlement.ts';
import type { Store } from '../../hub/store.ts';
import { openStore } from '../../hub/store.ts';
import { fromHex } from '../../shared/bytes.ts';
import type { Bytes } from '../../shared/bytes.ts';
import type { Payer } from '../hub/payer.ts';
import { payerOf } from '../hub/payer.ts';
import { loadRequest } from '../load/request.ts';

const PER_DEVICE = 100;
const START_SECONDS = 1_800_000_000;

const { channels, links, json } = new Command('bench:audit')
  .description('how long an audit takes, beside the bare checks of proofs')
  .option('--channels <number>', 'how many', wholeNumber(100, 10_000_000), 100_000)
  .option('--links <number>', 'how many of each chain are revealed', wholeNumber(1, 1000), 50)
  .option('--json', 'print one JSON value on standard output')
  .parse()
  .opts<{ readonly channels: number; readonly links: number; readonly json?: boolean }>();

const folder = mkdtempSync(join(tmpdir(), 'tallystick-audit-'));
try {
  const store = openStore(folder);
  const payers = fill(store);
  const bareSeconds = secondsOf(() => checkProofs(store, payers));
  const keys = hubKeysIn(folder);
  let shown = Date.now();
  const onProgress = (what: string, count: number): void => {
    if (Date.now() - shown < 5000) return;
    shown = Date.now();
    process.stderr.write(`${count} ${what}\n`);
  };
  let faults = -1;
  const auditSeconds = secondsOf(() => (faults = auditTables(store.tables, keys, { all: true, onProgress }).faults.length));
  store.close();
  const perSecond = Math.round(channels / auditSeconds);
  const ratio = Number((auditSeconds / bareSeconds).toFixed(2));
  if (json === true)
    process.stdout.write(`${JSON.stringify({ channels, links, auditSeconds, bareSeconds, ratio, perSecond, faults })}\n`);
  else
    process.stdout.write(
      `${channels} channels of ${links} links: audited in ${auditSeconds.toFixed(1)} s of processor time, ${perSecond} channels/s, ${ratio} times the bare checks of their proofs (${bareSeconds.toFixed(1)} s); ${faults} faults\n`,
    );
  if (faults !== 0) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Of this process's own time: neighbours on the machine do not count. */
function secondsOf(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000_000;
}

function fill(store: Store): readonly Payer[] {
  const known = knownDevices(store);
  const payers: Payer[] = [];
  for (let i = 0; i * PER_DEVICE < channels; i++) {
    const payer = payerOf(enrolled(store, i));
    payers.push(payer);
    const device = known.find(payer.config.device, START_SECONDS * 1000);
    if (device === undefined) throw new Error('expected the device to be known');
    const messages: Bytes[] = [];
    for (let number = 1; number <= Math.min(PER_DEVICE, channels - i * PER_DEVICE); number++) {
      messages.push(payer.commitment(number), payer.payword(number, links));
      if (number % 3 === 0) messages.push(payer.signed(number, links + 5, true));
    }
    const judgement = judgeGroup(
      known,
      messages.map((message) => ({ device, message: decodeUplink(message) })),
      { nowMs: START_SECONDS * 1000, nowSeconds: START_SECONDS },
      () => true,
    );
    store.atomically(() => writeGroup(store, judgement, START_SECONDS));
    keepGroup(judgement);
    if (i % 100 === 99) process.stderr.write(`${(i + 1) * PER_DEVICE} channels made\n`);
    if (i === Math.floor(channels / PER_DEVICE / 2)) settle(store, { dryRun: false, nowSeconds: START_SECONDS + 10 });
  }
  drawClaims(store, START_SECONDS + 20);
  return payers;
}

function enrolled(store: Store, i: number): ReturnType<typeof enrol> {
  return enrol(store, { ...loadRequest(i, links), payer: `payer ${i % 50}`, payee: `payee ${i % 20}`, limitUnits: links + 10 });
}

/** What nobody could leave out: a signature per commitment and per signed voucher, a hash per link. */
function checkProofs(store: Store, payers: readonly Payer[]): void {
  let checked = 0;
  for (const { config, context } of payers) {
    const verify = verifierOf(fromHex(config.publicKey) ?? '');
    for (let number = 1; number <= PER_DEVICE && checked < channels; number++, checked++) {
      const channel = store.channels.find(config.device, number as never);
      if (channel === undefined) throw new Error('expected the channel that was opened');
      const { payload, signature } = channel.commitment;
      const read = readCommitment({ payload, proof: signature });
      const salt = chainSalt(config.device, number as never);
      const isGood =
        typeof read !== 'string' &&
        verify(signedBytes(PURPOSE_COMMITMENT, context, payload), signature) &&
        linkReaches(salt, channel.link, channel.linkUnits, read.terms.anchor, 0, sha256);
      if (!isGood) throw new Error('expected proofs that hold');
      if (channel.signed !== undefined) verify(channel.signed.payload, channel.signed.signature);
    }
  }
}
