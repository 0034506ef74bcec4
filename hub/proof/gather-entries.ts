// Where in the books something was posted, as evidence has it: the entry's number and kind, and its hash under the hub's seal. In: an entry's key. Out: the entry, or `null`. It must never show what
// the entry says: that is everybody's amounts.

import { toHex } from '../../shared/bytes.ts';
import { sealerOf } from '../seal.ts';
import type { Store } from '../store.ts';
import type { EvidenceEntry } from './evidence-file.ts';

export interface PostedEntries {
  under(key: string): EvidenceEntry | null;
}

export function postedEntries(store: Store): PostedEntries {
  const seal = sealerOf(store.dataDir);
  return {
    under(key) {
      const number = store.books.numberOf(key);
      const posted = number === undefined ? undefined : store.books.find(number);
      if (posted === undefined) return null;
      const { entry, kind, postedAtSeconds, hash } = posted;
      return { entry, kind, postedAtSeconds, ledger: toHex(seal(entry, hash)) };
    },
  };
}
