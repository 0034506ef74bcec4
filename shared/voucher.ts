// Vouchers: the payer's cumulative promise on a channel, proven by a payword or by a signature. In: channel, units and proof. Out: the
// message's bytes; and from untrusted bytes the voucher, well formed but with its proof still to be checked. The newest replaces
// all older ones, so nothing here may depend on what came before.

import type { Bytes } from './bytes.ts';
import type { Reader } from './cbor.ts';
import {
  readArray,
  readBool,
  readBytes,
  readEnd,
  readerOf,
  readUint,
  writeArray,
  writeBool,
  writeBytes,
  writeUint,
} from './cbor.ts';
import type { Enveloped } from './cose.ts';
import { writeSign1 } from './cose.ts';
import type { Link } from './payword.ts';
import { LINK_BYTES } from './payword.ts';
import type { ChannelNumber, Units } from './units.ts';
import { MAX_CHAIN_UNITS, MAX_CHANNEL_NUMBER, MAX_UNITS } from './units.ts';

export interface PaywordVoucher {
  readonly kind: 'payword';
  readonly channel: ChannelNumber;
  readonly units: Units;
  readonly link: Link;
}

export interface SignedVoucher {
  readonly kind: 'signed';
  readonly channel: ChannelNumber;
  readonly units: Units;
  /** The payer's last word: no voucher above `units` follows on this channel. */
  readonly closing: boolean;
  readonly payload: Bytes;
  readonly signature: Bytes;
}

export type Voucher = PaywordVoucher | SignedVoucher;

const PAYWORD_ITEMS = 3;
const SIGNED_ITEMS = 3;

/** [W-10] */
export function writePaywordVoucher(channel: ChannelNumber, units: Units, link: Link): Bytes {
  return writeArray(PAYWORD_ITEMS) + writeUint(channel) + writeUint(units) + writeBytes(link);
}

/** What is signed, under PURPOSE_VOUCHER. [W-11] */
export function signedVoucherPayload(channel: ChannelNumber, units: Units, closing: boolean): Bytes {
  return writeArray(SIGNED_ITEMS) + writeUint(channel) + writeUint(units) + writeBool(closing);
}

export function writeSignedVoucher(payload: Bytes, signature: Bytes): Bytes {
  return writeSign1(payload, signature);
}

/** Reads a payword voucher whole; the reader's fault says what is wrong. [W-10] */
export function readPaywordVoucher(r: Reader): PaywordVoucher {
  readArray(r, 'payword voucher', PAYWORD_ITEMS);
  const channel = readUint(r, 'channel number', 1, MAX_CHANNEL_NUMBER) as ChannelNumber;
  const units = readUint(r, 'units', 1, MAX_CHAIN_UNITS) as Units;
  const link = readBytes(r, 'payword', LINK_BYTES) as Link;
  readEnd(r);
  return { kind: 'payword', channel: channel, units: units, link: link };
}

/** The signed voucher in an envelope, or a sentence saying what is wrong. [W-11] */
export function readSignedVoucher(envelope: Enveloped): SignedVoucher | string {
  const r = readerOf(envelope.payload);
  readArray(r, 'signed voucher', SIGNED_ITEMS);
  const channel = readUint(r, 'channel number', 1, MAX_CHANNEL_NUMBER) as ChannelNumber;
  const units = readUint(r, 'units', 0, MAX_UNITS) as Units;
  const closing = readBool(r, 'closing flag');
  readEnd(r);
  if (r.fault !== '') return r.fault;
  if (units === 0 && !closing) return 'a voucher for 0 units must be a closing one';
  return {
    kind: 'signed',
    channel: channel,
    units: units,
    closing: closing,
    payload: envelope.payload,
    signature: envelope.proof,
  };
}
