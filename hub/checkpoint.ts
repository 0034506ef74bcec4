// A checkpoint, as a pure noun: how far the hub's books had come at some moment, under the hub's signature. In: its fields, or JSON in any state. Out: the bytes that the signature covers, which are lines
// of ASCII that anybody can put together; or a checkpoint whose every field is of its kind, or a sentence. Kept where the operator cannot write, it shows later that nothing of before was rewritten.

import { z } from 'zod';
import type { Bytes } from '../shared/bytes.ts';

export const CHECKPOINT_FORMAT = 'tallystick checkpoint 1';

const hex = (bytes: number): z.ZodString =>
  z.string().regex(new RegExp(`^[0-9a-f]{${bytes * 2}}$`), `expected ${bytes} bytes as lower-case hex`);
const count = z.int().min(0);
const micros = z.int().min(0).max(Number.MAX_SAFE_INTEGER);
const MAX_CURRENCIES = 200;

/** So many links of a chain, and the hash over them. */
const chainSchema = z.strictObject({ count, hash: hex(32) });

const checkpointSchema = z.strictObject({
  format: z.literal(CHECKPOINT_FORMAT),
  hub: hex(8),
  publicKey: hex(32),
  atSeconds: count,
  entries: chainSchema,
  records: chainSchema,
  /** Of all channels, by currency; none of them ever falls. */
  totals: z
    .array(
      z.strictObject({
        currency: z.string().regex(/^[A-Z]{3}$/, 'expected three capital letters'),
        chargedMicros: micros,
        claimedMicros: micros,
        settledMicros: micros,
      }),
    )
    .max(MAX_CURRENCIES),
  /** The newest one; null before the first. */
  batch: z.strictObject({ sequence: count, id: hex(16) }).nullable(),
  signature: hex(64),
});

export type Checkpoint = z.infer<typeof checkpointSchema>;

/** What is signed. It begins with its purpose, so no other signature of the hub can pass for one. */
export function checkpointBytes({
  hub,
  publicKey,
  atSeconds,
  entries,
  records,
  totals,
  batch,
}: Omit<Checkpoint, 'signature'>): Bytes {
  return [
    CHECKPOINT_FORMAT,
    `hub ${hub}`,
    `key ${publicKey}`,
    `at ${atSeconds}`,
    `entries ${entries.count} ${entries.hash}`,
    `records ${records.count} ${records.hash}`,
    ...totals.map(
      ({ currency, chargedMicros, claimedMicros, settledMicros }) =>
        `total ${currency} ${chargedMicros} ${claimedMicros} ${settledMicros}`,
    ),
    batch === null ? 'batch none' : `batch ${batch.sequence} ${batch.id}`,
    '',
  ].join('\n');
}

export function parseCheckpoint(json: unknown): Checkpoint | string {
  const parsed = checkpointSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  return `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not a checkpoint'}`;
}
