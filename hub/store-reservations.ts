// Reservations in the database: what each open channel of a bounded payer may still cost, and what released ones have cost. In: channels that open, close, or are
// released. Out: the sums that a commitment is judged by. A reservation is released once, and never deleted.

import type { Database } from 'better-sqlite3';
import type { AccountId, DeviceId } from '../shared/identity.ts';
import type { ChannelNumber } from '../shared/units.ts';
import { bytesOfHex, hexOf } from './blob.ts';

export type ReleasedBy = 'closing' | 'limit' | 'operator';

/** What opening a channel holds back. */
export interface Reservation {
  readonly device: DeviceId;
  readonly number: ChannelNumber;
  readonly account: AccountId;
  readonly payee: AccountId;
  readonly currency: string;
  /** The price of its unit limit. */
  readonly limitMicros: number;
}

export interface ReservationRow extends Reservation {
  /** The limit, and once released what was charged. */
  readonly countedMicros: number;
  readonly openedAtSeconds: number;
  readonly releasedBy: ReleasedBy | undefined;
}

/** Which reservations count against a budget; `untilSeconds` is the first second that does not. */
export interface Counted {
  readonly account: AccountId;
  readonly currency: string;
  readonly device?: DeviceId;
  readonly payee?: AccountId;
  readonly fromSeconds: number;
  readonly untilSeconds: number;
}

/** A release that the operator has asked for. */
export interface AskedRelease {
  readonly device: DeviceId;
  readonly number: ChannelNumber;
  readonly reason: string;
}

export interface ReservationRows {
  reserve(reservation: Reservation, openedAtSeconds: number): void;
  /** Nothing, if the channel has no reservation or it was released before. */
  release(device: DeviceId, number: ChannelNumber, by: ReleasedBy, chargedMicros: number, nowSeconds: number): void;
  /** What the account's channels may still add to what is claimed: limits of open ones, charges of released ones, less their claims. */
  outstandingMicros(account: AccountId, currency: string): number;
  /** What counts against a budget. */
  countedMicros(counted: Counted): number;
  find(device: DeviceId, number: ChannelNumber): ReservationRow | undefined;
  /** Not released yet. */
  openOf(account: AccountId): ReservationRow[];
  /** After a drawing: of the channels drawn those used up to their limit are released, and released ones whose charge is claimed count no more. */
  markDrawn(drawn: ReadonlyArray<{ readonly device: DeviceId; readonly number: ChannelNumber }>, nowSeconds: number): void;
  ask(release: AskedRelease, nowSeconds: number): void;
  asked(): AskedRelease[];
  done(release: AskedRelease, nowSeconds: number): void;
  releaseOf(device: DeviceId, number: ChannelNumber): { readonly reason: string; readonly done: boolean } | undefined;
}

interface RawRow {
  readonly device: DeviceId;
  readonly number: ChannelNumber;
  readonly account: string;
  readonly payee: string;
  readonly currency: string;
  readonly limitMicros: number;
  readonly countedMicros: number;
  readonly openedAtSeconds: number;
  readonly releasedBy: ReleasedBy | null;
}

const ROW = `SELECT device, number, account, payee, currency, limit_micros AS limitMicros, counted_micros AS countedMicros,
  opened_at_seconds AS openedAtSeconds, released_by AS releasedBy FROM reservations`;

function rowOf(raw: RawRow): ReservationRow {
  const { account, payee, releasedBy } = raw;
  const accounts = { account: bytesOfHex(account) as AccountId, payee: bytesOfHex(payee) as AccountId };
  return { ...raw, ...accounts, releasedBy: releasedBy ?? undefined };
}

export function reservationRows(db: Database): ReservationRows {
  return { ...heldRows(db), ...sumRows(db), ...askedRows(db) };
}

function heldRows(db: Database): Pick<ReservationRows, 'reserve' | 'release' | 'find' | 'openOf' | 'markDrawn'> {
  const reserve = db.prepare(
    `INSERT INTO reservations (device, number, account, payee, currency, limit_micros, counted_micros, opened_at_seconds)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const release = db.prepare(
    `UPDATE reservations SET counted_micros = ?, released_by = ?, released_at_seconds = ?
     WHERE device = ? AND number = ? AND released_by IS NULL`,
  );
  const find = db.prepare<[string, number], RawRow>(`${ROW} WHERE device = ? AND number = ?`);
  const open = db.prepare<[string], RawRow>(
    `${ROW} WHERE account = ? AND drawn = 0 AND released_by IS NULL ORDER BY opened_at_seconds, device, number`,
  );
  const usedUp = db.prepare(
    `UPDATE reservations SET counted_micros = c.charged_micros, released_by = 'limit', released_at_seconds = ? FROM channels AS c
     WHERE reservations.device = ? AND reservations.number = ? AND released_by IS NULL AND c.device = reservations.device
       AND c.number = reservations.number AND c.accepted_units = c.limit_units`,
  );
  const undrawn = db.prepare<[], { one: 1 }>('SELECT 1 AS one FROM reservations WHERE drawn = 0 LIMIT 1');
  const drawn = db.prepare(
    `UPDATE reservations SET drawn = 1 WHERE drawn = 0 AND released_by IS NOT NULL
       AND counted_micros = (SELECT claimed_micros FROM channels c WHERE c.device = reservations.device AND c.number = reservations.number)`,
  );
  return {
    reserve({ device, number, account, payee, currency, limitMicros }, openedAtSeconds) {
      reserve.run(device, number, hexOf(account), hexOf(payee), currency, limitMicros, limitMicros, openedAtSeconds);
    },
    release: (device, number, by, chargedMicros, nowSeconds) => void release.run(chargedMicros, by, nowSeconds, device, number),
    find(device, number) {
      const raw = find.get(device, number);
      return raw === undefined ? undefined : rowOf(raw);
    },
    openOf: (account) => open.all(hexOf(account)).map(rowOf),
    markDrawn(channels, nowSeconds) {
      if (undrawn.get() === undefined) return;
      for (const { device, number } of channels) usedUp.run(nowSeconds, device, number);
      drawn.run();
    },
  };
}

function sumRows(db: Database): Pick<ReservationRows, 'outstandingMicros' | 'countedMicros'> {
  const outstanding = db.prepare<[string, string], { micros: number | null }>(
    `SELECT sum(counted_micros - claimed_micros) AS micros FROM reservations r JOIN channels USING (device, number)
     WHERE r.account = ? AND r.drawn = 0 AND r.currency = ?`,
  );
  const counted = db.prepare<[string, string, number, number, string, string, string, string], { micros: number | null }>(
    `SELECT sum(counted_micros) AS micros FROM reservations
     WHERE account = ? AND currency = ? AND opened_at_seconds >= ? AND opened_at_seconds < ? AND (? = '' OR device = ?) AND (? = '' OR payee = ?)`,
  );
  return {
    outstandingMicros: (account, currency) => outstanding.get(hexOf(account), currency)?.micros ?? 0,
    countedMicros({ account, currency, device = '', payee, fromSeconds, untilSeconds }) {
      const payeeHex = payee === undefined ? '' : hexOf(payee);
      const scope = [device, device, payeeHex, payeeHex] as const;
      return counted.get(hexOf(account), currency, fromSeconds, untilSeconds, ...scope)?.micros ?? 0;
    },
  };
}

function askedRows(db: Database): Pick<ReservationRows, 'ask' | 'asked' | 'done' | 'releaseOf'> {
  const ask = db.prepare(
    'INSERT INTO releases (device, number, reason, asked_at_seconds) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
  );
  const asked = db.prepare<[], AskedRelease>(
    'SELECT device, number, reason FROM releases WHERE done_at_seconds IS NULL ORDER BY device, number',
  );
  const done = db.prepare('UPDATE releases SET done_at_seconds = ? WHERE device = ? AND number = ?');
  const find = db.prepare<[string, number], { reason: string; done: number }>(
    'SELECT reason, done_at_seconds IS NOT NULL AS done FROM releases WHERE device = ? AND number = ?',
  );
  return {
    ask: ({ device, number, reason }, nowSeconds) => void ask.run(device, number, reason, nowSeconds),
    asked: () => asked.all(),
    done: ({ device, number }, nowSeconds) => void done.run(nowSeconds, device, number),
    releaseOf(device, number) {
      const raw = find.get(device, number);
      return raw === undefined ? undefined : { reason: raw.reason, done: raw.done === 1 };
    },
  };
}
