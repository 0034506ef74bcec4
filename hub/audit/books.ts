// The ledger against what it is about: what claim entries have put on accounts is what their channels have claimed. In: the tables. Out: faults. Channels and entries must have been audited
// before: here they are believed.

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

export function* faultsOfBooks({ tables }: Ground): Faults {
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
