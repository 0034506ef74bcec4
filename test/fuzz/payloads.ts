// Fuzzing of what devices send on `up`: real messages under real keys, made wrong, through the shipped reader and judge. In: a seed. Out: finds: anything thrown, anything
// accepted that the payer has never said, anything read that would not be written so again, anything slow.

import { createPrivateKey, createPublicKey } from 'node:crypto';
import type { Bytes } from '../../shared/bytes.ts';
import { fromBase64url, toHex } from '../../shared/bytes.ts';
import { REPORT_HEAD, readReport } from '../../shared/report.ts';
import { readStatus } from '../../shared/status.ts';
import { decodeUplink } from '../../shared/uplink.ts';
import { signedVoucherPayload, writePaywordVoucher, writeSignedVoucher } from '../../shared/voucher.ts';
import { commitmentPayload, writeCommitment } from '../../shared/commitment.ts';
import type { Uplink } from '../../shared/uplink.ts';
import type { Judges, Verdict, View } from '../../hub/accept.ts';
import { accept } from '../../hub/accept.ts';
import { deviceIdOf } from '../../hub/ids.ts';
import { sha256 } from '../../hub/proofs.ts';
import type { Random } from '../../simulator/random.ts';
import { seededRandom } from '../../simulator/random.ts';
import { judgeAll, judgesOf, strayPayer, viewOf } from '../hub/judge.ts';
import type { Payer } from '../hub/payer.ts';
import { corpus } from './corpus.ts';
import { mutated } from './mutate.ts';
import type { Find, FuzzOptions, FuzzReport } from './report.ts';
import { count, MOST_GROWN_MIB } from './report.ts';

export interface PayloadTarget {
  readonly seeds: readonly Buffer[];
  /** What became of the message, or a sentence saying what must not be. */
  judge(message: Bytes): { readonly outcome: string } | { readonly find: string };
}

const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');
const PROVEN_UNITS = 100;
const WARM_UP = 20_000;
const SLICE = 2000;

/** A payer whose keys come of the seed, so that every find can be made again. */
function payerOf(seed: number): Payer {
  const secret = sha256(`fuzzing ${seed}`);
  const key = Buffer.concat([PKCS8_HEAD, Buffer.from(secret, 'latin1')]);
  const { x = '' } = createPublicKey(createPrivateKey({ key, format: 'der', type: 'pkcs8' })).export({ format: 'jwk' });
  const publicKey = fromBase64url(x) as Bytes;
  return strayPayer({ device: deviceIdOf(publicKey), seed: toHex(secret), publicKey: toHex(publicKey) });
}

/** `planted`: a judge that is not the shipped one, for the fuzzer's own test. */
export function payloadTarget(seed: number, planted: Partial<Judges> = {}): PayloadTarget {
  const payer = payerOf(seed);
  const { channel } = judgeAll(payer, [payer.commitment(1), payer.payword(1, PROVEN_UNITS)]);
  const genuine = [
    ...Array.from({ length: 60 }, (_, i) => payer.payword(1, PROVEN_UNITS - 10 + i * 20)),
    ...[1, 50, 101, 500, 3999].flatMap((units) => [payer.signed(1, units), payer.signed(1, units, true)]),
    ...[1, 2, 3].map((number) => payer.commitment(number)),
  ];
  // Splices can put a genuine voucher together again, but only one that the payer has said.
  const said = new Set([...genuine, ...Array.from({ length: 3000 }, (_, i) => payer.payword(1, i + 1))]);
  const judges = judgesOf(payer, planted);
  return {
    seeds: [...genuine.map((message) => Buffer.from(message, 'latin1')), ...corpus('payloads').map(({ bytes }) => bytes)],
    judge(message) {
      readStatus(message);
      if (message.charCodeAt(0) === REPORT_HEAD) readReport(message);
      const uplink = decodeUplink(message);
      if (uplink.kind !== 'malformed' && writtenAgain(uplink) !== message)
        return { find: `a ${uplink.kind} that would be written otherwise` };
      const view: View = viewOf(payer, { channel: numberIn(uplink) === 1 ? channel : undefined, nextChannel: 2 });
      const verdict = accept(view, uplink, judges);
      if (verdict.kind === 'accepted' && !said.has(message))
        return { find: `a ${uplink.kind} was accepted that nobody has said` };
      return { outcome: outcomeOf(verdict) };
    },
  };
}

function outcomeOf(verdict: Verdict): string {
  return verdict.kind === 'rejected' ? verdict.reason : verdict.kind;
}

function numberIn(uplink: Uplink): number {
  return uplink.kind === 'malformed' ? 0 : uplink.kind === 'commitment' ? uplink.terms.channel : uplink.channel;
}

function writtenAgain(uplink: Exclude<Uplink, { kind: 'malformed' }>): Bytes {
  switch (uplink.kind) {
    case 'commitment':
      return writeCommitment(commitmentPayload(uplink.terms), uplink.signature);
    case 'payword':
      return writePaywordVoucher(uplink.channel, uplink.units, uplink.link);
    case 'signed':
      return writeSignedVoucher(signedVoucherPayload(uplink.channel, uplink.units, uplink.closing), uplink.signature);
  }
}

/** One message in fifty is left as it is: then what is right must still be taken. */
function messageOf(seeds: readonly Buffer[], random: Random): Buffer {
  const seed = seeds[random.integer(0, seeds.length - 1)] as Buffer;
  return random.integer(1, 50) === 1 ? seed : mutated(seed, random, seeds);
}

export async function fuzzPayloads(options: FuzzOptions, planted: Partial<Judges> = {}): Promise<FuzzReport> {
  const { seed, from, executions, mostStallMs, onProgress } = options;
  const target = payloadTarget(seed, planted);
  const outcomes: Record<string, number> = {};
  const finds: Find[] = [];
  let longestStallMs = 0;
  let baseline = 0;
  let most = 0;
  const startMs = performance.now();
  for (let execution = from; execution < from + executions; execution++) {
    const bytes = messageOf(target.seeds, seededRandom(seed, `payload ${execution}`));
    const { outcome, ms } = execute(target, bytes.toString('latin1'), mostStallMs);
    if (outcome.kind === 'find') finds.push({ execution, what: outcome.what, hex: bytes.toString('hex') });
    else count(outcomes, outcome.what);
    longestStallMs = Math.max(longestStallMs, ms);
    if ((execution - from + 1) % SLICE !== 0) continue;
    await new Promise((resolve) => setImmediate(resolve)); // a rejection that nobody handles ends the process here
    const { rss } = process.memoryUsage();
    if (execution - from < WARM_UP) baseline = rss;
    most = Math.max(most, rss - baseline);
    onProgress(execution - from + 1, finds.length);
  }
  const grownMiB = most / 2 ** 20;
  if (grownMiB > MOST_GROWN_MIB) finds.push({ execution: from, what: `memory grew by ${Math.round(grownMiB)} MiB`, hex: '' });
  const perSecond = Math.round(executions / ((performance.now() - startMs) / 1000));
  return { executions, perSecond, outcomes, grownMiB, longestStallMs, finds };
}

interface Executed {
  readonly outcome: { readonly kind: 'outcome' | 'find'; readonly what: string };
  readonly ms: number;
}

/** What seems slow is done again, by the computing that it takes: a machine with other work must not look like a slow message. */
function execute(target: PayloadTarget, message: Bytes, mostMs: number): Executed {
  let ms = Infinity;
  let outcome: Executed['outcome'] = { kind: 'outcome', what: '' };
  for (let tries = 0; tries < 5 && (tries === 0 || ms > mostMs); tries++) {
    const [startMs, startCpu] = [performance.now(), tries > 0 ? process.cpuUsage() : undefined];
    try {
      const judged = target.judge(message);
      outcome = 'find' in judged ? { kind: 'find', what: judged.find } : { kind: 'outcome', what: judged.outcome };
    } catch (error) {
      outcome = { kind: 'find', what: `thrown: ${(error as Error).message}` };
    }
    ms = Math.min(ms, performance.now() - startMs, computedMsSince(startCpu));
  }
  if (ms > mostMs) outcome = { kind: 'find', what: `took ${Math.round(ms)} ms` };
  return { outcome, ms };
}

/** Of all threads; not known without a beginning. */
function computedMsSince(start: NodeJS.CpuUsage | undefined): number {
  if (start === undefined) return Infinity;
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}
