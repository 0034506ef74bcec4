// `npm run bench:verify`: how much of the primitives' own speed is left in the hub's checks of proofs; and signed vouchers through a whole hub. In: seconds. Out: a table and, with --json, one object.
// Primitive and check take turns on one thread, both by the library that checks in the hub; OpenSSL's rate stands beside it. Around each run of the whole hub the primitive is taken again,
// because machines drift.

import { hash } from 'node:crypto';
import { join } from 'node:path';
import { Command } from 'commander';
import { parseDurationMs, wholeNumber } from '../../cli/duration.ts';
import { advanceLane, laneOf, leaveChannel } from '../../hub/lane.ts';
import { accept } from '../../hub/accept.ts';
import { fastVerifiersOf, signaturesJudgedBy } from '../../hub/ed25519.ts';
import { verifierOf } from '../../hub/proofs.ts';
import type { Bytes } from '../../shared/bytes.ts';
import { fromHex } from '../../shared/bytes.ts';
import { PURPOSE_VOUCHER, signedBytes } from '../../shared/cose.ts';
import { decodeUplink } from '../../shared/uplink.ts';
import type { Verify } from '../../hub/accept.ts';
import { start } from './contenders.ts';
import { benchFleet } from './fleet.ts';
import { inFolder, say } from './folder.ts';
import { openGenerator } from './generator.ts';
import { median } from './median.ts';
import { writePlan } from './plan.ts';
import { openRoom } from './room.ts';

interface Options {
  readonly for: number;
  readonly connections: number;
  readonly rounds: number;
  readonly json?: boolean;
}

const CHAIN_UNITS = 20_000;
const SIGNATURES = 2000;
const TURNS = 7;
const LINK_INPUT_BYTES = 35;

const options = new Command('bench:verify')
  .description('checks of proofs per second, beside the bare primitives')
  .option('--for <duration>', 'length of one measurement of the whole hub', parseDurationMs, 4000)
  .option('--connections <number>', 'devices that send signed vouchers', wholeNumber(1, 10_000), 200)
  .option('--rounds <number>', 'how often the whole hub is measured; medians are given', wholeNumber(1, 100), 3)
  .option('--json', 'one JSON object as the last line')
  .parse()
  .opts<Options>();

/** So many a second, of computing time: another program's share does not count. */
function rateOf(count: number, run: () => void): number {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (count * 1e6) / (user + system);
}

interface Rates {
  readonly primitive: number;
  readonly check: number;
}

/** Turn by turn, so that both see the same machine. */
function inTurns(count: number, primitive: () => void, check: () => void): Rates {
  const rates = Array.from({ length: TURNS }, () => ({ primitive: rateOf(count, primitive), check: rateOf(count, check) }));
  const settled = rates.slice(2); // the first ones are compiled while they run
  return { primitive: median(settled.map((one) => one.primitive)), check: median(settled.map((one) => one.check)) };
}

/** A payword: one link, out of a buffer in which it lies among others as in a socket's, against one hash. */
function hashRates(dataDir: string): Rates {
  const { store, known, device, payer } = openRoom(dataDir, CHAIN_UNITS);
  const messages = Array.from({ length: CHAIN_UNITS }, (_, i) => payer.payword(1, i + 1));
  const data = Buffer.from(messages.join(''), 'latin1');
  const lane = laneOf(device);
  const input = Buffer.alloc(LINK_INPUT_BYTES);
  const rates = inTurns(
    CHAIN_UNITS,
    () => {
      for (let i = 0; i < CHAIN_UNITS; i++) {
        input[0] = i & 255;
        hash('sha256', input, 'binary');
      }
    },
    () => {
      leaveChannel(lane); // from the anchor again
      let at = 0;
      for (let i = 0; i < CHAIN_UNITS; i++) {
        const end = at + (messages[i] as string).length;
        if (!advanceLane(lane, known, data, at, end)) throw new Error('a good payword was not taken');
        at = end;
      }
    },
  );
  store.close();
  return rates;
}

/** A signature as the benchmark checks it again and again. */
interface Sample {
  readonly publicKey: Bytes;
  readonly message: Bytes;
  readonly signature: Bytes;
}

/** So many checks, of a good signature: a bad one could be refused sooner. */
function checks(verify: Verify, { message, signature }: Sample): () => void {
  return () => {
    for (let i = 0; i < SIGNATURES; i++) if (!verify(message, signature)) throw new Error('a good signature was refused');
  };
}

interface SignatureRates extends Rates {
  readonly openssl: number;
  readonly sample: Sample;
}

/** A signed voucher: decoded and judged, against one verification with a key made ahead. */
function signatureRates(dataDir: string): SignatureRates {
  const { store, config, known, device, payer, channel } = openRoom(dataDir, CHAIN_UNITS);
  const messages = Array.from({ length: SIGNATURES }, (_, i) => payer.signed(1, i + 1));
  const voucher = decodeUplink(messages[0] as Bytes);
  if (voucher.kind !== 'signed') throw new Error('a good voucher was not read');
  const message = signedBytes(PURPOSE_VOUCHER, device.context, voucher.payload);
  const sample = { publicKey: fromHex(config.publicKey) as Bytes, message, signature: voucher.signature };
  const view = { context: device.context, standing: 'enrolled' as const, spent: false, channel, nextChannel: 2, nowSeconds: 1e9 };
  const judges = { ...known.lookups, verify: device.verify };
  const rates = inTurns(SIGNATURES, checks(device.verify, sample), () => {
    for (const message of messages) {
      const verdict = accept({ ...view, creditMicros: device.row.creditMicros }, decodeUplink(message), judges);
      if (verdict.kind !== 'accepted') throw new Error('a good voucher was refused');
    }
  });
  store.close();
  const openssl = median(Array.from({ length: TURNS }, () => rateOf(SIGNATURES, checks(verifierOf(sample.publicKey), sample))));
  return { ...rates, openssl, sample };
}

interface HubRates {
  readonly perSecond: number;
  readonly perCore: number;
  /** Bare checks a second, around this run. */
  readonly primitive: number;
}

async function throughHub(folder: string, inFlight: number, sample: Sample): Promise<HubRates> {
  const bare = checks(fastVerifiersOf(sample.publicKey).verify, sample);
  const before = rateOf(SIGNATURES, bare);
  const server = await start('hub', join(folder, 'seed'), join(folder, 'work'));
  const order = { port: server.port, pid: server.pid, plan: join(folder, 'plan'), seconds: options.for / 1000, inFlight };
  const figures = await generator.run(order);
  await server.stop(figures.acknowledged);
  const primitive = (before + rateOf(SIGNATURES, bare)) / 2;
  if (figures.ranDry) say(`${inFlight} in flight: ran out of vouchers, the figure is too low`);
  const perSecond = figures.acknowledged / figures.seconds;
  const rates = { perSecond, perCore: perSecond / figures.serverCores, primitive };
  say(
    `  ${inFlight} in flight: ${Math.round(perSecond)}/s, ${Math.round(rates.perCore)}/s of one core, beside ${Math.round(primitive)} bare checks/s`,
  );
  return rates;
}

async function rounds(folder: string, inFlight: number, sample: Sample): Promise<HubRates[]> {
  const all: HubRates[] = [];
  for (let round = 0; round < options.rounds; round++) all.push(await throughHub(folder, inFlight, sample));
  return all;
}

const medianOf = (all: readonly HubRates[], value: (one: HubRates) => number): number => median(all.map(value));

const generator = openGenerator();
const figures = await inFolder(async (folder) => {
  const hashes = hashRates(join(folder, 'rates'));
  const signatures = signatureRates(join(folder, 'signed-rates'));
  const vouchers = Math.ceil((options.for / 1000 + 1) * 1500);
  say(`signing ${vouchers} vouchers for each of ${options.connections} devices`);
  const devices = benchFleet(join(folder, 'seed'), options.connections, vouchers);
  writePlan(join(folder, 'plan'), devices, { vouchers, proof: 'signed', subscribes: false });
  const [one, twenty] = [await rounds(folder, 1, signatures.sample), await rounds(folder, 20, signatures.sample)];
  return {
    hashesPerSecond: Math.round(hashes.primitive),
    paywordsPerSecond: Math.round(hashes.check),
    hashRatio: hashes.check / hashes.primitive,
    signaturesPerSecond: Math.round(signatures.primitive),
    signedPerSecond: Math.round(signatures.check),
    signatureRatio: signatures.check / signatures.primitive,
    signaturesBy: signaturesJudgedBy(),
    opensslPerSecond: Math.round(signatures.openssl),
    hubSignedPerSecond: Math.round(medianOf(one, ({ perSecond }) => perSecond)),
    hubSignedPerCore: Math.round(medianOf(one, ({ perCore }) => perCore)),
    ratioToSignatures: medianOf(one, ({ perCore, primitive }) => perCore / primitive),
    hubSignedPerSecond20: Math.round(medianOf(twenty, ({ perSecond }) => perSecond)),
    ratioToSignatures20: medianOf(twenty, ({ perSecond, primitive }) => perSecond / primitive),
  };
});
generator.close();
say(`payword: ${figures.paywordsPerSecond}/s of ${figures.hashesPerSecond} bare hashes/s, ${figures.hashRatio.toFixed(2)}`);
say(
  `signed voucher: ${figures.signedPerSecond}/s of ${figures.signaturesPerSecond} bare checks/s by ${figures.signaturesBy}, ${figures.signatureRatio.toFixed(2)}; OpenSSL alone ${figures.opensslPerSecond}/s`,
);
say(
  `through the hub, 1 in flight: ${figures.hubSignedPerSecond}/s, ${figures.hubSignedPerCore}/s of one core, ${figures.ratioToSignatures.toFixed(2)} of the bare checks around it`,
);
say(`20 in flight: ${figures.hubSignedPerSecond20}/s, ${figures.ratioToSignatures20.toFixed(1)} times the bare checks around it`);
if (options.json === true) process.stdout.write(`${JSON.stringify(figures)}\n`);
