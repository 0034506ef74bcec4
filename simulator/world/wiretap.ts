// Somebody on the way between boards and hub, with no key: hears everything, says again what was said, and makes things up. In: the wire, as it is. Out: packets
// put onto lines, in both directions. Nothing of it may move a unit; if something does, the auditor finds it by its own books.

import { publishPacket } from '../../device/mqtt.ts';
import type { Bytes } from '../../shared/bytes.ts';
import { writeMac0, writeSign1 } from '../../shared/cose.ts';
import { grantPayload } from '../../shared/grant.ts';
import { receiptPayload } from '../../shared/receipt.ts';
import { rejectPayload } from '../../shared/reject.ts';
import { topicOf } from '../../shared/topics.ts';
import type { ChannelNumber, Units } from '../../shared/units.ts';
import { signedVoucherPayload, writePaywordVoucher } from '../../shared/voucher.ts';
import type { Link } from '../../shared/payword.ts';
import type { OwnDevice } from '../audit/own-books.ts';
import { overhearUp } from '../audit/overheard.ts';
import type { Random } from '../random.ts';
import { nowAndThen } from './faults.ts';
import type { World } from './world.ts';

const HOURS_A_DAY = 24;
const HELD_PER_LINE = 64;
/** No honest packet id comes near it soon. */
const PACKET_ID = 64_000;
const FORGED_UNITS = 10_000;
/** A forged reject comes as the answer to each of so many words, and sooner than the true one: a board may ask again before it believes. */
const WORDS_ANSWERED = 3;

interface Heard {
  readonly up: Bytes[];
  readonly down: Bytes[];
}

export function tapTheWire(world: World): void {
  const { replay, forgery, junk } = world.scenario.faults;
  if (replay === undefined && forgery === undefined && junk === undefined) return;
  const heard = new Map<number, Heard>();
  const toAnswer = new Map<number, number>();
  const random = world.random('wiretap');
  world.listeners.push((endpoint, towards, bytes) => {
    const own = heard.get(endpoint) ?? { up: [], down: [] };
    heard.set(endpoint, own);
    const list = towards === 'hub' ? own.up : own.down;
    if ((bytes.charCodeAt(0) & 0xf0) !== 0x30) return; // PUBLISH only: to repeat a CONNECT is to be the board
    if (list.length < HELD_PER_LINE) list.push(bytes);
    else list[random.integer(0, HELD_PER_LINE - 1)] = bytes;
    if (towards === 'hub' && answerFirst(world, endpoint, bytes, random, toAnswer.get(endpoint) ?? 0))
      toAnswer.set(endpoint, (toAnswer.get(endpoint) as number) - 1);
  });
  const anyone = (): number => random.integer(0, world.members.length - 1);
  if (replay !== undefined) {
    nowAndThen(world, replay.perHour * HOURS_A_DAY, random, () => sayAgain(world, anyone(), heard, random));
  }
  if (forgery !== undefined)
    nowAndThen(world, forgery.perHour * HOURS_A_DAY, random, () => makeUp(world, anyone(), random, toAnswer));
  if (junk !== undefined) {
    nowAndThen(world, junk.perHour * HOURS_A_DAY, random, () => {
      const endpoint = anyone();
      world.fault('junk', String(endpoint));
      for (let i = 0; i < junk.messages; i++) world.network.inject(endpoint, 'hub', junkPacket(world, endpoint, random));
    });
  }
}

function sayAgain(world: World, endpoint: number, heard: ReadonlyMap<number, Heard>, random: Random): void {
  const towards = random.integer(0, 1) === 0 ? 'hub' : 'board';
  const list = (towards === 'hub' ? heard.get(endpoint)?.up : heard.get(endpoint)?.down) ?? [];
  const packet = list[random.integer(0, list.length - 1)];
  if (packet === undefined) return;
  world.fault('replay', `${endpoint} ${towards}`);
  world.network.inject(endpoint, towards, packet);
}

export function randomBytes(random: Random, length: number): Bytes {
  let bytes = '';
  for (let i = 0; i < length; i++) bytes += String.fromCharCode(random.integer(0, 255));
  return bytes;
}

function upPacket(world: World, endpoint: number, message: Bytes): Bytes {
  const { config } = world.members[endpoint] as World['members'][number];
  return publishPacket(topicOf(config.root, config.device, 'up'), PACKET_ID, message);
}

const FORGERIES = ['payword', 'signed voucher', 'receipt', 'reject', 'grant'] as const;

/** What a forger would like to be true: more units than were promised, or a receipt for what was never accepted. */
function makeUp(world: World, endpoint: number, random: Random, toAnswer: Map<number, number>): void {
  const { config } = world.members[endpoint] as World['members'][number];
  const own = world.auditor.devices.get(config.device);
  const number = Math.max(1, ...(own?.channels.keys() ?? [])) as ChannelNumber;
  const units = ((own?.channels.get(number)?.voucheredUnits ?? 0) + random.integer(1, 20)) as Units;
  const kind = random.integer(0, FORGERIES.length - 1);
  world.fault('forgery', `${endpoint} ${FORGERIES[kind] as string}`);
  if (kind === 0) {
    const link = randomBytes(random, 16) as Link;
    return world.network.inject(endpoint, 'hub', upPacket(world, endpoint, writePaywordVoucher(number, units, link)));
  }
  if (kind === 1) {
    const signed = writeSign1(signedVoucherPayload(number, units, false), randomBytes(random, 64));
    return world.network.inject(endpoint, 'hub', upPacket(world, endpoint, signed));
  }
  if (kind === 3) return void toAnswer.set(endpoint, WORDS_ANSWERED);
  tell(world, endpoint, kind === 2 ? forgedReceipt(number, units) : forgedGrant(own), random);
}

/** As if the hub had said it, under a tag that is drawn. */
function tell(world: World, endpoint: number, payload: Bytes, random: Random): void {
  const { config } = world.members[endpoint] as World['members'][number];
  const topic = topicOf(config.root, config.device, 'down');
  const body = String.fromCharCode(0, topic.length) + topic + writeMac0(payload, randomBytes(random, 8));
  world.network.inject(endpoint, 'board', '\x30' + String.fromCharCode(body.length) + body);
}

/** False if there is nothing to answer. */
function answerFirst(world: World, endpoint: number, bytes: Bytes, random: Random, left: number): boolean {
  const message = left === 0 ? undefined : overhearUp(bytes)?.message;
  if (message === undefined) return false;
  const reject =
    message.kind === 'commitment' ? forgedReject(message.terms.channel, 0) : forgedReject(message.channel, message.units);
  tell(world, endpoint, reject, random);
  return true;
}

function forgedReceipt(channel: ChannelNumber, acceptedUnits: Units): Bytes {
  return receiptPayload({ kind: 'receipt', channel, acceptedUnits, closed: false });
}

/** "That channel is over, nothing was taken": so that the board promises the same units again elsewhere. */
function forgedReject(channel: ChannelNumber, units: number): Bytes {
  const nextChannel = (channel + 5) as ChannelNumber;
  return rejectPayload({ kind: 'reject', channel, units, reason: 'stale-channel', nextChannel });
}

/** "You may go on for ever": what a customer would like to tell a prepaid machine. */
function forgedGrant(own: OwnDevice | undefined): Bytes {
  return grantPayload({ kind: 'grant', ceilingUnits: (own?.deliveredUnits ?? 0) + FORGED_UNITS });
}

/** Well framed and meaningless, mostly; now and then not even framed, which costs the board its connection. */
function junkPacket(world: World, endpoint: number, random: Random): Bytes {
  if (random.integer(0, 99) === 0) return randomBytes(random, random.integer(1, 40));
  return upPacket(world, endpoint, randomBytes(random, random.integer(1, 200)));
}
