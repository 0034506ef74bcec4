// Issuing: metered units become promises. In: the book and units, or the hub's word on a channel. Out: the book, moved on. All of it
// is arithmetic on the book: no clock, no network, no flash. It must never promise one index of a chain for two different units
// and never lose a unit: what a channel cannot carry goes back to the backlog.

import type { Receipt } from '../shared/receipt.ts';
import type { ChannelNumber } from '../shared/units.ts';
import type { Book, Channel } from './book.ts';
import { MAX_OPEN_CHANNELS, newChannel } from './book.ts';

export function meterUnits(book: Book, units: number): void {
  book.registerUnits += units;
  book.backlogUnits += units;
}

function roomOf(channel: Channel): number {
  return channel.retired || channel.ended || channel.closing ? 0 : channel.chainUnits - channel.issuedUnits;
}

/** The channel that is issued on, or `undefined` when one has to be opened. */
export function currentChannel(book: Book): Channel | undefined {
  const last = book.channels[book.channels.length - 1];
  return last !== undefined && roomOf(last) > 0 ? last : undefined;
}

/** How much of the register is promised already: where the next channel begins. */
export function promisedUnits(book: Book): number {
  return book.registerUnits - book.backlogUnits;
}

/** A new current channel; `undefined` while too many wait for their receipts. */
export function openChannel(book: Book, chainUnits: number): Channel | undefined {
  if (book.channels.length >= MAX_OPEN_CHANNELS) return undefined;
  const channel = newChannel(book.nextChannel, promisedUnits(book), chainUnits, 0);
  book.nextChannel = (book.nextChannel + 1) as ChannelNumber;
  book.channels.push(channel);
  return channel;
}

/** Moves as much of the backlog into the current channel as it can carry; true if anything moved. */
export function issueUnits(book: Book): boolean {
  const channel = book.backlogUnits === 0 ? undefined : currentChannel(book);
  if (channel === undefined) return false;
  const room = channel.chainUnits - channel.issuedUnits;
  const units = book.backlogUnits < room ? book.backlogUnits : room;
  channel.issuedUnits += units;
  book.backlogUnits -= units;
  return true;
}

function dropChannel(book: Book, channel: Channel): void {
  book.channels.splice(book.channels.indexOf(channel), 1);
}

/** Takes a channel out of the book; what nobody has accepted on it is owed by the next one. */
export function carryOver(book: Book, channel: Channel): void {
  book.backlogUnits += channel.issuedUnits - channel.acceptedUnits;
  dropChannel(book, channel);
}

/** Takes out channels on which nothing was promised and whose commitment was never signed: nobody has heard of them. */
export function dropUnspoken(book: Book): boolean {
  const before = book.channels.length;
  for (const channel of book.channels.slice(0)) {
    if (channel.issuedUnits === 0 && !channel.committed && channel.commitment === '') dropChannel(book, channel);
  }
  return book.channels.length < before;
}

/**
 * The hub has accepted more than the board knows of: the board lost records, in a power cut or with its flash. Those units were metered, promised
 * and accepted before. What was promised since boot took indexes that were used up already, so it moves on top of what the hub has:
 * known 10 at boot, 5 metered since, hub says 12: the 2 lost ones are put back and the 5 become 13..17, not 11..15.
 */
function recoverLost(book: Book, channel: Channel, acceptedUnits: number): number {
  const lost = acceptedUnits - (channel.agreed ? channel.issuedUnits : channel.bootUnits);
  if (lost <= 0) return 0;
  book.registerUnits += lost;
  channel.issuedUnits += lost;
  channel.lastWord = '';
  const over = channel.issuedUnits - channel.chainUnits;
  if (over > 0) {
    channel.issuedUnits -= over;
    book.backlogUnits += over;
  }
  return lost;
}

/** What a receipt changed, for the console and for the record. */
export interface ReceiptEffect {
  readonly lostUnits: number;
  readonly dropped: boolean;
}

/** Believes a receipt about one of the book's channels. */
export function takeReceipt(book: Book, channel: Channel, receipt: Receipt): ReceiptEffect {
  // An older receipt shown again must not end a channel below what the hub has taken. [W-17]
  if (channel.ended && receipt.acceptedUnits < channel.acceptedUnits) return { lostUnits: 0, dropped: false };
  const lostUnits = recoverLost(book, channel, receipt.acceptedUnits);
  channel.agreed = true;
  channel.committed = true;
  channel.refused = false;
  channel.commitment = ''; // flash has it, should the hub ask again
  if (receipt.acceptedUnits > channel.acceptedUnits) channel.acceptedUnits = receipt.acceptedUnits;
  if (!channel.closing && channel.sentUnits <= channel.acceptedUnits) channel.sentUnits = -1; // answered: a reject that comes now is another's [W-17]
  const full = channel.retired || channel.issuedUnits >= channel.chainUnits;
  const covered = channel.acceptedUnits >= channel.issuedUnits;
  const over = receipt.closed || channel.ended || (full && covered && !channel.closing);
  if (over) carryOver(book, channel);
  return { lostUnits: lostUnits, dropped: over };
}
