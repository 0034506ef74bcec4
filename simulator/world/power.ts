// What each board may have lost: the bounds that are declared, kept per power cut and per damage to its flash. In: deliveries, cuts, damage. Out: bounds in the
// auditor's own records. A unit that was recorded is never lost by a cut; only what was delivered since the last beat may be.

import type { Auditor } from '../audit/auditor.ts';
import type { OwnDevice } from '../audit/own-books.ts';
import type { Clock } from './clock.ts';
import type { Station } from './station.ts';

export interface PowerBook {
  delivered(station: Station, units: number): void;
  off(station: Station): void;
  /** The firmware does not start: only flash that was damaged from outside excuses it. */
  dead(station: Station, why: string): void;
  /** Its flash is not what it wrote: everything that the hub has not accepted may be lost, or promised twice. */
  damaged(station: Station, how: 'corrupted' | 'rolled back' | 'copied'): void;
  /** Its flash is as it was when so much was delivered. */
  wentBack(station: Station, deliveredUnits: number): void;
  /** It runs beside the board that it is a copy of, which knows nothing of what it delivers. */
  doubled(twin: Station): void;
  /** Called when a board has lost its power. */
  onOff: (station: Station) => void;
  onDead: (station: Station) => void;
}

interface Recent {
  readonly atMs: number;
  readonly units: number;
}

/** A beat, and the time that a record takes. */
const RECORD_MS = 200;

export function powerBook({ clock, auditor }: { readonly clock: Clock; readonly auditor: Auditor }): PowerBook {
  const recent = new Map<Station, Recent[]>();
  const twins = new Set<Station>();
  const ownOf = (station: Station): OwnDevice => auditor.devices.get(station.config.device) as OwnDevice;

  const book: PowerBook = {
    delivered(station, units) {
      if (twins.has(station)) ownOf(station).forgottenUnits += units;
      const sinceMs = clock.nowMs - station.config.issueEveryMs - RECORD_MS;
      const list = recent.get(station) ?? [];
      if (list.length === 0) recent.set(station, list);
      let old = 0;
      while (old < list.length && (list[old] as Recent).atMs < sinceMs) old++;
      if (old > 0) list.splice(0, old);
      list.push({ atMs: clock.nowMs, units });
    },
    off(station) {
      const own = ownOf(station);
      const sinceMs = clock.nowMs - station.config.issueEveryMs - RECORD_MS;
      for (const one of recent.get(station) ?? []) if (one.atMs >= sinceMs) own.lossBoundUnits += one.units;
      own.lossBoundUnits++; // the one whose pulse was cut short
      if (own.marks.has('damaged')) atRisk(own);
      book.onOff(station);
    },
    dead(station, why) {
      const own = ownOf(station);
      if (!own.marks.has('corrupted')) auditor.broken('board-starts', `${own.label}: ${why}`);
      own.marks.add('damaged');
      atRisk(own);
      book.onDead(station);
    },
    damaged(station, how) {
      const own = ownOf(station);
      own.marks.add('damaged');
      if (how === 'corrupted') own.marks.add(how);
      atRisk(own);
    },
    wentBack(station, deliveredUnits) {
      const own = ownOf(station);
      own.forgottenUnits += own.deliveredUnits - deliveredUnits;
    },
    doubled: (twin) => void twins.add(twin),
    onOff: () => undefined,
    onDead: () => undefined,
  };
  return book;
}

/** What is delivered and not confirmed now. */
function atRisk(own: OwnDevice): void {
  let confirmedUnits = 0;
  for (const channel of own.channels.values()) confirmedUnits += channel.receiptedUnits;
  const units = Math.max(0, own.deliveredUnits - confirmedUnits);
  own.lossBoundUnits += units;
  own.overBoundUnits += units;
}
