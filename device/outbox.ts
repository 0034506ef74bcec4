// The outbox: one slot per channel, which holds the newest word on it until a receipt covers that. In: the book's channels and the time. Out:
// what to send next, and when to look again. A later voucher covers a lost one, so nothing queues. It must never forget a word before
// its receipt: an acknowledgement of the broker proves nothing.

import type { Channel } from './book.ts';
import { FIRST_RETRY_MS } from './book.ts';
import type { Reject } from '../shared/reject.ts';
import { MAX_GAP_UNITS } from '../shared/units.ts';

const MAX_RETRY_MS = 60000;

export interface Word {
  readonly kind: 'commitment' | 'voucher' | 'closing';
  readonly channel: Channel;
  /** 0 for a commitment. */
  readonly units: number;
}

/** What the hub still has to hear about a channel; `undefined` when a receipt covers all, or the word is not ready. */
export function wordOn(channel: Channel): Word | undefined {
  if (!channel.committed) {
    return channel.commitment === '' ? undefined : { kind: 'commitment', channel: channel, units: 0 };
  }
  if (channel.closing) {
    return channel.lastWord === '' ? undefined : { kind: 'closing', channel: channel, units: channel.issuedUnits };
  }
  if (channel.issuedUnits <= channel.acceptedUnits) return undefined;
  const nearest = channel.acceptedUnits + MAX_GAP_UNITS; // [W-16]
  const units = channel.issuedUnits < nearest ? channel.issuedUnits : nearest;
  return { kind: 'voucher', channel: channel, units: units };
}

/** When a word may be sent: at once when it is news, else after the wait for its receipt; never before the hub's pause is over. */
function dueAtMs(word: Word): number {
  const channel = word.channel;
  const said = channel.sentUnits === word.units;
  const due = said ? channel.sentAtMs + channel.retryMs : 0;
  return due > channel.holdUntilMs ? due : channel.holdUntilMs;
}

/** The first word that is due, oldest channel first. */
export function nextWord(channels: readonly Channel[], nowMs: number): Word | undefined {
  for (const channel of channels) {
    const word = wordOn(channel);
    if (word !== undefined && dueAtMs(word) <= nowMs) return word;
  }
  return undefined;
}

/** Milliseconds until some word is due; -1 when there is none. */
export function nextDueMs(channels: readonly Channel[], nowMs: number): number {
  let soonest = -1;
  for (const channel of channels) {
    const word = wordOn(channel);
    if (word === undefined) continue;
    const due = dueAtMs(word);
    const wait = due > nowMs ? due - nowMs : 0;
    if (soonest < 0 || wait < soonest) soonest = wait;
  }
  return soonest;
}

/** The same word again doubles the wait for its receipt; a new one starts afresh. */
export function noteSent(word: Word, nowMs: number): void {
  const channel = word.channel;
  const again = channel.sentUnits === word.units;
  channel.retryMs = !again ? FIRST_RETRY_MS : channel.retryMs * 2 < MAX_RETRY_MS ? channel.retryMs * 2 : MAX_RETRY_MS;
  channel.sentUnits = word.units;
  channel.sentAtMs = nowMs;
}

/** A new connection: every uncovered word is due at once. */
export function noteReconnected(channels: readonly Channel[]): void {
  for (const channel of channels) {
    channel.sentUnits = -1;
    channel.retryMs = FIRST_RETRY_MS;
  }
}

/** The channel whose last word, yet unanswered, a reject answers; `undefined` for an answer to anything else, which is not acted on. [W-17] */
export function rejectedChannel(channels: readonly Channel[], reject: Reject): Channel | undefined {
  for (const channel of channels) {
    if (channel.number === reject.channel && channel.sentUnits === reject.units) return channel;
  }
  return undefined;
}
