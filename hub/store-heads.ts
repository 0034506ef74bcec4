// Signed tree heads in the database, written once with their batch. In: heads. Out: heads, with what a path of their tree needs.

import type { Database } from 'better-sqlite3';
import { blobOf, bytesOf } from './blob.ts';
import type { SignedHead } from './head.ts';

/** A head as it is kept. */
export interface KeptHead extends SignedHead {
  /** The roots of every 1024 lines. */
  readonly chunks: Buffer;
}

export interface HeadRows {
  add(head: SignedHead, chunks: Buffer): void;
  /** `undefined` for a batch from before there were heads. */
  find(batch: string): KeptHead | undefined;
  count(): number;
}

interface RawHead {
  batch: string;
  number: number;
  lines: number;
  root: Buffer;
  prepared_at_seconds: number;
  entry: number;
  ledger: Buffer;
  signature: Buffer;
  chunks: Buffer;
}

export function headRows(db: Database): HeadRows {
  const add = db.prepare(
    `INSERT INTO tree_heads (batch, number, lines, root, prepared_at_seconds, entry, ledger, signature, chunks)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const find = db.prepare<[string], RawHead>('SELECT * FROM tree_heads WHERE batch = ?');
  const count = db.prepare<[], { heads: number }>('SELECT count(*) AS heads FROM tree_heads');
  return {
    add({ batch, number, lines, root, preparedAtSeconds, entry, ledger, signature }, chunks) {
      add.run(batch, number, lines, blobOf(root), preparedAtSeconds, entry, blobOf(ledger), blobOf(signature), chunks);
    },
    find(batch) {
      const raw = find.get(batch);
      return raw === undefined ? undefined : headOf(raw);
    },
    count: () => count.get()?.heads ?? 0,
  };
}

function headOf(raw: RawHead): KeptHead {
  return {
    batch: raw.batch,
    number: raw.number,
    lines: raw.lines,
    root: bytesOf(raw.root),
    preparedAtSeconds: raw.prepared_at_seconds,
    entry: raw.entry,
    ledger: bytesOf(raw.ledger),
    signature: bytesOf(raw.signature),
    chunks: raw.chunks,
  };
}
