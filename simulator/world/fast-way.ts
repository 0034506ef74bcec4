// The hub's fast way in virtual time: the shipped guests, lanes, groups and folding on the modelled disk. In: the rooms of one life of the hub. Out: its fast way, and a broker that shows publications to
// guests first. It must never judge anything itself.

import type { Counter } from '../../hub/counters.ts';
import type { Fast, FastOptions } from '../../hub/fast.ts';
import { openFast } from '../../hub/fast.ts';
import { GUARD_LIMITS } from '../../hub/guard.ts';
import type { GuestRooms } from '../../hub/guest.ts';
import { guestOf } from '../../hub/guest.ts';
import { TICK_MS } from '../../hub/pace.ts';
import { readStatus } from '../../shared/status.ts';
import type { BrokerRooms } from './broker.ts';
import type { Clock } from './clock.ts';
import type { HubParts } from './hub-parts.ts';
import type { JournalWatch, WatchedJournal } from './journal.ts';
import { watchedJournal } from './journal.ts';

export interface FastWay {
  readonly fast: Fast | undefined;
  readonly journal: WatchedJournal | undefined;
}

/** Of a life of the hub that has every voucher judged. */
export const NO_FAST_WAY: FastWay = { fast: undefined, journal: undefined };

export interface FastWayOptions {
  readonly parts: HubParts;
  readonly journal: Pick<JournalWatch, 'onDurable' | 'random'>;
  /** So many messages were taken by the hub's journal. */
  readonly onFastWay: (messages: number) => void;
  readonly onStep: (step: string) => void;
}

export function openFastWay(rooms: Omit<FastOptions, 'journal' | 'onEnd'>, options: FastWayOptions, onEnd: () => void): FastWay {
  const { parts, onStep, onFastWay } = options;
  const journal = watchedJournal(rooms.store.dataDir, { ...options.journal, onStep, turns: rooms.turns });
  const counter: Counter = {
    ...rooms.counter,
    add(accepted, covered) {
      onFastWay(accepted + covered);
      rooms.counter.add(accepted, covered);
    },
  };
  return { journal, fast: parts.fast(openFast, { ...rooms, counter, onEnd, journal: parts.journal(journal) }) };
}

type GuestNeeds = Pick<GuestRooms, 'root' | 'fast' | 'turns' | 'isCrowded'> & { readonly clock: Clock };

export function withGuests(rooms: BrokerRooms, { clock, ...needs }: GuestNeeds): BrokerRooms {
  const guestRooms: GuestRooms = {
    ...needs,
    clock: coarse(clock),
    messagesPerSecond: GUARD_LIMITS.messagesPerSecond,
    onUp: (connection, message, done) => rooms.onUp(connection, message, done),
    onStatus(device, message) {
      const status = readStatus(message);
      if (typeof status !== 'string') rooms.onStatus(device, status);
    },
  };
  return { ...rooms, guestOf: (device, front) => guestOf(front, device, guestRooms) };
}

/** In the entrance's ticks. */
function coarse(clock: Clock): { readonly tick: number } {
  return {
    get tick() {
      return Math.floor(clock.nowMs / TICK_MS);
    },
  };
}
