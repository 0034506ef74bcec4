// Whether the machine may be used now, and how much of a prepaid balance is left. In: the machine, and what the meter holds. Out: a reason to stop, or
// none. It is what a profile asks before it serves; it must never depend on the network: a board without a hub serves as far as it may.

import { MAX_SAFE } from '../shared/cbor.ts';
import { MAX_OPEN_CHANNELS } from './book.ts';
import { currentChannel } from './issue.ts';
import type { Machine } from './machine.ts';

/**
 * '' is none. `fault`: flash refuses. `hub`: a reject that needs the operator. `closed`: the board was asked to close. `limit`: too much waits for
 * receipts. `no-grant`: prepaid, and never granted anything. `empty`: the prepaid balance does not cover the units asked for.
 */
export type StopReason = '' | 'fault' | 'hub' | 'closed' | 'limit' | 'no-grant' | 'empty';

function isPrepaid(m: Machine): boolean {
  return m.book.ceilingUnits >= 0 || m.settings.config.prepaid === true;
}

/** What a prepaid board may still meter [W-30]; MAX_SAFE for a post-paid one. */
export function leftUnits(m: Machine, pendingUnits: number): number {
  if (!isPrepaid(m)) return MAX_SAFE;
  const left = m.book.ceilingUnits - m.book.registerUnits - pendingUnits;
  return left > 0 ? left : 0;
}

/** Little is left of what was granted: time to tell people. */
export function isLow(m: Machine, pendingUnits: number): boolean {
  if (m.book.ceilingUnits < 0) return false;
  const config = m.settings.config;
  const low = config.lowBalanceUnits;
  return leftUnits(m, pendingUnits) <= (low === undefined ? Math.floor(config.chainUnits / 20) : low);
}

/** Why `units` more may not be served now; the first reason that applies. */
export function stopReasonOf(m: Machine, pendingUnits: number, units: number): StopReason {
  if (m.faultReason !== '') return 'fault';
  if (m.stopReason !== '') return 'hub';
  if (m.closeAsked) return 'closed';
  if (m.book.channels.length >= MAX_OPEN_CHANNELS && currentChannel(m.book) === undefined) return 'limit';
  if (!isPrepaid(m)) return '';
  if (m.book.ceilingUnits < 0) return 'no-grant';
  return leftUnits(m, pendingUnits) < units ? 'empty' : '';
}
