// Hearing: what the hub says changes the book. In: the payload of a message on `down`. Out: the machine, moved on. Nothing is believed without
// its tag, a reject only when it answers the last word sent, and nothing is forgotten but what a receipt covers.

import type { Bytes } from '../shared/bytes.ts';
import { decodeDownlink } from '../shared/downlink.ts';
import type { Grant } from '../shared/grant.ts';
import type { Receipt } from '../shared/receipt.ts';
import type { Reject } from '../shared/reject.ts';
import { actionOf } from '../shared/reject.ts';
import type { Channel } from './book.ts';
import { CODE_CONFIG, showCode } from './checks.ts';
import { carryOver, takeReceipt } from './issue.ts';
import type { Machine } from './machine.ts';
import { rejectedChannel } from './outbox.ts';
import { hearUpdate } from './update.ts';
import { wide } from './wide.ts';

/** So many messages that are not the hub's voice, and none that is, are no accident. */
const DOUBTS = 3;
/** After `stop` the board asks again so seldom: the operator may have acted. */
const STOP_RETRY_MS = 300000;

function hearReceipt(m: Machine, receipt: Receipt): void {
  m.receipts++;
  m.answered = true;
  for (const channel of m.book.channels) {
    if (channel.number !== receipt.channel) continue;
    const effect = takeReceipt(m.book, channel, receipt);
    m.dirty = m.dirty || effect.dropped || effect.lostUnits > 0;
    m.stopReason = '';
    if (m.notice !== '') showCode(m.board, 0);
    m.notice = '';
    channel.holdUntilMs = 0;
    if (effect.lostUnits > 0) {
      m.board.log(
        'channel ' +
          channel.number +
          ': the hub has ' +
          effect.lostUnits +
          ' units more than the record; the register is put right',
      );
    }
    return;
  }
}

/** The hub's memory of the channel is asked for with the commitment, which it answers with what it has accepted. */
function askAgain(channel: Channel): void {
  channel.committed = false;
  channel.acceptedUnits = 0;
}

/**
 * The hub takes nothing more on the channel, and only its receipt can say what it has taken, for an earlier one may be lost: carrying over now
 * could pay twice. So the commitment asks once more, and no receipt below the highest is an answer [W-17].
 */
function endChannel(channel: Channel): void {
  channel.ended = true;
  channel.committed = false;
}

/**
 * The hub has the commitment of another under this number, or would have none: then it has taken nothing here. But whoever else has this
 * board's key may have been meant, so the commitment asks once more [W-18]. What a receipt covers stays here, unless the hub has said since that it knows nothing of it.
 */
function refuseChannel(m: Machine, channel: Channel): void {
  if (channel.refused) {
    carryOver(m.book, channel);
    m.stopReason = ''; // if the hub had said so of this channel, nobody would ask again
    return;
  }
  channel.refused = true;
  channel.committed = false;
  channel.sentUnits = -1; // ask at once
}

function hearReject(m: Machine, reject: Reject): void {
  m.rejects++;
  m.answered = true;
  const channel = rejectedChannel(m.book.channels, reject);
  if (channel === undefined) return;
  if (reject.nextChannel > m.book.nextChannel) {
    m.book.nextChannel = reject.nextChannel;
    m.dirty = true;
  }
  const nowMs = m.board.nowMs();
  switch (actionOf(reject.reason)) {
    case 'wait':
      channel.holdUntilMs = nowMs + channel.retryMs;
      if (reject.reason === 'bad-signature') warn(m, 'the hub refuses the signature; provision the board again');
      break;
    case 'send-commitment':
    case 'send-nearer':
      askAgain(channel);
      break;
    case 'open-next':
      m.dirty = true;
      if (reject.reason === 'stale-channel' || reject.reason === 'conflicting-channel') refuseChannel(m, channel);
      else endChannel(channel);
      break;
    case 'stop':
      channel.holdUntilMs = nowMs + STOP_RETRY_MS;
      m.stopReason = 'the hub refuses channel ' + channel.number + ': ' + reject.reason;
      m.board.log('stopped: ' + m.stopReason + '; ask the operator');
      break;
  }
}

/** The highest holds: an older one shown again changes nothing [W-30]. The pump records it before anything is served under it. */
function hearGrant(m: Machine, grant: Grant): void {
  if (grant.ceilingUnits <= m.book.ceilingUnits) return;
  m.book.ceilingUnits = wide(grant.ceilingUnits);
  m.dirty = true;
  m.board.log('granted up to ' + grant.ceilingUnits + ' units in all');
}

/** Something is wrong that stops no service: a line, a blink code, and the reason that the board tells, until a receipt. */
function warn(m: Machine, notice: string): void {
  if (notice === m.notice) return;
  m.notice = notice;
  m.board.log(notice);
  showCode(m.board, CODE_CONFIG);
}

/** Someone answers on the board's own topic, and never with its key: then the key is the wrong one. Whoever could forge that could also be silent. */
function doubt(m: Machine): void {
  if (m.doubts < 0) return;
  m.doubts++;
  if (m.doubts === DOUBTS) warn(m, 'the hub answers with another MAC key; provision the board again');
}

export function hear(m: Machine, payload: Bytes): void {
  const said = decodeDownlink(payload, m.settings.context, m.mac);
  if (typeof said === 'string') {
    doubt(m); // not the hub's voice
    return;
  }
  m.doubts = -1;
  if (m.update !== undefined) hearUpdate(m.update, said, m.settings.context.hub);
  switch (said.kind) {
    case 'receipt':
      hearReceipt(m, said);
      break;
    case 'reject':
      hearReject(m, said);
      break;
    case 'grant':
      hearGrant(m, said);
      break;
    case 'offer':
    case 'piece':
      break; // heard above, or this board takes no updates
  }
}
