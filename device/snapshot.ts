// Where the board stands, for people and for the retained status. In: the machine, what the meter holds, and how the link is. Out: a state
// with its reason, and the figures. Looking changes nothing.

import { MAX_SAFE } from '../shared/cbor.ts';
import type { State } from '../shared/status.ts';
import type { Machine } from './machine.ts';
import { uncoveredUnits } from './machine.ts';
import type { StopReason } from './serving.ts';
import { isLow, leftUnits, stopReasonOf } from './serving.ts';

export interface Snapshot {
  readonly state: State;
  /** Why it does not serve, or what the operator should know though it does; else ''. */
  readonly reason: string;
  /** Why the machine may not be used now, '' while it may; being offline is no reason. */
  readonly whyNot: StopReason;
  /** Left of a prepaid balance; -1 on a post-paid board. */
  readonly balanceUnits: number;
  /** Little is left of it, or nothing. */
  readonly lowBalance: boolean;
  /** Metered in the board's whole life. */
  readonly registerUnits: number;
  /** The newest channel that is open; 0 when there is none. */
  readonly channel: number;
  readonly issuedUnits: number;
  /** Covered by a receipt, on the current channel. */
  readonly acceptedUnits: number;
  /** Metered, and not yet covered by a receipt: over all channels and the backlog. */
  readonly uncoveredUnits: number;
  readonly sentVouchers: number;
  readonly receipts: number;
  readonly rejects: number;
  /** `close` was asked, and every channel is closed by receipt. */
  readonly closed: boolean;
}

export interface Standing {
  readonly state: State;
  readonly reason: string;
}

export function isClosed(m: Machine, pendingUnits: number): boolean {
  return m.closeAsked && m.book.channels.length === 0 && m.book.backlogUnits + pendingUnits === 0;
}

/** The first that applies: fault, stopped, offline, serving. `offline` is why the link is down, '' while it is up. */
export function standingOf(m: Machine, pendingUnits: number, offline: string): Standing {
  const why = stopReasonOf(m, pendingUnits, 1);
  if (why === 'fault') return { state: 'fault', reason: m.faultReason };
  if (why !== '' && (why !== 'closed' || isClosed(m, pendingUnits))) {
    return { state: 'stopped', reason: why === 'hub' ? m.stopReason : why };
  }
  return offline === '' ? { state: 'serving', reason: m.notice } : { state: 'offline', reason: offline };
}

export function newestNumber(m: Machine): number {
  const newest = m.book.channels[m.book.channels.length - 1];
  return newest === undefined ? 0 : newest.number;
}

export function snapshotOf(m: Machine, pendingUnits: number, offline: string): Snapshot {
  const newest = m.book.channels[m.book.channels.length - 1];
  const standing = standingOf(m, pendingUnits, offline);
  const left = leftUnits(m, pendingUnits);
  return {
    state: standing.state,
    reason: standing.reason,
    whyNot: stopReasonOf(m, pendingUnits, 1),
    balanceUnits: left === MAX_SAFE ? -1 : left,
    lowBalance: isLow(m, pendingUnits),
    registerUnits: m.book.registerUnits + pendingUnits,
    channel: newestNumber(m),
    issuedUnits: newest === undefined ? 0 : newest.issuedUnits,
    acceptedUnits: newest === undefined ? 0 : newest.acceptedUnits,
    uncoveredUnits: uncoveredUnits(m.book) + pendingUnits,
    sentVouchers: m.sentVouchers,
    receipts: m.receipts,
    rejects: m.rejects,
    closed: isClosed(m, pendingUnits),
  };
}
