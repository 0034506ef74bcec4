// How many messages since the hub started, by outcome. In: verdicts. Out: counts; vouchers and commitments apart. These are for people's
// eyes; the books never depend on them.

import type { Reason } from '../shared/reject.ts';
import type { Uplink } from '../shared/uplink.ts';
import type { Verdict } from './accept.ts';
import { noReasons } from './quarantine.ts';

export interface Counts {
  readonly accepted: number;
  readonly duplicate: number;
  readonly rejected: number;
  readonly byReason: Readonly<Record<Reason, number>>;
}

/** Vouchers, with what could not be read at all; and commitments. */
export interface Counters extends Counts {
  readonly commitments: Counts;
}

type Tally = { -readonly [K in keyof Counts]: Counts[K] } & { byReason: Record<Reason, number> };

export interface Counter {
  count(message: Uplink, verdict: Verdict): void;
  /** So many vouchers more. */
  add(accepted: number, duplicate: number): void;
  read(): Counters;
}

export function messageCounter(): Counter {
  const vouchers: Tally = { accepted: 0, duplicate: 0, rejected: 0, byReason: noReasons() };
  const commitments: Tally = { accepted: 0, duplicate: 0, rejected: 0, byReason: noReasons() };
  return {
    count(message, verdict) {
      const tally = message.kind === 'commitment' ? commitments : vouchers;
      tally[verdict.kind]++;
      if (verdict.kind === 'rejected') tally.byReason[verdict.reason]++;
    },
    add(accepted, duplicate) {
      vouchers.accepted += accepted;
      vouchers.duplicate += duplicate;
    },
    read: () => ({
      ...vouchers,
      byReason: { ...vouchers.byReason },
      commitments: { ...commitments, byReason: { ...commitments.byReason } },
    }),
  };
}
