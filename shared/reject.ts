// The closed list of reasons for which a hub refuses a message, in order of precedence, and the reject message. Each reason tells the device
// what to do next. In: a reason and where the hub stands. Out: the reject's payload, and back. A reject must never lose a unit:
// what it refuses stays owed by the device and travels again.

import type { Bytes } from './bytes.ts';
import { readArray, readEnd, readerOf, readUint, writeArray, writeUint } from './cbor.ts';
import type { ChannelNumber } from './units.ts';
import { MAX_CHANNEL_NUMBER, MAX_UNITS } from './units.ts';

/** In order of precedence: of two that apply, the upper one is given. The index is the code on the wire. [W-18] */
export const REASONS = [
  'malformed',
  'unknown-device',
  'revoked-device',
  'rate-limited',
  'unknown-channel',
  'stale-channel',
  'channel-closed',
  'limit-exceeded',
  'chain-exceeded',
  'gap-exceeded',
  'unknown-payee',
  'unknown-tariff',
  'expired-tariff',
  'excessive-limit',
  'bad-payword',
  'bad-signature',
  'conflicting-channel',
] as const;

export type Reason = (typeof REASONS)[number];

/**
 * What the device does about a reason: `wait` and send again later; `send-commitment` and then the voucher; `send-nearer`, a voucher within
 * the gap; `open-next`, carry the unpaid units to the next channel; `stop` serving until the operator has acted. [W-18]
 */
export type Action = 'wait' | 'send-commitment' | 'send-nearer' | 'open-next' | 'stop';

const ACTIONS: readonly Action[] = [
  'wait', // malformed
  'stop', // unknown-device
  'stop', // revoked-device
  'wait', // rate-limited
  'send-commitment', // unknown-channel
  'open-next', // stale-channel
  'open-next', // channel-closed
  'open-next', // limit-exceeded
  'open-next', // chain-exceeded
  'send-nearer', // gap-exceeded
  'stop', // unknown-payee
  'stop', // unknown-tariff
  'stop', // expired-tariff
  'stop', // excessive-limit
  'wait', // bad-payword
  'wait', // bad-signature
  'open-next', // conflicting-channel
];

export interface Reject {
  readonly kind: 'reject';
  /** The channel and units of the message refused; 0 where it could not be read. */
  readonly channel: number;
  readonly units: number;
  readonly reason: Reason;
  /** The lowest number under which the hub would open this device's next channel. */
  readonly nextChannel: ChannelNumber;
}

const ITEMS = 4;

export function actionOf(reason: Reason): Action {
  return ACTIONS[REASONS.indexOf(reason)] as Action;
}

/** What is authenticated, under PURPOSE_REJECT. [W-17] */
export function rejectPayload(reject: Reject): Bytes {
  return (
    writeArray(ITEMS) +
    writeUint(reject.channel) +
    writeUint(reject.units) +
    writeUint(REASONS.indexOf(reject.reason)) +
    writeUint(reject.nextChannel)
  );
}

/** The reject in a payload, or a sentence saying what is wrong. [W-17] */
export function readReject(payload: Bytes): Reject | string {
  const r = readerOf(payload);
  readArray(r, 'reject', ITEMS);
  const channel = readUint(r, 'channel number', 0, MAX_CHANNEL_NUMBER);
  const units = readUint(r, 'units', 0, MAX_UNITS);
  const code = readUint(r, 'reason', 0, REASONS.length - 1);
  const nextChannel = readUint(r, 'next channel number', 1, MAX_CHANNEL_NUMBER) as ChannelNumber;
  readEnd(r);
  if (r.fault !== '') return r.fault;
  return { kind: 'reject', channel: channel, units: units, reason: REASONS[code] as Reason, nextChannel: nextChannel };
}
