// Retention: how long the hub keeps what the books do not rest on. In: kinds, and days for each. Out: what is kept how long, what has had its time, and how much of it is gone. It must never touch an
// entry, a channel, a batch or a payout: what money rests on has no kind here.

import { erasePerson, previewErasure } from './erasure.ts';
import { PersonRefused } from './person.ts';
import type { Store } from './store.ts';

export interface KindTerms {
  /** What goes, and what stays of it. */
  readonly what: string;
  /** `null`: for good. */
  readonly days: number | null;
  /** Fewer would take away what the hub still works with. */
  readonly leastDays: number;
}

/** As they are unless the operator has decided otherwise. */
const RETENTION_KINDS = {
  'refused-samples': { what: 'samples of refused messages; how many there were stays', days: 90, leastDays: 1 },
  replays: { what: 'what became of samples that were judged again', days: 30, leastDays: 1 },
  'sale-quarters': {
    what: "sales of each till by quarter hour; its days and the fleet's quarter hours stay",
    days: 400,
    leastDays: 2,
  },
  'revoked-presence': { what: 'what revoked devices last said of themselves', days: 30, leastDays: 1 },
  'firmware-reports': { what: 'what devices last said that they run, until they say it again', days: 365, leastDays: 1 },
  'rail-notes': {
    what: 'what rails noted of payouts that are over; the payouts and their history stay',
    days: null,
    leastDays: 180,
  },
  persons: {
    what: 'names and particulars of accounts with no device, no balance and no entry since: they are erased',
    days: null,
    leastDays: 30,
  },
} as const satisfies Readonly<Record<string, KindTerms>>;

export type RetentionKind = keyof typeof RETENTION_KINDS;

const KIND_NAMES = Object.keys(RETENTION_KINDS) as RetentionKind[];
const MOST_DAYS = 36_500;
const DAY_SECONDS = 86_400;

export interface Kept {
  readonly kind: RetentionKind;
  readonly what: string;
  readonly days: number | null;
  readonly isDefault: boolean;
}

/** One sentence. */
export class RetentionRefused extends Error {}

export function keptKinds(store: Store): Kept[] {
  const decided = store.retention.decided();
  return KIND_NAMES.map((kind) => {
    const { what, days }: KindTerms = RETENTION_KINDS[kind];
    const own = decided.get(kind);
    return { kind, what, days: own === undefined ? days : own, isDefault: own === undefined };
  });
}

/** `days`: a whole number, or `forever`. */
export function setRetention(store: Store, kind: string, days: string, nowSeconds: number): Kept {
  const name = KIND_NAMES.find((known) => known === kind);
  if (name === undefined) throw new RetentionRefused(`kind: expected one of ${KIND_NAMES.join(', ')}, got "${kind}"`);
  const { leastDays } = RETENTION_KINDS[name];
  const number = /^\d{1,5}$/.test(days) ? Number(days) : Number.NaN;
  if (days !== 'forever' && !(number >= leastDays && number <= MOST_DAYS)) {
    throw new RetentionRefused(`days: expected ${leastDays} to ${MOST_DAYS} for ${name}, or forever, got "${days}"`);
  }
  store.atomically(() => store.retention.decide(name, days === 'forever' ? null : number, nowSeconds));
  return keptKinds(store).find((kept) => kept.kind === name) as Kept;
}

export interface Spent {
  readonly kind: RetentionKind;
  /** Rows, or persons, that have had their time. */
  readonly rows: number;
  /** Persons that could not be erased, and why. */
  readonly refused?: readonly string[];
}

function cutoffOf(days: number, nowSeconds: number): number {
  return nowSeconds - days * DAY_SECONDS;
}

/** What would go; nothing is changed. */
export function spentRows(store: Store, nowSeconds: number): Spent[] {
  return keptKinds(store).map(({ kind, days }) => {
    if (days === null) return { kind, rows: 0 };
    const cutoff = cutoffOf(days, nowSeconds);
    return kind === 'persons'
      ? persons(store, cutoff, nowSeconds, previewErasure)
      : { kind, rows: store.retention.count(kind, cutoff) };
  });
}

/** So many at once, each time in a transaction of its own: a running hub waits for none of them long. */
const ROWS_AT_ONCE = 2000;

/** All that has had its time. */
export function applyRetention(store: Store, nowSeconds: number): Spent[] {
  return keptKinds(store).map(({ kind, days }) => {
    if (days === null) return { kind, rows: 0 };
    const cutoff = cutoffOf(days, nowSeconds);
    if (kind === 'persons') return persons(store, cutoff, nowSeconds, erasePerson);
    let rows = 0;
    for (let gone = ROWS_AT_ONCE; gone === ROWS_AT_ONCE; rows += gone)
      gone = store.atomically(() => store.retention.forget(kind, cutoff, ROWS_AT_ONCE));
    return { kind, rows };
  });
}

function persons(store: Store, cutoff: number, nowSeconds: number, erase: typeof erasePerson): Spent {
  const refused: string[] = [];
  let rows = 0;
  for (const name of store.retention.unusedPersons(cutoff)) {
    try {
      erase(store, name, { nowSeconds, keepBalance: false });
      rows++;
    } catch (error) {
      if (!(error instanceof PersonRefused)) throw error;
      refused.push(`${name}: ${error.message}`);
    }
  }
  return { kind: 'persons', rows, refused };
}

export interface Retention {
  /** Called once a second: once a day it begins, and then takes away a little at each call. */
  look(nowSeconds: number): void;
}

/** What the running hub does by itself. Persons are left to the command: their erasure writes the whole file anew. */
export function openRetention(store: Store): Retention {
  let day = -1;
  let waiting: Kept[] = [];
  return {
    look(nowSeconds) {
      const today = Math.floor(nowSeconds / DAY_SECONDS);
      if (today !== day) waiting = keptKinds(store).filter(({ kind, days }) => days !== null && kind !== 'persons');
      day = today;
      const [next] = waiting;
      if (next === undefined || next.days === null || next.kind === 'persons') return;
      const cutoff = cutoffOf(next.days, nowSeconds);
      const { kind } = next;
      if (store.retention.count(kind, cutoff) > 0) store.atomically(() => store.retention.forget(kind, cutoff, ROWS_AT_ONCE));
      else waiting = waiting.slice(1);
    },
  };
}
