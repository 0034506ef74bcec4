// What fields of evidence say, once the schema has let them pass: hex as bytes, and names as accounts.

import type { Bytes, Sha256 } from '../../shared/bytes.ts';
import { fromHex } from '../../shared/bytes.ts';
import type { AccountId } from '../../shared/identity.ts';
import { accountIdOf } from '../../shared/identity.ts';
import { erasedAccountIn } from '../pseudonym.ts';

export function bytesIn(hex: string): Bytes {
  const bytes = fromHex(hex);
  if (bytes === undefined) throw new Error(`expected hex that the schema let pass, got ${hex}`);
  return bytes;
}

/** An account whose person was erased is named by its id. */
export function accountNamed(name: string, sha256: Sha256): AccountId {
  return erasedAccountIn(name) ?? accountIdOf(name, sha256);
}
