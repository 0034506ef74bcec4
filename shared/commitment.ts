// The commitment: the payer's signed opening of a channel. In: terms, and a signature made elsewhere. Out: the message's bytes; and from
// untrusted bytes the terms, well formed but with the signature still to be checked. It must never carry what both sides know already.

import type { Bytes } from './bytes.ts';
import { repeatByte } from './bytes.ts';
import type { Enveloped } from './cose.ts';
import { writeSign1 } from './cose.ts';
import { MAX_SAFE, readArray, readBytes, readEnd, readerOf, readUint, writeArray, writeBytes, writeUint } from './cbor.ts';
import type { AccountId, TariffId } from './identity.ts';
import type { Link } from './payword.ts';
import type { ChannelNumber, Units } from './units.ts';
import { MAX_CHAIN_UNITS, MAX_CHANNEL_NUMBER, MAX_UNITS } from './units.ts';

/** The terms of a channel, in the order in which they are written. [W-12] */
export interface Terms {
  readonly channel: ChannelNumber;
  readonly payee: AccountId;
  readonly tariff: TariffId;
  /** No voucher may pass it. */
  readonly limitUnits: Units;
  /** Link 0 of the hash chain; sixteen zero bytes when there is none. */
  readonly anchor: Link;
  /** How many links the chain has; at most the limit. 0: only signed vouchers. */
  readonly chainUnits: Units;
  /** The meter's lifetime register when the channel was opened. */
  readonly openedRegisterUnits: number;
}

export interface Commitment {
  readonly kind: 'commitment';
  readonly terms: Terms;
  readonly payload: Bytes;
  readonly signature: Bytes;
}

/** The anchor of a channel without a chain. [W-13] */
export const NO_CHAIN = /* @__PURE__ */ repeatByte(0, 16) as Link;
const ITEMS = 7;

/** What is signed, under PURPOSE_COMMITMENT. */
export function commitmentPayload(terms: Terms): Bytes {
  return (
    writeArray(ITEMS) +
    writeUint(terms.channel) +
    writeBytes(terms.payee) +
    writeBytes(terms.tariff) +
    writeUint(terms.limitUnits) +
    writeBytes(terms.anchor) +
    writeUint(terms.chainUnits) +
    writeUint(terms.openedRegisterUnits)
  );
}

export function writeCommitment(payload: Bytes, signature: Bytes): Bytes {
  return writeSign1(payload, signature);
}

/** The commitment in an envelope, or a sentence saying what is wrong. [W-12] [W-13] */
export function readCommitment(envelope: Enveloped): Commitment | string {
  const r = readerOf(envelope.payload);
  readArray(r, 'commitment', ITEMS);
  const channel = readUint(r, 'channel number', 1, MAX_CHANNEL_NUMBER) as ChannelNumber;
  const payee = readBytes(r, 'payee', 8) as AccountId;
  const tariff = readBytes(r, 'tariff id', 16) as TariffId;
  const limitUnits = readUint(r, 'unit limit', 1, MAX_UNITS) as Units;
  const anchor = readBytes(r, 'chain anchor', 16) as Link;
  const chainUnits = readUint(r, 'chain length', 0, MAX_CHAIN_UNITS) as Units;
  const openedRegisterUnits = readUint(r, 'meter register', 0, MAX_SAFE);
  readEnd(r);
  if (r.fault !== '') return r.fault;
  if (chainUnits > limitUnits) return 'chain length ' + chainUnits + ' is above the unit limit ' + limitUnits;
  if (chainUnits === 0 && anchor !== NO_CHAIN) return 'a channel without a chain has an anchor of zero bytes';
  const terms: Terms = {
    channel: channel,
    payee: payee,
    tariff: tariff,
    limitUnits: limitUnits,
    anchor: anchor,
    chainUnits: chainUnits,
    openedRegisterUnits: openedRegisterUnits,
  };
  return { kind: 'commitment', terms: terms, payload: envelope.payload, signature: envelope.proof };
}
