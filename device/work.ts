// Work that takes a board long, one bounded slice at a time: hash chains, signatures, the links to be revealed next. In: the machine. Out: the
// machine a slice further, and whether there is more. The most urgent comes first; the next channel is prepared in idle time, so
// that paying never waits for a signature.

import { commitmentPayload } from '../shared/commitment.ts';
import { PURPOSE_VOUCHER } from '../shared/cose.ts';
import { signedVoucherPayload } from '../shared/voucher.ts';
import type { Units } from '../shared/units.ts';
import type { Channel } from './book.ts';
import { newChannel } from './book.ts';
import { anchorOf, linkAtHand } from './chain.ts';
import { currentChannel } from './issue.ts';
import type { Machine } from './machine.ts';
import { knownChain } from './machine.ts';
import { wordOn } from './outbox.ts';
import { seal, sealCommitment } from './seal.ts';
import { workOnUpdate } from './update.ts';

/** 'ready': something is finished that others may wait for. */
export type Progress = 'none' | 'more' | 'ready';

/** What takes long is left to be done with nothing else in memory beside it. */
function walkTo(m: Machine, channel: Channel, link: number): Progress {
  m.walked = channel;
  m.wanted = link;
  return 'more';
}

/** The terms that promise the anchor of the channel's chain. */
function fixTerms(m: Machine, channel: Channel): Progress {
  const chain = knownChain(m, channel);
  if (chain === undefined || chain.builtUnits > 0) return walkTo(m, channel, 0);
  channel.payload = commitmentPayload({
    channel: channel.number,
    payee: m.settings.payee,
    tariff: m.settings.tariff,
    limitUnits: m.settings.config.limitUnits as Units,
    anchor: anchorOf(chain),
    chainUnits: channel.chainUnits as Units,
    openedRegisterUnits: channel.openedRegisterUnits,
  });
  return 'ready';
}

/** A board that cannot sign does not serve, and does not try for ever; it goes on metering. */
function signingMore(m: Machine): Progress {
  if (m.sealer.fault === '') return 'more';
  m.stopReason = m.sealer.fault;
  return 'none';
}

/** The terms, the signature under them, or the signed last word: whichever the channel lacks. */
function workOnChannel(m: Machine, channel: Channel): Progress {
  if (channel.payload === '') {
    const fixed = fixTerms(m, channel);
    m.dirty = m.dirty || fixed === 'ready';
    return fixed;
  }
  if (channel.commitment === '' && !channel.committed) {
    channel.commitment = sealCommitment(m.sealer, channel.number, channel.payload);
    return channel.commitment === '' ? signingMore(m) : 'ready';
  }
  if (channel.closing && channel.committed && channel.lastWord === '') {
    const payload = signedVoucherPayload(channel.number, channel.issuedUnits as Units, true);
    channel.lastWord = seal(m.sealer, PURPOSE_VOUCHER, payload);
    if (channel.lastWord === '') return signingMore(m);
    channel.sentUnits = -1; // news, though a payword for the same units may have been sent
    return 'ready';
  }
  return 'none';
}

/** Before anyone waits: the link of the oldest voucher, or the chain that pays, for the first unit to come. */
function workOnLinks(m: Machine): Progress {
  for (const channel of m.book.channels) {
    const word = wordOn(channel);
    if (word === undefined || word.kind !== 'voucher') continue;
    const chain = knownChain(m, channel);
    return chain === undefined || linkAtHand(chain, word.units) === '' ? walkTo(m, channel, word.units) : 'none';
  }
  const current = currentChannel(m.book);
  if (current === undefined) return 'none';
  const chain = knownChain(m, current);
  return chain !== undefined && chain.builtUnits === 0 ? 'none' : walkTo(m, current, 0);
}

/** The next channel, once the current one is past half: its terms are known, for its register is where this one will end. */
function workAhead(m: Machine): Progress {
  const current = currentChannel(m.book);
  if (current === undefined || m.closeAsked || m.book.channels.length > 1) return 'none';
  if (current.issuedUnits * 2 < current.chainUnits) return 'none';
  const register = current.openedRegisterUnits + current.chainUnits;
  const known = m.ahead;
  if (known === undefined || known.number !== m.book.nextChannel || known.openedRegisterUnits !== register) {
    m.ahead = newChannel(m.book.nextChannel, register, m.settings.config.chainUnits, 0);
    return 'more';
  }
  if (known.payload === '') {
    fixTerms(m, known);
    return 'more';
  }
  if (known.commitment !== '') return 'none';
  known.commitment = sealCommitment(m.sealer, known.number, known.payload);
  return signingMore(m);
}

/** One slice of the most urgent work. */
export function workOnce(m: Machine): Progress {
  for (const channel of m.book.channels) {
    const progress = workOnChannel(m, channel);
    if (progress !== 'none') return progress;
  }
  let progress = workOnLinks(m);
  if (progress === 'none') progress = workAhead(m);
  const update = m.update;
  if (progress !== 'none' || update === undefined || !workOnUpdate(update)) return progress;
  return update.due ? 'ready' : 'more';
}
