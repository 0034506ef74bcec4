// The export: everything that is held about an account, for the person behind it. In: an account. Out: one JSON value: particulars, balances, every row that is about it,
// and the files that name it. Keys of devices and rows of others are not in it.

import { toHex } from '../shared/bytes.ts';
import { personNamed, textsOf } from './person.ts';
import type { Store } from './store.ts';
import type { DatedParticular, Erasure } from './store-particulars.ts';
import type { PlainRow } from './store-person.ts';
import type { Trace } from './traces.ts';
import { tracesOf } from './traces.ts';

const PERSON_FORMAT = 'tallystick person 1';

export interface PersonExport {
  readonly format: typeof PERSON_FORMAT;
  readonly exportedAtSeconds: number;
  readonly hub: string;
  readonly account: string;
  readonly name: string;
  readonly erased: Erasure | null;
  readonly particulars: readonly DatedParticular[];
  readonly balances: readonly { readonly currency: string; readonly amountMicros: number }[];
  readonly rows: Readonly<Record<string, readonly PlainRow[]>>;
  readonly files: readonly Trace[];
}

export function exportPerson(store: Store, name: string, nowSeconds: number): PersonExport {
  return store.atOneMoment(() => {
    const account = personNamed(store, name);
    return {
      format: PERSON_FORMAT,
      exportedAtSeconds: nowSeconds,
      hub: toHex(store.hub),
      account: toHex(account),
      name: store.devices.accountName(account) ?? '',
      erased: store.particulars.erasureOf(account) ?? null,
      particulars: store.particulars.dated(account),
      balances: store.books
        .balances()
        .filter((posting) => posting.account === account)
        .map(({ currency, amountMicros }) => ({ currency, amountMicros })),
      rows: store.persons.about(account),
      files: filesNaming(store, textsOf(store, account)),
    };
  });
}

/** Files that the hub has written for people and banks; not its own database and keys. */
export function filesNaming(store: Store, texts: readonly string[]): Trace[] {
  return tracesOf(store.dataDir, texts, { isMeant: (name) => !/^(?:hub\.|journal-)/.test(name), wholeWords: true });
}
