// The hub's own judge in memory, for worlds that are run by the thousand: every signature and every link is checked, nothing is stored. In: what a board
// sends. Out: the answer, tagged as the hub would. Its state is a value, so that a world can be split in two.

import type { KeyObject } from 'node:crypto';
import { createPublicKey, verify } from 'node:crypto';
import type { Channel } from '../../hub/channel.ts';
import { receiptOf } from '../../hub/channel.ts';
import type { Judges } from '../../hub/accept.ts';
import { accept } from '../../hub/accept.ts';
import { macOf } from '../../device/mac.ts';
import type { Bytes } from '../../shared/bytes.ts';
import { fromHex } from '../../shared/bytes.ts';
import type { DeviceConfig } from '../../shared/config.ts';
import type { Context } from '../../shared/cose.ts';
import { writeReceipt, writeReject } from '../../shared/downlink.ts';
import type { HubId } from '../../shared/identity.ts';
import type { ChannelNumber, Micros } from '../../shared/units.ts';
import { decodeUplink } from '../../shared/uplink.ts';
import { sha256 } from './node-board.ts';

const SPKI_ED25519 = Buffer.from('302a300506032b6570032100', 'hex');

export interface JudgingHub {
  readonly channels: Map<number, Channel>;
  nextChannel: number;
  messages: number;
  /** Why it refused what; an honest board with a working memory causes none. */
  readonly refusals: string[];
}

export function createJudgingHub(before?: JudgingHub): JudgingHub {
  return {
    channels: new Map(before?.channels),
    nextChannel: before?.nextChannel ?? 1,
    messages: 0,
    refusals: [],
  };
}

export function acceptedUnits(hub: JudgingHub): number {
  return [...hub.channels.values()].reduce((sum, channel) => sum + channel.acceptedUnits, 0);
}

const keys = new Map<string, KeyObject>();

function keyOf(publicKey: string): KeyObject {
  const known = keys.get(publicKey);
  if (known !== undefined) return known;
  const der = Buffer.concat([SPKI_ED25519, Buffer.from(publicKey, 'hex')]);
  const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
  keys.set(publicKey, key);
  return key;
}

function judgesOf(config: DeviceConfig): Judges {
  return {
    sha256,
    verify: (message, signature) =>
      verify(null, Buffer.from(message, 'latin1'), keyOf(config.publicKey), Buffer.from(signature, 'latin1')),
    tariffOf: () => ({
      currency: 'EUR',
      unit: 'vend',
      priceMicros: 1 as Micros,
      perUnits: 1,
      validFromSeconds: 0,
      validUntilSeconds: 2,
    }),
    knowsPayee: () => true,
    inForce: () => [0],
  };
}

/** Judges a message and answers it. */
export function answer(hub: JudgingHub, config: DeviceConfig, bytes: Bytes): Bytes {
  const context: Context = { hub: fromHex(config.hub) as HubId, device: config.device };
  const message = decodeUplink(bytes);
  if (message.kind === 'malformed') throw new Error('the firmware sent a malformed message: ' + message.detail);
  hub.messages++;
  const number = message.kind === 'commitment' ? message.terms.channel : message.channel;
  const units = message.kind === 'commitment' ? 0 : message.units;
  const { nextChannel } = hub;
  const view = { context, standing: 'enrolled', spent: false, nextChannel, creditMicros: 1e9, nowSeconds: 1 } as const;
  const verdict = accept({ ...view, channel: hub.channels.get(number) }, message, judgesOf(config));
  const mac = macOf(fromHex(config.macKey) as Bytes, sha256);
  switch (verdict.kind) {
    case 'rejected': {
      hub.refusals.push(`${message.kind} of channel ${number}, ${units} units: ${verdict.reason}`);
      const next = nextChannel as ChannelNumber;
      return writeReject({ kind: 'reject', channel: number, units, reason: verdict.reason, nextChannel: next }, context, mac);
    }
    case 'duplicate':
      return writeReceipt(verdict.receipt, context, mac);
    case 'accepted':
      hub.channels.set(number, verdict.change.channel);
      if (verdict.change.kind === 'opened') hub.nextChannel = number + 1;
      return writeReceipt(receiptOf(verdict.change.channel), context, mac);
  }
}
