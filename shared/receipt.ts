// The receipt: the hub's authenticated answer that a channel is durably recorded up to so many units. In: where a channel stands. Out: the
// receipt's payload, and back. It must never be made before the commit that it speaks of.

import type { Bytes } from './bytes.ts';
import { readArray, readBool, readEnd, readerOf, readUint, writeArray, writeBool, writeUint } from './cbor.ts';
import type { ChannelNumber, Units } from './units.ts';
import { MAX_CHANNEL_NUMBER, MAX_UNITS } from './units.ts';

export interface Receipt {
  readonly kind: 'receipt';
  readonly channel: ChannelNumber;
  /** Every voucher up to these units is covered; 0 answers a commitment. */
  readonly acceptedUnits: Units;
  /** No voucher above `acceptedUnits` will be accepted any more. */
  readonly closed: boolean;
}

const ITEMS = 3;

/** What is authenticated, under PURPOSE_RECEIPT. [W-17] */
export function receiptPayload(receipt: Receipt): Bytes {
  return writeArray(ITEMS) + writeUint(receipt.channel) + writeUint(receipt.acceptedUnits) + writeBool(receipt.closed);
}

/** The receipt in a payload, or a sentence saying what is wrong. [W-17] */
export function readReceipt(payload: Bytes): Receipt | string {
  const r = readerOf(payload);
  readArray(r, 'receipt', ITEMS);
  const channel = readUint(r, 'channel number', 1, MAX_CHANNEL_NUMBER) as ChannelNumber;
  const acceptedUnits = readUint(r, 'units', 0, MAX_UNITS) as Units;
  const closed = readBool(r, 'closed flag');
  readEnd(r);
  if (r.fault !== '') return r.fault;
  return { kind: 'receipt', channel: channel, acceptedUnits: acceptedUnits, closed: closed };
}
