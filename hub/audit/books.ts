// The ledger against what it is about: what accounts owe by their claims is what their channels have claimed, and each batch that is settled has the one entry that its lines net to. In: the
// tables. Out: faults. Channels and batches must have been audited before: here they are believed.

import { readTariff } from '../../shared/tariff.ts';
import { bytesOf } from '../blob.ts';
import { sumMicros } from '../ledger.ts';
import type { RawRow } from '../store-tables.ts';
import type { RawChannel } from './channels.ts';
import type { Faults, Ground } from './fault.ts';

interface RawKindSum extends RawRow {
  readonly account: string;
  readonly currency: string;
  readonly micros: number;
}

export function* faultsOfBooks(ground: Ground): Faults {
  yield* faultsOfClaims(ground);
  yield* faultsOfSettlements(ground);
}

function* faultsOfClaims({ tables }: Ground): Faults {
  const due = new Map<string, number>();
  const add = (account: string, currency: string, micros: number): void => {
    const key = `${account} ${currency}`;
    due.set(key, sumMicros([due.get(key) ?? 0, micros]));
  };
  for (const { payer, payee, claimed_micros: micros, bytes } of tables.each<RawChannel>('channels')) {
    const tariff = bytes === null ? 'none' : readTariff(bytesOf(bytes));
    if (typeof tariff === 'string') continue;
    add(payer, tariff.currency, -micros);
    add(payee, tariff.currency, micros);
  }
  const posted = new Map<string, number>();
  for (const { account, currency, micros } of tables.each<RawKindSum>('claims')) posted.set(`${account} ${currency}`, micros);
  for (const key of new Set([...due.keys(), ...posted.keys()])) {
    const [claimed, booked] = [due.get(key) ?? 0, posted.get(key) ?? 0];
    if (claimed !== booked)
      yield {
        table: 'accounts',
        row: key.slice(0, key.indexOf(' ')),
        what: `its channels have claimed ${claimed} ${key.slice(-3)} micros, claim entries say ${booked}`,
      };
  }
}

interface RawTransfer extends RawRow {
  readonly batch: string;
  readonly state: string;
  readonly entry: number | null;
  readonly lines_micros: number | null;
  readonly posted_micros: number | null;
}

function* faultsOfSettlements({ tables }: Ground): Faults {
  for (const row of tables.each<RawTransfer>('settlements')) {
    const [moved, posted] = [row.lines_micros ?? 0, row.posted_micros ?? 0];
    const isSettled = row.state === 'settled';
    if (!isSettled && row.entry !== null)
      yield { table: 'batches', row: row.batch, what: `it is ${row.state}, and entry ${row.entry} has settled it` };
    if (isSettled && moved !== posted)
      yield { table: 'batches', row: row.batch, what: `its lines move ${moved} micros, its entry moves ${posted}` };
  }
}
