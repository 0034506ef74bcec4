// Fuzzing of MQTT: packets made wrong, on many connections of enrolled devices and of strangers, against the shipped hub in a process of its own. In: a seed, and where the
// hub is. Out: finds: a hub that ends, that stops answering, that grows or that stands still, and books that do not balance afterwards.

import { readFileSync } from 'node:fs';
import { generate } from 'mqtt-packet';
import type { DeviceConfig } from '../../shared/config.ts';
import { topicOf } from '../../shared/topics.ts';
import type { Random } from '../../simulator/random.ts';
import { seededRandom } from '../../simulator/random.ts';
import { payerOf } from '../hub/payer.ts';
import { corpus } from './corpus.ts';
import type { Line } from './line.ts';
import { endsWhole, openLine } from './line.ts';
import type { Watched } from './monitor.ts';
import { mutated } from './mutate.ts';
import type { Find, FuzzOptions, FuzzReport } from './report.ts';
import { count, MOST_GROWN_MIB } from './report.ts';

export interface PacketTarget {
  readonly port: number;
  /** One for each connection that is open at once. */
  readonly devices: readonly DeviceConfig[];
  /** Where the hub's monitor writes. */
  readonly monitor: string;
  /** What was slow until now was the program's start. */
  isWarm(): void;
  /** What it took when it was warm; 0 until then. */
  readonly warm: { rssBytes: number };
  /** How the hub has ended, if it has. */
  ended(): string | undefined;
}

const WARM_UP = 10_000;
const SLICE = 500;
const MOST_CHUNKS = 3;
const MOST_BODY_BYTES = 1021;

/** What a device says when nothing is wrong. */
function seedsOf(config: DeviceConfig): Buffer[] {
  const payer = payerOf(config);
  const { device, root } = config;
  const up = topicOf(root, device, 'up');
  const publish = (topic: string, payload: string, qos: 0 | 1 | 2 = 1, retain = false): Buffer =>
    generate({ cmd: 'publish', topic, payload: Buffer.from(payload, 'latin1'), qos, messageId: 7, dup: false, retain });
  const subscribe = (topic: string, qos: 0 | 1 | 2): Buffer =>
    generate({ cmd: 'subscribe', messageId: 9, subscriptions: [{ topic, qos }] });
  return [
    connectOf(config),
    publish(up, payer.commitment(1)),
    ...[1, 2, 3].map((units) => publish(up, payer.payword(1, units))),
    publish(up, payer.signed(1, 5)),
    publish(up, payer.payword(1, 4), 0),
    publish(up, payer.payword(1, 4), 2),
    publish(topicOf(root, device, 'status'), '\x83\x01\x00\x00', 0, true),
    publish('$SYS/x', 'y'),
    subscribe(topicOf(root, device, 'down'), 0),
    subscribe('#', 1),
    generate({ cmd: 'unsubscribe', messageId: 10, unsubscriptions: [topicOf(root, device, 'down')] }),
    generate({ cmd: 'pingreq' }),
    generate({ cmd: 'puback', messageId: 3 }),
    generate({ cmd: 'disconnect' }),
  ];
}

function connectOf({ device, password }: DeviceConfig): Buffer {
  const common = { cmd: 'connect' as const, protocolVersion: 4 as const, clean: true, keepalive: 600 };
  return generate({ ...common, clientId: device, username: device, password: Buffer.from(password) });
}

export async function fuzzPackets(target: PacketTarget, options: FuzzOptions): Promise<FuzzReport> {
  const { seed, from, executions, mostStallMs, onProgress } = options;
  const outcomes: Record<string, number> = {};
  const finds: Find[] = [];
  const fixed = corpus('packets').map(({ bytes }) => bytes);
  const warmUp = Math.min(WARM_UP, executions / 2);
  let isCold = target.warm.rssBytes === 0;
  let next = from;
  let done = 0;
  let watched: Watched = { rssBytes: 0, longestStallMs: 0 };
  let grown = 0;
  const look = (): void => {
    watched = watchedIn(target.monitor) ?? watched;
    if (isCold) target.isWarm();
    if (isCold) target.warm.rssBytes = watched.rssBytes;
    isCold &&= done <= warmUp;
    grown = Math.max(grown, watched.rssBytes - target.warm.rssBytes);
    onProgress(done, finds.length);
  };

  /** One device's connections, one after the other, until all is done. */
  const work = async (config: DeviceConfig): Promise<void> => {
    const seeds = [...seedsOf(config), ...fixed];
    let line: Line | undefined;
    while (next < from + executions && target.ended() === undefined) {
      const execution = next++;
      const random = seededRandom(seed, `packet ${execution}`);
      line = line?.isOpen() === true ? line : await openOrFail(target, config, random);
      const packet = packetOf(seeds, random);
      const outcome = line === undefined ? 'cut' : await line.say(cut(packet, random), endsWhole(packet));
      count(outcomes, outcome);
      if (outcome === 'never answered') finds.push({ execution, what: 'the hub never answered', hex: packet.toString('hex') });
      if (++done % SLICE === 0) look();
    }
    line?.end();
  };

  const startMs = performance.now();
  await Promise.all(target.devices.map(work));
  const perSecond = Math.round(done / ((performance.now() - startMs) / 1000));
  await new Promise((resolve) => setTimeout(resolve, 600)); // the monitor's last word
  look();
  const ended = target.ended();
  const grownMiB = grown / 2 ** 20;
  const { longestStallMs } = watched;
  if (ended !== undefined) finds.push({ execution: next - 1, what: `the hub ended: ${ended}`, hex: '' });
  if (grownMiB > MOST_GROWN_MIB)
    finds.push({ execution: next - 1, what: `the hub grew by ${Math.round(grownMiB)} MiB`, hex: '' });
  if (longestStallMs > mostStallMs) {
    finds.push({ execution: next - 1, what: `the hub's event loop stood still for ${Math.round(longestStallMs)} ms`, hex: '' });
  }
  return { executions: done, perSecond, outcomes, grownMiB, longestStallMs, finds };
}

/** Three of four connections are a device's; the others begin with what is wrong. */
async function openOrFail(target: PacketTarget, config: DeviceConfig, random: Random): Promise<Line | undefined> {
  try {
    const line = await openLine(target.port);
    if (random.integer(0, 3) > 0) await line.say([connectOf(config)], true);
    return line;
  } catch (error) {
    await new Promise((resolve) => setTimeout(resolve, 500)); // the news of its end may come after the end
    if (target.ended() === undefined) throw error;
    return undefined;
  }
}

/** Half of them are wrong anywhere; the others say rightly how long they are, so that what is within is looked at. */
function packetOf(seeds: readonly Buffer[], random: Random): Buffer {
  const seed = seeds[random.integer(0, seeds.length - 1)] as Buffer;
  if (random.integer(0, 1) === 0 || seed.length < 2) return mutated(seed, random, seeds);
  const body = mutated(seed.subarray(seed.length - bodyBytes(seed)), random, seeds).subarray(0, MOST_BODY_BYTES);
  const length = body.length < 128 ? [body.length] : [(body.length & 127) | 128, body.length >> 7];
  return Buffer.concat([Buffer.from([seed[0] as number, ...length]), body]);
}

function bodyBytes(packet: Buffer): number {
  const head = 1 + packet.subarray(1, 5).findIndex((digit) => digit < 128) + 1;
  return Math.max(0, packet.length - head);
}

function cut(packet: Buffer, random: Random): Buffer[] {
  const places = Array.from({ length: random.integer(0, MOST_CHUNKS - 1) }, () => random.integer(0, packet.length)).sort(
    (a, b) => a - b,
  );
  return [0, ...places].map((at, i) => packet.subarray(at, places[i] ?? packet.length)).filter((chunk) => chunk.length > 0);
}

function watchedIn(file: string): Watched | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Watched;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
