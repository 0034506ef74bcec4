// The board's book: what it has metered, and where each of its channels stands. In: the bytes that were last recorded. Out: the book, and the
// bytes to record. The first half of a channel is recorded; the second half lives until the next boot, when the hub is asked
// again. Conservation, at every moment: registerUnits = units paid on dropped channels + issued on all channels + backlogUnits.

import type { Bytes } from '../shared/bytes.ts';
import {
  MAX_SAFE,
  readArray,
  readBytesWithin,
  readEnd,
  readerOf,
  readUint,
  writeArray,
  writeBytes,
  writeUint,
} from '../shared/cbor.ts';
import type { Reader } from '../shared/cbor.ts';
import type { ChannelNumber } from '../shared/units.ts';
import { MAX_CHAIN_UNITS, MAX_CHANNEL_NUMBER } from '../shared/units.ts';
import { wide } from './wide.ts';

/** So many channels may wait for their receipts; a board that has been offline for longer stops serving. */
export const MAX_OPEN_CHANNELS = 4;

export interface Channel {
  readonly number: ChannelNumber;
  /** How much of the register earlier channels pay. */
  readonly openedRegisterUnits: number;
  readonly chainUnits: number;
  /** Promised: the record holds it before a voucher shows it. */
  issuedUnits: number;
  /** The commitment's payload; '' until the anchor is known. */
  payload: Bytes;

  /** What the record said at boot; 0 on a channel opened since. */
  readonly bootUnits: number;
  /** Covered by a receipt. */
  acceptedUnits: number;
  /** A receipt has come since boot: the board and the hub agree on where the channel stands. */
  agreed: boolean;
  /** The hub has the commitment, as far as the board knows. */
  committed: boolean;
  /** The signed commitment; '' until it is signed. */
  commitment: Bytes;
  /** The configuration has changed since: nothing more is promised here, what is promised is still paid here. */
  retired: boolean;
  /** The hub takes nothing more here: its next receipt says how much it took, and the rest moves to another channel. */
  ended: boolean;
  /** The hub has refused the commitment once: the next refusal is believed. */
  refused: boolean;
  /** Asked to be closed with a signed voucher. */
  closing: boolean;
  /** The signed closing voucher; '' until it is signed. */
  lastWord: Bytes;

  /** Whether, and in which words, the channel was last spoken of: units of the voucher, 0 for the commitment, -1 for never. */
  sentUnits: number;
  sentAtMs: number;
  /** How long to wait for a receipt before saying it again. */
  retryMs: number;
  /** The hub asked for patience until then. */
  holdUntilMs: number;
}

export interface Book {
  /** Metered in the board's whole life. */
  registerUnits: number;
  /** Metered, and promised on no channel yet. */
  backlogUnits: number;
  nextChannel: ChannelNumber;
  /** How far the register may go, by the highest grant [W-30]; -1 before the first. */
  ceilingUnits: number;
  /** Oldest first; the last is the one that is issued on. */
  channels: Channel[];
}

export const FIRST_RETRY_MS = 5000;
const GRANTED_HEAD = 0x85;

export function newChannel(number: ChannelNumber, openedRegisterUnits: number, chainUnits: number, issuedUnits: number): Channel {
  return {
    number: number,
    openedRegisterUnits: wide(openedRegisterUnits),
    chainUnits: chainUnits,
    issuedUnits: issuedUnits,
    payload: '',
    bootUnits: issuedUnits,
    acceptedUnits: 0,
    agreed: false,
    committed: false,
    commitment: '',
    retired: false,
    ended: false,
    refused: false,
    closing: false,
    lastWord: '',
    sentUnits: -1,
    sentAtMs: 0,
    retryMs: FIRST_RETRY_MS,
    holdUntilMs: 0,
  };
}

export function blankBook(): Book {
  return { registerUnits: wide(0), backlogUnits: 0, nextChannel: 1 as ChannelNumber, ceilingUnits: -1, channels: [] };
}

export function writeBook(book: Book): Bytes {
  // The ceiling comes last, and only where there is one: a post-paid board's record stays as it was before there were grants.
  const isGranted = book.ceilingUnits >= 0;
  let out =
    writeArray(isGranted ? 5 : 4) + writeUint(book.registerUnits) + writeUint(book.backlogUnits) + writeUint(book.nextChannel);
  out += writeUint(book.channels.length);
  for (const channel of book.channels) {
    out +=
      writeUint(channel.number) +
      writeUint(channel.openedRegisterUnits) +
      writeUint(channel.chainUnits) +
      writeUint(channel.issuedUnits) +
      writeBytes(channel.payload);
  }
  return isGranted ? out + writeUint(book.ceilingUnits) : out;
}

function readChannel(r: Reader): Channel {
  const number = readUint(r, 'channel number', 1, MAX_CHANNEL_NUMBER) as ChannelNumber;
  const openedRegisterUnits = readUint(r, 'opening register', 0, MAX_SAFE);
  const chainUnits = readUint(r, 'chain length', 1, MAX_CHAIN_UNITS);
  const issuedUnits = readUint(r, 'issued units', 0, chainUnits);
  const channel = newChannel(number, openedRegisterUnits, chainUnits, issuedUnits);
  channel.payload = readBytesWithin(r, 'terms', 0, 128);
  return channel;
}

/** The recorded book, or a sentence saying why these bytes are none: a board whose record was checked and still is no book is broken. */
export function readBook(bytes: Bytes): Book | string {
  const r = readerOf(bytes);
  const isGranted = bytes.charCodeAt(0) === GRANTED_HEAD;
  readArray(r, 'book', isGranted ? 5 : 4);
  const registerUnits = wide(readUint(r, 'register', 0, MAX_SAFE));
  const backlogUnits = readUint(r, 'backlog', 0, MAX_SAFE);
  const nextChannel = readUint(r, 'next channel', 1, MAX_CHANNEL_NUMBER) as ChannelNumber;
  const count = readUint(r, 'number of channels', 0, MAX_OPEN_CHANNELS);
  const channels: Channel[] = [];
  for (let i = 0; i < count; i++) channels.push(readChannel(r));
  const ceilingUnits = isGranted ? wide(readUint(r, 'ceiling', 0, MAX_SAFE)) : -1;
  readEnd(r);
  if (r.fault !== '') return r.fault;
  return {
    registerUnits: registerUnits,
    backlogUnits: backlogUnits,
    nextChannel: nextChannel,
    ceilingUnits: ceilingUnits,
    channels: channels,
  };
}
