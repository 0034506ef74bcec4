// A channel as the hub knows it: its terms, frozen by the commitment, and the cumulative counts that only grow. In: terms and proofs that were
// checked. Out: the noun that accept judges, the store keeps and evidence shows.

import type { Bytes } from '../shared/bytes.ts';
import type { Terms } from '../shared/commitment.ts';
import type { Link } from '../shared/payword.ts';
import type { Receipt } from '../shared/receipt.ts';
import type { Tariff } from '../shared/tariff.ts';
import type { Micros, Units } from '../shared/units.ts';
import type { Timed } from './segment.ts';

/** What the payer signed: kept, because it is the evidence. */
export interface Signed {
  readonly payload: Bytes;
  readonly signature: Bytes;
}

export interface Channel {
  readonly terms: Terms;
  readonly tariff: Tariff;
  readonly commitment: Signed;
  /** The maximum of all vouchers that were proven. */
  readonly acceptedUnits: Units;
  /** What `acceptedUnits` cost under the tariff. */
  readonly chargedMicros: Micros;
  /** The highest link that was proven, and its index; the anchor and 0 at the opening. */
  readonly link: Link;
  readonly linkUnits: Units;
  /** The highest signed voucher; `undefined` before the first. */
  readonly signed: Signed | undefined;
  readonly closed: boolean;
  /** Under prices that differ by time alone. */
  readonly timed: Timed | undefined;
}

export function receiptOf(channel: Channel): Receipt {
  return { kind: 'receipt', channel: channel.terms.channel, acceptedUnits: channel.acceptedUnits, closed: channel.closed };
}
