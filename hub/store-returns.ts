// What came back of channels' charges, in the database: refunds, and disputes with who has won them. In: the entries that moved the money. Out: rows, and what a channel
// has left to give back. More than was claimed never comes back: the schema refuses it.

import type { Database } from 'better-sqlite3';
import type { DeviceId } from '../shared/identity.ts';
import type { ChannelNumber } from '../shared/units.ts';

export interface Refund {
  readonly entry: number;
  readonly device: DeviceId;
  readonly number: ChannelNumber;
  readonly amountMicros: number;
}

export type Winner = 'payer' | 'payee';

export interface Dispute extends Refund {
  readonly id: string;
  /** With the entry that gave the money to the winner; `undefined` while the dispute is open. */
  readonly resolved: { readonly winner: Winner; readonly entry: number } | undefined;
}

export interface ReturnRows {
  addRefund(refund: Refund): void;
  addDispute(dispute: Omit<Dispute, 'resolved'>): void;
  resolve(entry: number, winner: Winner, resolution: number): void;
  refund(entry: number): Refund | undefined;
  dispute(id: string): Dispute | undefined;
  /** By the entry that opened or resolved it. */
  disputeOf(entry: number): Dispute | undefined;
  disputes(): Dispute[];
  /** Refunded, or held or lost in disputes. */
  returnedMicros(device: DeviceId, number: ChannelNumber): number;
}

interface RawDispute extends Refund {
  readonly id: string;
  readonly winner: Winner | null;
  readonly resolution: number | null;
}

const REFUND = 'SELECT entry, device, number, amount_micros AS amountMicros FROM refunds';
const DISPUTE = 'SELECT entry, id, device, number, amount_micros AS amountMicros, winner, resolution FROM disputes';

function disputeOf({ winner, resolution, ...rest }: RawDispute): Dispute {
  return { ...rest, resolved: winner === null || resolution === null ? undefined : { winner, entry: resolution } };
}

export function returnRows(db: Database): ReturnRows {
  const addRefund = db.prepare('INSERT INTO refunds (entry, device, number, amount_micros) VALUES (?, ?, ?, ?)');
  const addDispute = db.prepare('INSERT INTO disputes (entry, id, device, number, amount_micros) VALUES (?, ?, ?, ?, ?)');
  const resolve = db.prepare('UPDATE disputes SET winner = ?, resolution = ? WHERE entry = ?');
  const refund = db.prepare<[number], Refund>(`${REFUND} WHERE entry = ?`);
  const byId = db.prepare<[string], RawDispute>(`${DISPUTE} WHERE id = ?`);
  const byEntry = db.prepare<[number, number], RawDispute>(`${DISPUTE} WHERE entry = ? OR resolution = ?`);
  const all = db.prepare<[], RawDispute>(`${DISPUTE} ORDER BY entry`);
  const returned = db.prepare<[string, number, string, number], { micros: number }>(
    `SELECT (SELECT coalesce(sum(amount_micros), 0) FROM refunds WHERE device = ? AND number = ?)
       + (SELECT coalesce(sum(amount_micros), 0) FROM disputes WHERE device = ? AND number = ? AND winner IS NOT 'payee') AS micros`,
  );
  return {
    addRefund: ({ entry, device, number, amountMicros }) => void addRefund.run(entry, device, number, amountMicros),
    addDispute: ({ entry, id, device, number, amountMicros }) => void addDispute.run(entry, id, device, number, amountMicros),
    resolve: (entry, winner, resolution) => void resolve.run(winner, resolution, entry),
    refund: (entry) => refund.get(entry),
    dispute(id) {
      const raw = byId.get(id);
      return raw === undefined ? undefined : disputeOf(raw);
    },
    disputeOf(entry) {
      const raw = byEntry.get(entry, entry);
      return raw === undefined ? undefined : disputeOf(raw);
    },
    disputes: () => all.all().map(disputeOf),
    returnedMicros: (device, number) => returned.get(device, number, device, number)?.micros ?? 0,
  };
}
