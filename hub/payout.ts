// A payout's life, as a pure noun: prepared, sent, accepted, then settled or rejected; a settled one may be reversed. In: the state it is in, and what was said of
// it. Out: the states that follow, or why nothing does. Silence, doubt and a late word never move money: they are no outcome.

import type { Sha256 } from '../shared/bytes.ts';
import { toHex } from '../shared/bytes.ts';
import type { AccountId, HubId } from '../shared/identity.ts';
import type { Destination, Direction, Outcome, Payout, PayoutId, RailName } from './rails/rail.ts';

export const PAYOUT_STATES = ['prepared', 'sent', 'accepted', 'settled', 'rejected', 'reversed'] as const;
export type PayoutState = (typeof PAYOUT_STATES)[number];

/** What is new in the database when a payout is prepared. */
export interface NewPayout {
  readonly id: PayoutId;
  readonly batch: string;
  readonly rail: RailName;
  readonly direction: Direction;
  readonly account: AccountId;
  readonly currency: string;
  /** What the lines of its batch sum to for the account. */
  readonly grossMicros: number;
  /** What was below the smallest unit before, and what the replaced ones did not move. */
  readonly carriedMicros: number;
  readonly unitMicros: number;
  readonly amountMicros: number;
  readonly replaces: readonly PayoutId[];
}

export interface PayoutRow extends Omit<NewPayout, 'replaces'> {
  readonly state: PayoutState;
  readonly createdAtSeconds: number;
}

export function payoutIdOf(
  of: {
    readonly hub: HubId;
    readonly batch: string;
    readonly direction: Direction;
    readonly account: AccountId;
    readonly currency: string;
  },
  sha256: Sha256,
): PayoutId {
  const { hub, batch, direction, account, currency } = of;
  return toHex(sha256(`tallystick payout 1${hub}${batch}${direction} ${currency}${account}`).substring(0, 16)) as PayoutId;
}

/** Typed by people, or read in a counterpart's file. */
export function parsePayoutId(text: string): PayoutId | undefined {
  return /^[0-9a-f]{32}$/.test(text) ? (text as PayoutId) : undefined;
}

/** As a rail is told of it. */
export function payoutOf(row: PayoutRow, accountName: string, destination: Destination): Payout {
  const { id, batch, direction, currency, amountMicros, createdAtSeconds } = row;
  return { id, batch, direction, account: accountName, currency, amountMicros, destination, createdAtSeconds };
}

export type Step =
  /** The states to go through, in order. */
  | { readonly kind: 'goes'; readonly through: readonly PayoutState[] }
  /** It says what is known. */
  | { readonly kind: 'known' }
  /** It comes after the end, or goes back: worth a note, and nothing more. */
  | { readonly kind: 'late'; readonly why: string };

const KNOWN: Step = { kind: 'known' };
const goes = (...through: readonly PayoutState[]): Step => ({ kind: 'goes', through });
const late = (state: PayoutState, said: Outcome['kind']): Step => ({
  kind: 'late',
  why: `the payout is ${state}, and was said to be ${said}: nothing follows from that`,
});

/** What follows from an outcome. */
export function stepFrom(state: PayoutState, said: Outcome['kind']): Step {
  switch (state) {
    case 'prepared':
      return said === 'sent' ? goes('sent') : late(state, said);
    case 'sent':
      if (said === 'sent') return KNOWN;
      return said === 'reversed' ? goes('settled', 'reversed') : goes(said);
    case 'accepted':
      if (said === 'sent' || said === 'accepted') return KNOWN;
      return said === 'reversed' ? goes('settled', 'reversed') : goes(said);
    case 'settled':
      if (said === 'reversed') return goes('reversed');
      return said === 'rejected' ? late(state, said) : KNOWN;
    case 'rejected':
      return said === 'rejected' || said === 'sent' ? KNOWN : late(state, said);
    case 'reversed':
      return said === 'rejected' ? late(state, said) : KNOWN;
  }
}

/** Nothing more is to be done with it, unless it comes back. */
export function isOver(state: PayoutState): boolean {
  return state === 'settled' || state === 'rejected' || state === 'reversed';
}
