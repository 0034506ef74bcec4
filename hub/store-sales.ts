// Sales in the database: what each till has sold in each quarter hour, and in each day. In: channels whose claims are being drawn. Out: sums, and walks over all rows. It must never
// be raised but in the transaction that claims: the sums are the same money, seen by time.

import type { Database } from 'better-sqlite3';
import type { AccountId, DeviceId, TariffId } from '../shared/identity.ts';
import type { Account } from './account.ts';
import { bytesOfHex, hexOf } from './blob.ts';
import { sumMicros } from './ledger.ts';
import type { Till } from './till.ts';
import { dayOf, QUARTERS_PER_DAY, quarterAt } from './till.ts';

/** Called for each row of sales, in the order of time; `by` is a till, or a clock. */
export type OnSale = (by: number, units: number, micros: number) => void;

export interface Sold {
  readonly units: number;
  readonly micros: number;
}

/** What channels have claimed, to hold sales against. */
export interface ClaimedTotal extends Sold {
  readonly device: DeviceId;
  readonly tariff: TariffId;
}

/** That a device opened a channel under a tariff. */
export interface Opening {
  readonly tariff: TariffId;
  readonly currency: string;
  readonly unit: string;
  readonly openedAtSeconds: number;
}

export interface SaleRows {
  /** Within the transaction that draws the claims of these channels, before it has. */
  raise(accounts: readonly Account[]): void;
  tills(): Till[];
  /** The first quarter hour that is still kept; before it there are only days. */
  floorQuarter(): number;
  /** From the first quarter hour in which something was sold to behind the last, as far as days tell; `undefined` before the first sale. */
  soldWithin(): { readonly fromQuarter: number; readonly untilQuarter: number } | undefined;
  /** Every row in `from <= quarter < until`; after each quarter hour, which. */
  walkQuarters(from: number, until: number, onSale: OnSale, afterQuarter?: (quarter: number) => void): void;
  walkDays(from: number, until: number, onSale: OnSale, afterDay?: (day: number) => void): void;
  /** The same sums by quarter hour and clock, which are few, and kept for good. */
  walkClocks(from: number, until: number, onSale: OnSale, afterQuarter?: (quarter: number) => void): void;
  claimedTotals(): ClaimedTotal[];
  /** In the order of the channels' numbers. */
  openingsOf(device: DeviceId): Opening[];
}

interface RawTill {
  till: number;
  device: string;
  label: string;
  payer: string;
  payee: string;
  tariff: string;
  currency: string;
  unit: string;
  site: string | null;
  product: string | null;
  zone: string | null;
  clock: number;
  clockZone: string;
}

export function saleRows(db: Database): SaleRows {
  return { ...raisedRows(db), ...tillRows(db), ...walkedRows(db), ...flooredRows(db) };
}

/** What one drawing adds to one quarter hour of one clock. */
interface ClockRaise {
  readonly quarter: number;
  readonly clock: number;
  units: number;
  micros: number;
}

function raisedRows(db: Database): Pick<SaleRows, 'raise'> {
  const tillOf = tillOpener(db);
  const raiseIn = (table: string, at: string, by: string): string =>
    `INSERT INTO ${table} (${at}, ${by}, units, micros) VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET units = units + excluded.units, micros = micros + excluded.micros`;
  const raiseQuarter = db.prepare(raiseIn('sales', 'quarter', 'till'));
  const raiseDay = db.prepare(raiseIn('sale_days', 'day', 'till'));
  const raiseClock = db.prepare(raiseIn('sale_clocks', 'quarter', 'clock'));
  return {
    raise(accounts) {
      const clocks = new Map<string, ClockRaise>();
      for (const account of accounts) {
        const units = account.acceptedUnits - account.claimedUnits;
        const micros = account.chargedMicros - account.claimedMicros;
        if (units === 0 && micros === 0) continue;
        const [till, clock] = tillOf(account);
        const quarter = quarterAt(account.changedAtSeconds);
        raiseQuarter.run(quarter, till, units, micros);
        raiseDay.run(dayOf(quarter), till, units, micros);
        const key = `${quarter} ${clock}`;
        const raised = clocks.get(key) ?? { quarter, clock, units: 0, micros: 0 };
        clocks.set(key, raised);
        raised.units += units;
        raised.micros = sumMicros([raised.micros, micros]);
      }
      for (const { quarter, clock, units, micros } of clocks.values()) raiseClock.run(quarter, clock, units, micros);
    },
  };
}

type TillAndClock = [till: number, clock: number];

/** The till of a channel at the place where its device is now; opened if it is the first sale there. */
function tillOpener(db: Database): (account: Account) => TillAndClock {
  const stay = 'coalesce((SELECT max(stay) FROM places WHERE device = ?), 1)';
  const find = db
    .prepare<string[], TillAndClock>(
      `SELECT till, clock FROM tills WHERE device = ? AND stay = ${stay} AND payer = ? AND payee = ? AND tariff = ?`,
    )
    .raw();
  const zone = "coalesce((SELECT zone FROM places WHERE device = ? ORDER BY stay DESC, version DESC LIMIT 1), '')";
  const addClock = db.prepare(
    `INSERT INTO clocks (currency, unit, zone) SELECT currency, unit, ${zone} FROM tariffs WHERE tariff = ? ON CONFLICT DO NOTHING`,
  );
  const add = db
    .prepare<string[], TillAndClock>(
      `INSERT INTO tills (device, stay, payer, payee, tariff, clock) VALUES (?, ${stay}, ?, ?, ?,
         (SELECT clock FROM tariffs JOIN clocks USING (currency, unit) WHERE tariff = ? AND zone = ${zone})) RETURNING till, clock`,
    )
    .raw();
  return ({ device, payer, payee, tariffId }) => {
    const tariff = hexOf(tariffId);
    const key = [device, device, hexOf(payer), hexOf(payee), tariff];
    const known = find.get(...key);
    if (known !== undefined) return known;
    addClock.run(device, tariff);
    return add.get(...key, tariff, device) as TillAndClock;
  };
}

function tillRows(db: Database): Pick<SaleRows, 'tills' | 'claimedTotals' | 'openingsOf'> {
  const tills = db.prepare<[], RawTill>(
    `SELECT till, t.device, label, t.payer, t.payee, t.tariff, currency, unit, site, product, p.zone, clock, c.zone AS clockZone
     FROM tills AS t JOIN devices USING (device) JOIN clocks AS c USING (clock)
     LEFT JOIN places AS p ON p.device = t.device AND p.stay = t.stay
       AND p.version = (SELECT max(version) FROM places WHERE device = t.device AND stay = t.stay)
     ORDER BY till`,
  );
  const claimed = db.prepare<[], Sold & { device: DeviceId; tariff: string }>(
    `SELECT device, tariff, sum(claimed_units) AS units, sum(claimed_micros) AS micros FROM channels
     GROUP BY device, tariff HAVING units > 0 OR micros > 0`,
  );
  const openings = db.prepare<[string], Omit<Opening, 'tariff'> & { tariff: string }>(
    `SELECT tariff, currency, unit, opened_at_seconds AS openedAtSeconds
     FROM commitments JOIN channels USING (device, number) JOIN tariffs USING (tariff) WHERE device = ? ORDER BY number`,
  );
  return {
    openingsOf: (device) => openings.all(device).map((row) => ({ ...row, tariff: bytesOfHex(row.tariff) as TariffId })),
    tills: () => tills.all().map(tillOf),
    claimedTotals: () => claimed.all().map((row) => ({ ...row, tariff: bytesOfHex(row.tariff) as TariffId })),
  };
}

function tillOf(raw: RawTill): Till {
  const { till, label, currency, unit, site, product, zone, clock } = raw;
  return {
    till,
    clock,
    clockZone: raw.clockZone === '' ? null : raw.clockZone,
    label,
    currency,
    unit,
    device: raw.device as DeviceId,
    payer: bytesOfHex(raw.payer) as AccountId,
    payee: bytesOfHex(raw.payee) as AccountId,
    tariff: bytesOfHex(raw.tariff) as TariffId,
    place: { site, product, zone },
  };
}

type Walk = (from: number, until: number, onSale: OnSale, after?: (at: number) => void) => void;

/**
 * Rows by the million reach JavaScript through an aggregate function, which costs a third of reading them as rows; and grouped by what the table is ordered by, nothing
 * is sorted. A sum of all of them, by whatever the caller likes, is made in one pass.
 */
function walkedRows(db: Database): Pick<SaleRows, 'walkQuarters' | 'walkDays' | 'walkClocks' | 'soldWithin'> {
  let walker: OnSale = () => undefined;
  // The types know of one argument; the library counts those of the function itself.
  const step = (state: number, till: number, units: number, micros: number): number => {
    walker(till, units, micros);
    return state;
  };
  db.aggregate('each_sale', { start: 0, step: step as (state: number, next: number) => number, directOnly: true });
  const walkOf = (table: string, at: string, by: string): Walk => {
    const rows = db
      .prepare<[number, number], [number, number]>(
        `SELECT ${at}, each_sale(${by}, units, micros) FROM ${table} WHERE ${at} >= ? AND ${at} < ? GROUP BY ${at}`,
      )
      .raw();
    return (from, until, onSale, after) => {
      walker = onSale;
      for (const [moment] of rows.iterate(from, until)) after?.(moment);
    };
  };
  const days = db.prepare<[], { first: number | null; last: number | null }>(
    'SELECT (SELECT min(day) FROM sale_days) AS first, (SELECT max(day) FROM sale_days) AS last',
  );
  return {
    walkQuarters: walkOf('sales', 'quarter', 'till'),
    walkDays: walkOf('sale_days', 'day', 'till'),
    walkClocks: walkOf('sale_clocks', 'quarter', 'clock'),
    soldWithin() {
      const { first = null, last = null } = days.get() ?? {};
      return first === null || last === null
        ? undefined
        : { fromQuarter: first * QUARTERS_PER_DAY, untilQuarter: (last + 1) * QUARTERS_PER_DAY };
    },
  };
}

function flooredRows(db: Database): Pick<SaleRows, 'floorQuarter'> {
  const floor = db.prepare<[], number>('SELECT quarter FROM sale_floor').pluck();
  return { floorQuarter: () => floor.get() ?? 0 };
}
