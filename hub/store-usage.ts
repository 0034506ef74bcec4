// What payouts are made of, in the database: the lost payouts that each carries, and what devices have used by the lines of a batch. In: payouts and batches. Out: rows. It writes nothing.

import type { Database } from 'better-sqlite3';
import type { AccountId, DeviceId } from '../shared/identity.ts';
import { bytesOfHex } from './blob.ts';
import type { PayoutId } from './rails/rail.ts';
import type { Side } from './side.ts';

/** A payout's own lines, or those of one that it carries: they are in that batch, on that side. */
export interface MadeOf extends Side {
  readonly batch: string;
}

/** What one device has used of one payee, in lines of one batch. */
export interface Usage {
  readonly device: DeviceId;
  /** The device's label, or its id where it has none. */
  readonly label: string;
  readonly payer: AccountId;
  readonly payee: AccountId;
  readonly payeeName: string;
  readonly currency: string;
  readonly unit: string;
  readonly units: number;
  readonly amountMicros: number;
}

export interface UsageRows {
  /** A payout itself and the lost ones that it carries, however far back; the oldest first. */
  madeOf(id: PayoutId): MadeOf[];
  /** What a batch's lines sum to by device, parties and unit: in one pass over them, and never held. */
  usageOf(batch: string): Iterable<Usage>;
}

type Raw<Row extends object> = { [Name in keyof Row]: Row[Name] extends AccountId ? string : Row[Name] };

export function usageRows(db: Database): UsageRows {
  const made = db.prepare<[string], Raw<MadeOf>>(
    `WITH RECURSIVE carried(payout) AS (
       SELECT ? UNION SELECT c.payout FROM payout_carries c JOIN carried ON c.carried_into = carried.payout
     )
     SELECT p.batch, p.account, p.direction, p.currency FROM carried JOIN payouts p USING (payout) ORDER BY p.sequence`,
  );
  const usage = db.prepare<[string], Raw<Usage>>(
    `SELECT l.device, CASE d.label WHEN '' THEN l.device ELSE d.label END AS label, l.payer, l.payee, a.name AS payeeName, l.currency, t.unit,
       sum(l.to_units - l.from_units) AS units, sum(l.to_micros - l.from_micros) AS amountMicros
     FROM lines l JOIN channels c ON c.device = l.device AND c.number = l.number
     JOIN tariffs t ON t.tariff = c.tariff JOIN devices d ON d.device = l.device JOIN accounts a ON a.account = l.payee
     WHERE l.batch = ? GROUP BY l.device, l.payee, t.unit, l.payer, l.currency ORDER BY l.device, l.payee, t.unit`,
  );
  return {
    madeOf: (id) => made.all(id).map((raw) => ({ ...raw, account: bytesOfHex(raw.account) as AccountId })),
    *usageOf(batch) {
      for (const raw of usage.iterate(batch))
        yield { ...raw, payer: bytesOfHex(raw.payer) as AccountId, payee: bytesOfHex(raw.payee) as AccountId };
    },
  };
}
