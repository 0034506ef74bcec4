// A record, as a pure noun: what is kept of a row that was written. In: the row's values, and the record before. Out: a digest of the row and a hash over the chain up to it. Values go through
// JSON, so that no two rows read alike, and no blob reads like a text.

import { hash } from 'node:crypto';

/** What SQLite keeps in a cell. */
export type Cell = string | number | bigint | Buffer | null;

const DIGEST_BYTES = 32;
export const SEALED_BYTES = 2 * DIGEST_BYTES;
/** In place of the digest of a row that was deleted. */
const GONE = Buffer.alloc(DIGEST_BYTES);
/** What the first record's hash covers in place of a hash before it. */
export const RECORDS_START = hash('sha256', 'tallystick records 1', 'buffer');
/** Entries, leaves and nodes begin with other bytes. */
const RECORD = Buffer.from([3]);

export function rowDigest(table: string, salt: Buffer | null, cells: readonly Cell[]): Buffer {
  const content = JSON.stringify([table, salt === null ? null : salt.toString('hex'), cells.map(plainOf)]);
  return hash('sha256', content, 'buffer');
}

function plainOf(cell: Cell): unknown {
  if (Buffer.isBuffer(cell)) return [cell.toString('hex')];
  return typeof cell === 'bigint' ? [String(cell), 'n'] : cell;
}

/** `digest` is `undefined` for a row that was deleted; `before` for the first record. */
export function sealedOf(before: Buffer | undefined, table: string, key: string, digest: Buffer | undefined): Buffer {
  const own = digest ?? GONE;
  const hashBefore = before === undefined ? RECORDS_START : hashIn(before);
  const name = Buffer.from(JSON.stringify([table, key]), 'utf8');
  return Buffer.concat([own, hash('sha256', Buffer.concat([RECORD, hashBefore, own, name]), 'buffer')], SEALED_BYTES);
}

export function hashIn(sealed: Buffer): Buffer {
  return sealed.subarray(DIGEST_BYTES);
}

/** `undefined` when the record says that the row was deleted. */
export function digestIn(sealed: Buffer): Buffer | undefined {
  const digest = sealed.subarray(0, DIGEST_BYTES);
  return digest.equals(GONE) ? undefined : digest;
}
