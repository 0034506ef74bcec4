// A payer who cheats with its own key: everything a signature can be misused for. In: a device's secrets and what it has promised so far. Out: messages that the
// hub must refuse, or that must not help the thief. What it hopes for is said with each trick, so that the auditor can tell whether it worked.

import { createHash } from 'node:crypto';
import * as ed from '@noble/ed25519';
import { buildChain, createChain, linkAt } from '../../device/chain.ts';
import { publishPacket } from '../../device/mqtt.ts';
import { sha256 } from '../../hub/proofs.ts';
import type { Bytes } from '../../shared/bytes.ts';
import { fromHex } from '../../shared/bytes.ts';
import { commitmentPayload } from '../../shared/commitment.ts';
import type { Terms } from '../../shared/commitment.ts';
import type { Context, Purpose } from '../../shared/cose.ts';
import { PURPOSE_COMMITMENT, PURPOSE_VOUCHER, signedBytes, writeSign1 } from '../../shared/cose.ts';
import type { HubId, TariffId } from '../../shared/identity.ts';
import { topicOf } from '../../shared/topics.ts';
import type { ChannelNumber, Units } from '../../shared/units.ts';
import { MAX_GAP_UNITS, MAX_UNITS } from '../../shared/units.ts';
import { signedVoucherPayload, writePaywordVoucher } from '../../shared/voucher.ts';
import type { Tariff } from '../../shared/tariff.ts';
import type { OwnChannel } from '../audit/own-books.ts';
import { ownMost } from '../audit/second-charge.ts';
import { opensslSigner } from '../openssl-signer.ts';
import type { NativeSigner } from '../openssl-signer.ts';
import type { Random } from '../random.ts';
import { nowAndThen } from './faults.ts';
import type { World } from './world.ts';

const HOURS_A_DAY = 24;
const PACKET_ID = 64_500;

export type Trick = (typeof TRICKS)[number];
const TRICKS = [
  'more credit',
  'too far ahead',
  'conflicting commitment',
  'made-up tariff',
  'beyond the limit',
  'torsion signature',
  'other purpose',
  'stale channel',
] as const;

export function setThieves(world: World): void {
  const asked = world.scenario.faults.thieves;
  if (asked === undefined) return;
  const boards = Math.min(asked.boards, world.members.length);
  for (let i = 0; i < boards; i++) {
    const endpoint = Math.floor((i * world.members.length) / boards); // of every kind
    const random = world.random(`thief ${endpoint}`);
    nowAndThen(world, asked.perHour * HOURS_A_DAY, random, () => cheat(world, endpoint, random));
  }
}

function cheat(world: World, endpoint: number, random: Random): void {
  const { config } = world.members[endpoint] as World['members'][number];
  const own = world.auditor.devices.get(config.device);
  const [number, channel] = [...(own?.channels ?? [])].at(-1) ?? [];
  if (own === undefined || number === undefined || channel === undefined) return;
  own.marks.add('thief');
  const trick = TRICKS[random.integer(0, TRICKS.length - 1)] as Trick;
  const context: Context = { hub: fromHex(config.hub) as HubId, device: config.device };
  const key = { context, seed: fromHex(config.seed) as Bytes, sign: opensslSigner(config.publicKey) };
  const message = messageOf(trick, channel, own.tariff, key);
  world.fault('theft', `${endpoint} ${trick}`);
  world.network.inject(endpoint, 'hub', publishPacket(topicOf(config.root, config.device, 'up'), PACKET_ID, message));
}

interface Key {
  readonly context: Context;
  readonly seed: Bytes;
  readonly sign: NativeSigner;
}

function messageOf(trick: Trick, channel: OwnChannel, tariff: Tariff, key: Key): Bytes {
  const { terms, voucheredUnits } = channel;
  const next = (terms.channel + 1) as ChannelNumber;
  switch (trick) {
    case 'conflicting commitment': // the same channel again, for another register, so that units are owed only once
      return committed({ ...terms, openedRegisterUnits: terms.openedRegisterUnits + 1 }, key);
    case 'more credit': // a channel that may owe a thousand times as much
      return hasCap(tariff, terms.limitUnits)
        ? vouched(terms.channel, (terms.limitUnits + 1) as Units, PURPOSE_VOUCHER, key)
        : committed({ ...terms, channel: next, limitUnits: largeLimit(terms.limitUnits) }, key);
    case 'too far ahead': // one link more than the hub is willing to hash
      return ahead(channel, key);
    case 'made-up tariff': // a price of its own
      return committed({ ...terms, channel: next, tariff: '\x01'.repeat(16) as TariffId }, key);
    case 'beyond the limit': // more credit than it was given
      return vouched(terms.channel, (terms.limitUnits + 1) as Units, PURPOSE_VOUCHER, key);
    case 'torsion signature': // a signature that some verifiers take and others do not: what it signed can be denied
      return torsionSigned(terms.channel, (voucheredUnits + 1) as Units, key);
    case 'other purpose': // a signature that was made for something else
      return vouched(terms.channel, (voucheredUnits + 1) as Units, PURPOSE_COMMITMENT, key);
    case 'stale channel': // an old number opened afresh, so that an old debt is forgotten
      return committed({ ...terms, channel: 1 as ChannelNumber, openedRegisterUnits: terms.openedRegisterUnits + 1 }, key);
  }
}

function largeLimit(limitUnits: number): Units {
  return Math.min(MAX_UNITS, limitUnits * 1000) as Units;
}

/** A price that stops rising lets any limit cost the same: then more units are no more credit. */
function hasCap(tariff: Tariff, limitUnits: number): boolean {
  return ownMost(tariff, limitUnits) === ownMost(tariff, largeLimit(limitUnits));
}

function committed(terms: Terms, { context, seed, sign }: Key): Bytes {
  const payload = commitmentPayload(terms);
  return writeSign1(payload, sign(seed, signedBytes(PURPOSE_COMMITMENT, context, payload)));
}

function vouched(channel: ChannelNumber, units: Units, purpose: Purpose, { context, seed, sign }: Key): Bytes {
  const payload = signedVoucherPayload(channel, units, false);
  return writeSign1(payload, sign(seed, signedBytes(purpose, context, payload)));
}

/** A true link of the chain, which the auditor is told of, because it may be good by the time that it comes; a chain that is too short for it has none, so the thief asks for more than its limit instead. */
function ahead(of: OwnChannel, key: Key): Bytes {
  const { context, seed } = key;
  const { terms } = of;
  const units = (of.linkUnits + MAX_GAP_UNITS + 1) as Units;
  if (units > terms.chainUnits) return vouched(terms.channel, (terms.limitUnits + 1) as Units, PURPOSE_VOUCHER, key);
  const chain = createChain(context.device, seed, terms.channel, terms.chainUnits, sha256);
  while (!buildChain(chain));
  let link = linkAt(chain, units);
  while (link === '') link = linkAt(chain, units);
  of.aheadUnits = units;
  return writePaywordVoucher(terms.channel, units, link);
}

/** The point of order two: R + T satisfies the equation times the cofactor, and not the equation. */
const TORSION = ed.Point.fromHex('ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f', true);

function torsionSigned(channel: ChannelNumber, units: Units, { context, seed }: Key): Bytes {
  const payload = signedVoucherPayload(channel, units, false);
  const message = Buffer.from(signedBytes(PURPOSE_VOUCHER, context, payload), 'latin1');
  const expanded = createHash('sha512').update(seed, 'latin1').digest();
  expanded[0] = (expanded[0] as number) & 248;
  expanded[31] = ((expanded[31] as number) & 127) | 64;
  const order = ed.Point.CURVE().n;
  const secret = little(expanded.subarray(0, 32)) % order;
  const nonce = (little(createHash('sha512').update(expanded.subarray(32)).update(message).digest()) % (order - 1n)) + 1n;
  const publicKey = ed.Point.BASE.multiply(secret).toBytes();
  const commitmentPoint = ed.Point.BASE.multiply(nonce).add(TORSION).toBytes();
  const challenge = little(createHash('sha512').update(commitmentPoint).update(publicKey).update(message).digest()) % order;
  const response = (nonce + challenge * secret) % order;
  const bytes = Buffer.alloc(32);
  for (let i = 0, rest = response; i < 32; i++, rest >>= 8n) bytes[i] = Number(rest & 255n);
  return writeSign1(payload, Buffer.concat([commitmentPoint, bytes]).toString('latin1'));
}

function little(bytes: Uint8Array): bigint {
  return bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}
