// The name of an account whose person was erased: it says the account's id and nothing else. In: a name. Out: the id that it says, if it is such a name. So
// evidence, batches and books go on without the name; who still knows it can still work out the id.

import { fromHex, toHex } from '../shared/bytes.ts';
import type { AccountId } from '../shared/identity.ts';

/** Nobody's own name may begin so. */
export const ERASED_PREFIX = 'erased/';

export function pseudonymOf(account: AccountId): string {
  return ERASED_PREFIX + toHex(account);
}

/** `undefined` for any other name. */
export function erasedAccountIn(name: string): AccountId | undefined {
  if (!/^erased\/[0-9a-f]{16}$/.test(name)) return undefined;
  return fromHex(name.slice(ERASED_PREFIX.length)) as AccountId;
}
