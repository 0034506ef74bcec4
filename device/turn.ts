// A turn of the machine: what was metered is promised, what was promised is recorded, and the next word for the hub is chosen. In: the machine, and whether
// a word can be sent. Out: the word's bytes, or ''. It must never give out what is not recorded: the record is written first, and after a failed write
// nothing is said until it succeeds.

import type { Bytes } from '../shared/bytes.ts';
import type { Units } from '../shared/units.ts';
import { writePaywordVoucher } from '../shared/voucher.ts';
import { writeBook } from './book.ts';
import { linkAt } from './chain.ts';
import { currentChannel, dropUnspoken, issueUnits, openChannel } from './issue.ts';
import type { Machine } from './machine.ts';
import { chainOf } from './machine.ts';
import type { Word } from './outbox.ts';
import { nextDueMs, nextWord, noteSent } from './outbox.ts';
import { saveNext } from './storage.ts';
import { nextReport } from './update.ts';

/** A channel that was prepared ahead brings its terms and its signature; any other makes them when it is open. */
function openNext(m: Machine): boolean {
  const channel = openChannel(m.book, m.settings.config.chainUnits);
  if (channel === undefined) return false;
  m.dirty = true;
  const ahead = m.ahead;
  m.ahead = undefined;
  if (ahead !== undefined && ahead.number === channel.number && ahead.openedRegisterUnits === channel.openedRegisterUnits) {
    channel.payload = ahead.payload;
    channel.commitment = ahead.commitment;
  }
  return true;
}

/** Moves the backlog into channels, opening the next when one is full; while the hub refuses to be paid, units wait in the backlog. */
function issueAll(m: Machine): void {
  if (m.stopReason !== '') return;
  let open = true;
  while (open) {
    if (issueUnits(m.book)) m.dirty = true;
    const wanted = currentChannel(m.book) === undefined && (m.book.backlogUnits > 0 || !m.closeAsked);
    open = wanted && openNext(m);
  }
}

function closeAll(m: Machine): void {
  if (m.book.backlogUnits > 0) return;
  if (dropUnspoken(m.book)) m.dirty = true;
  for (const channel of m.book.channels) channel.closing = true;
}

function messageOf(m: Machine, word: Word): Bytes {
  const channel = word.channel;
  switch (word.kind) {
    case 'commitment':
      return channel.commitment;
    case 'closing':
      return channel.lastWord;
    case 'voucher': {
      const link = linkAt(chainOf(m, channel), word.units);
      if (link !== '') return writePaywordVoucher(channel.number, word.units as Units, link);
      m.waiting = channel; // its word is said when the walk has arrived
      m.walked = channel;
      m.wanted = word.units;
      return '';
    }
  }
}

/** The word that is due, '' for none; then `waitMs` says when to look again, -1 for never. */
function wordDue(m: Machine): Bytes {
  const nowMs = m.board.nowMs();
  const word = nextWord(m.book.channels, nowMs);
  if (word === undefined) {
    m.waitMs = nextDueMs(m.book.channels, nowMs);
    return m.update === undefined ? '' : nextReport(m.update);
  }
  const message = messageOf(m, word);
  if (message === '') return '';
  if (word.kind !== 'commitment') m.sentVouchers++;
  noteSent(word, nowMs);
  return message;
}

/** Throws when flash refuses the record. */
export function turn(m: Machine, isFree: boolean): Bytes {
  issueAll(m);
  if (m.closeAsked) closeAll(m);
  if (m.dirty) {
    if (!saveNext(m.storage, writeBook(m.book)))
      throw new Error('the record could not be written to flash; nothing is sent until it is');
    m.dirty = false;
  }
  m.waitMs = -1;
  return isFree ? wordDue(m) : '';
}
