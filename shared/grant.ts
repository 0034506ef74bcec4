// The grant: how far a prepaid device may go. In: a ceiling for the meter's lifetime register. Out: the grant's payload, and back. It is
// cumulative, as vouchers are: the highest grant holds, so that an old one shown again changes nothing. It must never move money: what is owed
// is what vouchers promise.

import type { Bytes } from './bytes.ts';
import { MAX_SAFE, readArray, readEnd, readerOf, readUint, writeArray, writeUint } from './cbor.ts';

export interface Grant {
  readonly kind: 'grant';
  /** The device may have metered so many units in its whole life, and no more. */
  readonly ceilingUnits: number;
}

const ITEMS = 1;

/** What is authenticated, under PURPOSE_GRANT. [W-30] */
export function grantPayload(grant: Grant): Bytes {
  return writeArray(ITEMS) + writeUint(grant.ceilingUnits);
}

/** The grant in a payload, or a sentence saying what is wrong. [W-30] */
export function readGrant(payload: Bytes): Grant | string {
  const r = readerOf(payload);
  readArray(r, 'grant', ITEMS);
  const ceilingUnits = readUint(r, 'ceiling', 0, MAX_SAFE);
  readEnd(r);
  if (r.fault !== '') return r.fault;
  return { kind: 'grant', ceilingUnits: ceilingUnits };
}
