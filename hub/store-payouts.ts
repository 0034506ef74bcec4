// Payouts in the database: written once, moved forward, and everything that was said of them. In: payouts and outcomes. Out: payouts, by what is to be done with them. It
// never decides what follows from what was said; the schema refuses what may not.

import type { Database } from 'better-sqlite3';
import type { AccountId } from '../shared/identity.ts';
import { bytesOfHex, hexOf } from './blob.ts';
import type { NewPayout, PayoutRow, PayoutState } from './payout.ts';
import type { Direction, PayoutId, RailMemory, RailName } from './rails/rail.ts';
import type { Side } from './side.ts';
import type { UsageRows } from './store-usage.ts';
import { usageRows } from './store-usage.ts';

export interface PayoutEvent {
  /** An outcome's kind, or what the hub itself has done. */
  readonly said: string;
  /** The rail, the hub, or the operator's name. */
  readonly by: string;
  readonly atSeconds: number;
  readonly reference: string | undefined;
  readonly why: string | undefined;
  /** False: noted, and nothing followed from it. */
  readonly counts: boolean;
}

/** What an account's next payout carries in. */
export interface Carried {
  /** Below the smallest unit of the payout before. */
  readonly remainderMicros: number;
  /** Rejected or reversed, and not yet in another payout; the oldest first. */
  readonly lost: ReadonlyArray<{ readonly id: PayoutId; readonly amountMicros: number; readonly lostAtSeconds: number }>;
}

export interface PayoutRows extends UsageRows {
  add(payout: NewPayout, nowSeconds: number): void;
  move(id: PayoutId, from: PayoutState, to: PayoutState): void;
  note(id: PayoutId, event: PayoutEvent): void;
  eventsOf(id: PayoutId): PayoutEvent[];
  find(id: PayoutId): PayoutRow | undefined;
  ofBatch(batch: string): PayoutRow[];
  inState(state: PayoutState): PayoutRow[];
  ofRail(rail: RailName): PayoutRow[];
  /** Of one rail: under way, or settled and prepared between the two, or after one that was or books that began then: the clock may have stood years back when it was prepared. */
  watched(rail: RailName, sinceSeconds: number, nowSeconds: number): PayoutRow[];
  newest(limit: number): PayoutRow[];
  carried(side: Side): Carried;
  /** Sides with something lost that no later payout has taken up. */
  sidesWithLost(): Side[];
  /** The money of its lines has moved now, and of those that it carries and that had not moved; the batches that this concerns. */
  moved(id: PayoutId): string[];
  memoryOf(rail: RailName, atomically: <T>(write: () => T) => T): RailMemory;
}

interface RawPayout {
  payout: string;
  batch: string;
  rail: RailName;
  direction: Direction;
  account: string;
  currency: string;
  gross_micros: number;
  carried_micros: number;
  unit_micros: number;
  amount_micros: number;
  state: PayoutState;
  created_at_seconds: number;
}

interface RawEvent {
  said: string;
  said_by: string;
  said_at_seconds: number;
  reference: string | null;
  why: string | null;
  counts: number;
}

function rowOf(raw: RawPayout): PayoutRow {
  return {
    id: raw.payout as PayoutId,
    batch: raw.batch,
    rail: raw.rail,
    direction: raw.direction,
    account: bytesOfHex(raw.account) as AccountId,
    currency: raw.currency,
    grossMicros: raw.gross_micros,
    carriedMicros: raw.carried_micros,
    unitMicros: raw.unit_micros,
    amountMicros: raw.amount_micros,
    state: raw.state,
    createdAtSeconds: raw.created_at_seconds,
  };
}

export function payoutRows(db: Database): PayoutRows {
  return { ...writeRows(db), ...eventRows(db), ...readRows(db), ...carryRows(db), ...usageRows(db), memoryOf: memoryIn(db) };
}

function writeRows(db: Database): Pick<PayoutRows, 'add' | 'move'> {
  const carry = db.prepare('INSERT INTO payout_carries (payout, carried_into) VALUES (?, ?)');
  const add = db.prepare(
    `INSERT INTO payouts (payout, sequence, batch, rail, direction, account, currency, gross_micros, carried_micros, unit_micros, amount_micros, state,
       created_at_seconds)
     SELECT ?, coalesce(max(sequence), 0) + 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'prepared', ? FROM payouts`,
  );
  const move = db.prepare('UPDATE payouts SET state = ? WHERE payout = ? AND state = ?');
  return {
    add(payout, nowSeconds) {
      const { id, batch, rail, direction, account, currency } = payout;
      const { grossMicros, carriedMicros, unitMicros, amountMicros } = payout;
      for (const lost of payout.replaces) carry.run(lost, id);
      const sums = [grossMicros, carriedMicros, unitMicros, amountMicros];
      add.run(id, batch, rail, direction, hexOf(account), currency, ...sums, nowSeconds);
    },
    move(id, from, to) {
      const { changes } = move.run(to, id, from);
      if (changes !== 1) throw new Error(`expected payout ${id} to be ${from}, found it is not`);
    },
  };
}

function eventRows(db: Database): Pick<PayoutRows, 'note' | 'eventsOf'> {
  const add = db.prepare(
    `INSERT INTO payout_events (payout, number, said, said_by, said_at_seconds, reference, why, counts)
     SELECT ?, coalesce(max(number), 0) + 1, ?, ?, ?, ?, ?, ? FROM payout_events WHERE payout = ?`,
  );
  const all = db.prepare<[string], RawEvent>('SELECT * FROM payout_events WHERE payout = ? ORDER BY number');
  return {
    note(id, { said, by, atSeconds, reference, why, counts }) {
      add.run(id, said, by, atSeconds, reference ?? null, why ?? null, counts ? 1 : 0, id);
    },
    eventsOf: (id) =>
      all.all(id).map(({ said, said_by: by, said_at_seconds: atSeconds, reference, why, counts }) => {
        return { said, by, atSeconds, reference: reference ?? undefined, why: why ?? undefined, counts: counts === 1 };
      }),
  };
}

function readRows(db: Database): Pick<PayoutRows, 'find' | 'ofBatch' | 'inState' | 'ofRail' | 'watched' | 'newest'> {
  const find = db.prepare<[string], RawPayout>('SELECT * FROM payouts WHERE payout = ?');
  const ofBatch = db.prepare<[string], RawPayout>('SELECT * FROM payouts WHERE batch = ? ORDER BY sequence');
  const inState = db.prepare<[string], RawPayout>('SELECT * FROM payouts WHERE state = ? ORDER BY sequence');
  const ofRail = db.prepare<[string], RawPayout>('SELECT * FROM payouts WHERE rail = ? ORDER BY sequence');
  const watched = db.prepare<{ rail: string; sinceSeconds: number; nowSeconds: number }, RawPayout>(
    `SELECT * FROM payouts WHERE payout IN (
       SELECT payout FROM payouts WHERE rail = @rail AND state IN ('sent', 'accepted')
       UNION SELECT payout FROM payouts WHERE rail = @rail AND state = 'settled' AND created_at_seconds >= @sinceSeconds
       UNION SELECT payout FROM payouts WHERE rail = @rail AND state = 'settled' AND sequence > iif(
         (SELECT posted_at_seconds FROM entries WHERE entry = 1) BETWEEN @sinceSeconds AND @nowSeconds, 0,
         (SELECT min(sequence) FROM payouts
          WHERE rail = @rail AND state IN ('sent', 'accepted', 'settled', 'rejected', 'reversed')
            AND created_at_seconds BETWEEN @sinceSeconds AND @nowSeconds))
     ) ORDER BY sequence`,
  );
  const newest = db.prepare<[number], RawPayout>('SELECT * FROM payouts ORDER BY sequence DESC LIMIT ?');
  return {
    find(id) {
      const raw = find.get(id);
      return raw === undefined ? undefined : rowOf(raw);
    },
    ofBatch: (batch) => ofBatch.all(batch).map(rowOf),
    inState: (state) => inState.all(state).map(rowOf),
    ofRail: (rail) => ofRail.all(rail).map(rowOf),
    watched: (rail, sinceSeconds, nowSeconds) => watched.all({ rail, sinceSeconds, nowSeconds }).map(rowOf),
    newest: (limit) => newest.all(limit).map(rowOf),
  };
}

/** Rejected or reversed, and in no later payout. */
export const LOST = `state IN ('rejected', 'reversed') AND NOT EXISTS (SELECT 1 FROM payout_carries c WHERE c.payout = p.payout)`;

function carryRows(db: Database): Pick<PayoutRows, 'carried' | 'sidesWithLost' | 'moved'> {
  const remainder = db.prepare<[string, string, string], { micros: number }>(
    `SELECT gross_micros + carried_micros - amount_micros AS micros FROM payouts
     WHERE account = ? AND direction = ? AND currency = ? ORDER BY sequence DESC LIMIT 1`,
  );
  const lost = db.prepare<[string, string, string], { id: PayoutId; amountMicros: number; lostAtSeconds: number }>(
    `SELECT payout AS id, amount_micros AS amountMicros,
       (SELECT max(said_at_seconds) FROM payout_events e WHERE e.payout = p.payout AND counts = 1) AS lostAtSeconds
     FROM payouts p WHERE account = ? AND direction = ? AND currency = ? AND ${LOST} ORDER BY sequence`,
  );
  const sides = db.prepare<[], { account: string; direction: Direction; currency: string }>(
    `SELECT DISTINCT account, direction, currency FROM payouts p WHERE ${LOST} ORDER BY account, direction, currency`,
  );
  const markMoved = db.prepare<{ id: string }, { batch: string }>(
    `WITH RECURSIVE carried(payout) AS (
       SELECT @id UNION SELECT c.payout FROM payout_carries c JOIN carried ON c.carried_into = carried.payout
     )
     INSERT INTO payouts_moved (payout, moved_by)
     SELECT payout, @id FROM carried WHERE payout NOT IN (SELECT payout FROM payouts_moved)
     RETURNING (SELECT batch FROM payouts p WHERE p.payout = payouts_moved.payout) AS batch`,
  );
  return {
    carried({ account, direction, currency }) {
      const key = [hexOf(account), direction, currency] as const;
      return { remainderMicros: remainder.get(...key)?.micros ?? 0, lost: lost.all(...key) };
    },
    sidesWithLost: () => sides.all().map((side) => ({ ...side, account: bytesOfHex(side.account) as AccountId })),
    moved: (id) => [...new Set(markMoved.all({ id }).map(({ batch }) => batch))],
  };
}

function memoryIn(db: Database): PayoutRows['memoryOf'] {
  const get = db.prepare<[string, string], { value: string }>('SELECT value FROM rail_memory WHERE rail = ? AND key = ?');
  const put = db.prepare(
    'INSERT INTO rail_memory (rail, key, value) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
  );
  return (rail, atomically) => ({
    get: (key) => get.get(rail, key)?.value,
    put: (key, value) => atomically(() => void put.run(rail, key, value)),
  });
}
