// The judge: one pure function. In: a decoded message, what the hub knows of its device and channel, and the means to check proofs. Out: accepted with the
// channel as it then is, or duplicate, or rejected with the first reason of the closed list that applies. Checks run in that list's order,
// cheap before dear, proofs last [W-18]. It must never look at a clock, a database or a connection.
//
// A channel's state is a maximum, so the order of a payer's vouchers does not matter:
// - units at or below what is accepted change nothing and are duplicates, proof unseen, because nothing is granted for them;
// - a closing voucher closes the channel at max(accepted, its units). A payer that keeps its word closes at or above all it has promised. If it
//   closes lower, its own higher promise stands; if it promises more after closing, that is refused. Either way no count falls.

import type { Bytes, Sha256 } from '../shared/bytes.ts';
import { chargeOf, isTimed, mostOf, NO_SEGMENTS } from '../shared/charge.ts';
import type { Commitment } from '../shared/commitment.ts';
import type { Context, Purpose } from '../shared/cose.ts';
import { PURPOSE_COMMITMENT, PURPOSE_VOUCHER, signedBytes } from '../shared/cose.ts';
import type { AccountId, TariffId } from '../shared/identity.ts';
import { chainSalt, linkReaches } from '../shared/payword.ts';
import type { Receipt } from '../shared/receipt.ts';
import type { Reason } from '../shared/reject.ts';
import type { Tariff } from '../shared/tariff.ts';
import type { Micros, Units } from '../shared/units.ts';
import { MAX_GAP_UNITS } from '../shared/units.ts';
import type { Uplink } from '../shared/uplink.ts';
import type { PaywordVoucher, SignedVoucher, Voucher } from '../shared/voucher.ts';
import type { Channel, Signed } from './channel.ts';
import { receiptOf } from './channel.ts';
import type { InForce } from './segment.ts';
import { grownTo } from './segment.ts';

/** What the hub knows when the message is judged. */
export interface View {
  readonly context: Context;
  readonly standing: 'enrolled' | 'revoked' | 'unknown';
  /** The device has used up its allowance for failed tries. */
  readonly spent: boolean;
  /** The channel that the message names, if it is open or was. */
  readonly channel: Channel | undefined;
  /** The lowest number under which the device may open a channel. */
  readonly nextChannel: number;
  /** The most that one of the device's channels may owe. */
  readonly creditMicros: number;
  readonly nowSeconds: number;
}

/** True if `signature` is the device's own over `message`. */
export type Verify = (message: Bytes, signature: Bytes) => boolean;

export interface Judges {
  readonly sha256: Sha256;
  readonly verify: Verify;
  tariffOf(id: TariffId): Tariff | undefined;
  knowsPayee(account: AccountId): boolean;
  /** Of a tariff whose prices differ by time. */
  readonly inForce: InForce;
}

/** What is to be written: a channel newly opened, or one whose counts grew. */
export interface Change {
  readonly kind: 'opened' | 'advanced';
  readonly channel: Channel;
}

export type Verdict =
  | { readonly kind: 'accepted'; readonly change: Change }
  | { readonly kind: 'duplicate'; readonly receipt: Receipt }
  | { readonly kind: 'rejected'; readonly reason: Reason };

const BILLED: readonly Reason[] = ['malformed', 'gap-exceeded', 'bad-payword', 'bad-signature', 'conflicting-channel'];

/** True if a refusal for this reason cost the hub work that an honest device never causes. */
export function isBilled(reason: Reason): boolean {
  return BILLED.includes(reason);
}

export function accept(view: View, message: Uplink, judges: Judges): Verdict {
  if (message.kind === 'malformed') return rejected('malformed');
  if (view.standing === 'unknown') return rejected('unknown-device');
  if (view.standing === 'revoked') return rejected('revoked-device');
  if (view.spent) return rejected('rate-limited');
  if (message.kind === 'commitment') return acceptCommitment(view, message, judges);
  return acceptVoucher(view, message, judges);
}

function acceptCommitment(view: View, message: Commitment, judges: Judges): Verdict {
  const { terms } = message;
  const known = view.channel;
  if (known?.commitment.payload === message.payload) return duplicate(known);
  if (known === undefined && terms.channel < view.nextChannel) return rejected('stale-channel');
  if (!judges.knowsPayee(terms.payee)) return rejected('unknown-payee');
  const tariff = judges.tariffOf(terms.tariff);
  if (tariff === undefined) return rejected('unknown-tariff');
  // By the hub's clock: a board has none that money could depend on.
  if (view.nowSeconds < tariff.validFromSeconds || view.nowSeconds >= tariff.validUntilSeconds) return rejected('expired-tariff');
  const limitMicros = mostOf(tariff, terms.limitUnits);
  if (limitMicros === undefined || limitMicros > view.creditMicros) return rejected('excessive-limit');
  if (!isSigned(view, PURPOSE_COMMITMENT, message, judges)) return rejected('bad-signature');
  if (known !== undefined) return rejected('conflicting-channel');
  return { kind: 'accepted', change: { kind: 'opened', channel: openedBy(message, tariff, view.nowSeconds) } };
}

function openedBy({ terms, payload, signature }: Commitment, tariff: Tariff, nowSeconds: number): Channel {
  return {
    terms,
    tariff,
    commitment: { payload, signature },
    acceptedUnits: 0 as Units,
    chargedMicros: 0 as Micros,
    link: terms.anchor,
    linkUnits: 0 as Units,
    signed: undefined,
    closed: false,
    timed: isTimed(tariff) ? { openedAtSeconds: nowSeconds, segments: [] } : undefined,
  };
}

function acceptVoucher(view: View, message: Voucher, judges: Judges): Verdict {
  const { channel } = view;
  if (channel === undefined) return rejected(message.channel < view.nextChannel ? 'stale-channel' : 'unknown-channel');
  if (channel.closed && message.units > channel.acceptedUnits) return rejected('channel-closed');
  if (message.units > channel.terms.limitUnits) return rejected('limit-exceeded');
  return message.kind === 'payword'
    ? acceptPayword(view, channel, message, judges)
    : acceptSigned(view, channel, message, judges);
}

function acceptPayword(view: View, channel: Channel, message: PaywordVoucher, judges: Judges): Verdict {
  if (message.units > channel.terms.chainUnits) return rejected('chain-exceeded');
  if (message.units <= channel.acceptedUnits) {
    // The one link that the hub knows of: another one in its place is a fault worth showing.
    const contradicts = message.units === channel.linkUnits && message.link !== channel.link;
    return contradicts ? rejected('bad-payword') : duplicate(channel);
  }
  // From the last proven link, not from what is accepted: a signed voucher may have passed it. [W-16]
  if (message.units - channel.linkUnits > MAX_GAP_UNITS) return rejected('gap-exceeded');
  const salt = chainSalt(view.context.device, channel.terms.channel);
  const isProven = linkReaches(salt, message.link, message.units, channel.link, channel.linkUnits, judges.sha256);
  if (!isProven) return rejected('bad-payword');
  return advanced({ ...raised(view, channel, message.units, judges), link: message.link, linkUnits: message.units });
}

function acceptSigned(view: View, channel: Channel, message: SignedVoucher, judges: Judges): Verdict {
  const closes = message.closing && !channel.closed;
  if (message.units <= channel.acceptedUnits && !closes) return duplicate(channel);
  if (!isSigned(view, PURPOSE_VOUCHER, message, judges)) return rejected('bad-signature');
  // A closing voucher below what was accepted proves less than is known already: it closes, and is not kept as the proof.
  const isHighest = message.units >= channel.acceptedUnits;
  const signed = isHighest ? { payload: message.payload, signature: message.signature } : channel.signed;
  return advanced({ ...raised(view, channel, message.units, judges), signed, closed: channel.closed || message.closing });
}

/** The channel with its units at the maximum, and charged for them. */
function raised({ nowSeconds }: View, channel: Channel, units: Units, { inForce }: Judges): Channel {
  if (units <= channel.acceptedUnits) return channel;
  const { tariff } = channel;
  const isByTime = tariff.kind === 'rich' && channel.timed !== undefined;
  const timed = isByTime ? grownTo(units, channel.timed, tariff, nowSeconds, inForce) : undefined;
  const chargedMicros = chargeOf(tariff, timed?.segments ?? NO_SEGMENTS, units);
  if (chargedMicros === undefined)
    throw new Error(`channel ${channel.terms.channel}: ${units} units within the limit have no amount`);
  return { ...channel, acceptedUnits: units, chargedMicros, timed };
}

function isSigned(view: View, purpose: Purpose, { payload, signature }: Signed, judges: Judges): boolean {
  const message: Bytes = signedBytes(purpose, view.context, payload);
  return judges.verify(message, signature);
}

function advanced(channel: Channel): Verdict {
  return { kind: 'accepted', change: { kind: 'advanced', channel } };
}

function duplicate(channel: Channel): Verdict {
  return { kind: 'duplicate', receipt: receiptOf(channel) };
}

function rejected(reason: Reason): Verdict {
  return { kind: 'rejected', reason };
}
