// A checkpoint, as a pure noun: how far the hub's books had come at some moment, under the hub's signature. In: its fields, or JSON in any state. Out: the bytes that the signature covers, which are lines
// of ASCII that anybody can put together; or a checkpoint whose every field is of its kind, or a sentence. Kept where the operator cannot write, it shows later that nothing of before was rewritten.

import type { Bytes } from '../shared/bytes.ts';
import type { Of } from './proof/form.ts';
import { decodedBy, formed, hex, list, members, oneOf, orNull, whole } from './proof/form.ts';

export const CHECKPOINT_FORMAT = 'tallystick checkpoint 1';

const MAX_CURRENCIES = 200;

/** So many links of a chain, and the hash over them. */
const chainForm = members({ count: whole(0), hash: hex(32) });

const currencyForm = decodedBy((text) => (/^[A-Z]{3}$/.test(text) ? text : undefined), 'three capital letters');

const checkpointForm = members({
  format: oneOf(CHECKPOINT_FORMAT),
  hub: hex(8),
  publicKey: hex(32),
  atSeconds: whole(0),
  entries: chainForm,
  records: chainForm,
  /** Of all channels, by currency; none of them ever falls. */
  totals: list(
    members({ currency: currencyForm, chargedMicros: whole(0), claimedMicros: whole(0), settledMicros: whole(0) }),
    0,
    MAX_CURRENCIES,
  ),
  /** The newest one; null before the first. */
  batch: orNull(members({ sequence: whole(0), id: hex(16) })),
  signature: hex(64),
});

export type Checkpoint = Of<typeof checkpointForm>;

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
  const read = formed(checkpointForm, json);
  return typeof read === 'string' ? read : read.value;
}
