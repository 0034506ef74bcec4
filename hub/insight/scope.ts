// What is asked about: a stretch of time, and the tills that count. In: a question that was checked. Out: quarter hours of UTC, tills, and what the asker has to know about the answer. It
// must never let an answer look finer than what is kept.

import type { AccountId } from '../../shared/identity.ts';
import type { Store } from '../store.ts';
import type { Till } from '../till.ts';
import { QUARTER_SECONDS, QUARTERS_PER_DAY } from '../till.ts';
import type { Zone } from '../zone.ts';
import { zoneNamed } from '../zone.ts';
import type { Question } from './question.ts';

export interface Scope {
  readonly tills: readonly Till[];
  /** For every till that is stored, by its number: whether it counts. */
  readonly counts: Uint8Array;
  readonly fromQuarter: number;
  readonly untilQuarter: number;
  /** Before it only whole days of UTC are kept. */
  readonly floorQuarter: number;
  /** Whether the fleet's own sums by clock answer the question: nothing narrower is asked for, and no till's zone was corrected since it was opened. */
  readonly isOfFleet: boolean;
  /** In which the question's times are read. */
  readonly zone: Zone;
  /** By whose clock a till's hours and days are counted. */
  zoneOf(till: Till): Zone;
  readonly accountNameOf: (account: AccountId) => string;
  readonly notes: readonly string[];
}

const UTC = 'UTC';

export function scopeOf(store: Store, question: Question): Scope {
  const all = store.sales.tills();
  const accountNameOf = namesIn(store);
  const tills = all.filter((till) => isAskedFor(question, till, accountNameOf));
  const counts = new Uint8Array((all.at(-1)?.till ?? 0) + 1);
  for (const { till } of tills) counts[till] = 1;
  const zones = [...new Set(all.map(({ place }) => place.zone).filter((zone) => zone !== null))];
  const zone = zoneNamed(question.zone ?? (zones.length === 1 ? (zones[0] as string) : UTC));
  const isEachOwn = question.zone === undefined && zones.length > 1;
  const floorQuarter = store.sales.floorQuarter();
  const range = rangeOf(store, question, zone, floorQuarter);
  return {
    tills,
    counts,
    ...range,
    floorQuarter,
    isOfFleet: isOfFleet(question, tills, isEachOwn),
    zone,
    zoneOf: ({ place }) => (isEachOwn && place.zone !== null ? zoneNamed(place.zone) : zone),
    accountNameOf,
    notes: [
      ...(isEachOwn ? [`hours and days are those of each site's own zone; --from and --to are ${zone.name}`] : []),
      ...range.notes,
    ],
  };
}

function isAskedFor(question: Question, till: Till, accountNameOf: (account: AccountId) => string): boolean {
  const { currency, site, product, payee } = question;
  if (currency !== undefined && till.currency !== currency) return false;
  if (site !== undefined && till.place.site !== site) return false;
  if (product !== undefined && till.place.product !== product) return false;
  return payee === undefined || accountNameOf(till.payee) === payee;
}

function isOfFleet({ site, product, payee }: Question, tills: readonly Till[], isEachOwn: boolean): boolean {
  if (site !== undefined || product !== undefined || payee !== undefined) return false;
  return !isEachOwn || tills.every(({ place, clockZone }) => place.zone === clockZone);
}

interface Range {
  readonly fromQuarter: number;
  readonly untilQuarter: number;
  readonly notes: readonly string[];
}

/** No wider than what was sold; and where only days are left, whole days. */
function rangeOf(store: Store, { from, until }: Question, zone: Zone, floor: number): Range {
  const sold = store.sales.soldWithin() ?? { fromQuarter: 0, untilQuarter: 0 };
  const askedFrom = from === undefined ? sold.fromQuarter : Math.max(sold.fromQuarter, zone.utcOf(from.quarter));
  const askedUntil = until === undefined ? sold.untilQuarter : Math.min(sold.untilQuarter, zone.utcOf(until.quarter));
  const fromQuarter = askedFrom < floor ? Math.floor(askedFrom / QUARTERS_PER_DAY) * QUARTERS_PER_DAY : askedFrom;
  const untilQuarter = askedUntil < floor ? Math.ceil(askedUntil / QUARTERS_PER_DAY) * QUARTERS_PER_DAY : askedUntil;
  const isRounded = fromQuarter !== askedFrom || untilQuarter !== askedUntil;
  const notes = isRounded ? [`before ${timeText(floor)} only whole days of UTC are kept: the range was widened to them`] : [];
  return { fromQuarter, untilQuarter: Math.max(fromQuarter, untilQuarter), notes };
}

/** A quarter hour of UTC as ISO 8601. */
export function timeText(quarter: number): string {
  return new Date(quarter * QUARTER_SECONDS * 1000).toISOString().replace(':00.000Z', 'Z');
}

/** The names of accounts, each read once. An erased person's is a pseudonym: names are read where they are kept, and nowhere copied. */
function namesIn(store: Store): (account: AccountId) => string {
  const names = new Map<AccountId, string>();
  return (account) => {
    const name = names.get(account) ?? store.devices.accountName(account) ?? '';
    names.set(account, name);
    return name;
  };
}
