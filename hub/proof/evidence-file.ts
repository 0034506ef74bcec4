// The shape of a file of evidence, and the door for one. In: JSON in any state. Out: evidence whose every field is of its kind, or a sentence that begins with the field's path. Bytes are
// lower-case hex. What the fields say is not believed here: that is for verify. It runs in browsers too.

import { z } from 'zod';
import { parseDeviceId } from '../../shared/identity.ts';
import type { DeviceId } from '../../shared/identity.ts';
import { MAX_TARIFF_BYTES } from '../../shared/rich-tariff.ts';
import type { ChannelNumber } from '../../shared/units.ts';
import { MAX_AMOUNT_MICROS, MAX_CHANNEL_NUMBER, MAX_UNITS } from '../../shared/units.ts';

export const FORMAT = 'tallystick evidence 2';
const EARLIER_FORMAT = 'tallystick evidence 1';

const hex = (bytes: number): z.ZodString =>
  z.string().regex(new RegExp(`^[0-9a-f]{${bytes * 2}}$`), `expected ${bytes} bytes as lower-case hex`);
const hexUpTo = (bytes: number): z.ZodString =>
  z.string().regex(new RegExp(`^(?:[0-9a-f]{2}){1,${bytes}}$`), `expected 1 to ${bytes} bytes as lower-case hex`);
const text = (max: number): z.ZodString =>
  z.string().regex(new RegExp(`^[\\x20-\\x7e]{1,${max}}$`), `expected 1 to ${max} printable ASCII characters`);
const units = z.int().min(0).max(MAX_UNITS);
const micros = z.int().min(0).max(MAX_AMOUNT_MICROS);
const seconds = z.int().min(0);
const deviceId = z
  .string()
  .refine((name) => parseDeviceId(name) !== undefined, 'expected a device id of 11 characters')
  .transform((name) => name as DeviceId);

const MAX_PATH = 32;

const entrySchema = z.strictObject({
  entry: z.int().min(1),
  kind: text(16),
  postedAtSeconds: seconds,
  /** The entry's hash in the books, under the hub's seal. */
  ledger: hex(32),
});

/** One movement of a line's money on a rail. What only its own account may know is `null` in evidence for others. */
const payoutSchema = z.strictObject({
  /** `pay`: to the payee; `collect`: from the payer. */
  direction: z.enum(['pay', 'collect']),
  state: z.enum(['prepared', 'sent', 'accepted', 'settled', 'rejected', 'reversed']),
  entry: entrySchema.nullable(),
  id: hex(16).nullable(),
  rail: text(16).nullable(),
  /** What the rail calls it. */
  reference: z.string().max(256).nullable(),
});

const lineSchema = z.strictObject({
  /** The batch's id. */
  batch: hex(16),
  fromUnits: units,
  toUnits: units,
  fromMicros: micros,
  toMicros: micros,
  /** Hashed with the line, and known to nobody who was not shown it; `null` in batches from before there were salts. */
  salt: hex(16).nullable(),
  /** Where the line stands in the batch's hash tree, and the hashes beside its way to the root. */
  index: z.int().min(0).max(MAX_UNITS),
  path: z.array(hex(32)).max(MAX_PATH),
  /** On rails other than the hub's own books: how the money moves. One that is rejected or comes back is followed by the one that carries its amount. */
  payouts: z.array(payoutSchema),
});

const segmentSchema = z.strictObject({
  element: z.int().min(0),
  toUnits: units,
  fromSeconds: seconds,
  untilSeconds: seconds,
  /** Several elements were in force from the first second to the last, and this one was the cheapest. */
  chosen: z.boolean(),
});

const channelSchema = z.strictObject({
  device: deviceId,
  channel: z
    .int()
    .min(1)
    .max(MAX_CHANNEL_NUMBER)
    .transform((number) => number as ChannelNumber),
  /** As the hub has enrolled it. */
  publicKey: hex(32),
  enrolledAtSeconds: seconds,
  revokedAtSeconds: seconds.nullable(),
  /** The names of the accounts. */
  payer: text(64),
  payee: text(64),
  /** The payer-signed commitment, as it came. */
  commitment: hexUpTo(512),
  /** The voucher with the highest proof, as it came; `null` when nothing was ever paid. */
  voucher: hexUpTo(512).nullable(),
  /** The id of one of the file's tariffs. */
  tariff: hex(16),
  /** Which units were accepted under which element of it, by the hub's clock; empty where prices do not differ by time. */
  segments: z.array(segmentSchema),
  currency: text(3),
  unit: text(16),
  /** What the voucher proves, and what it costs. */
  units,
  amountMicros: micros,
  /** What of it the hub says has moved: up to the end of one of the lines. */
  settledUnits: units,
  settledMicros: micros,
  /** What of it is closed into batches, one after the other. */
  lines: z.array(lineSchema),
});

const batchSchema = z.strictObject({
  id: hex(16),
  lines: z.int().min(1).max(MAX_UNITS),
  /** Of its hash tree. */
  root: hex(32),
  state: z.enum(['prepared', 'sent', 'settled']),
  /** What the books have posted for the whole batch. */
  entries: z.array(entrySchema),
  /** The hub's signature from when it closed the batch; `null` for one from before there were any. */
  head: z
    .strictObject({
      number: z.int().min(1),
      preparedAtSeconds: seconds,
      entry: z.int().min(0),
      ledger: hex(32),
      signature: hex(64),
    })
    .nullable(),
});

const evidenceSchema = z.strictObject({
  format: z.literal(FORMAT),
  hub: z.strictObject({ id: hex(8), publicKey: hex(32) }),
  writtenAtSeconds: seconds,
  /** Whose channels these are, all of them; `null` when one channel was asked for. */
  account: text(64).nullable(),
  tariffs: z.array(z.strictObject({ id: hex(16), bytes: hexUpTo(MAX_TARIFF_BYTES) })),
  batches: z.array(batchSchema),
  channels: z.array(channelSchema).min(1),
  /** The hub's, over all of the above. */
  signature: hex(64),
});

export type Evidence = z.infer<typeof evidenceSchema>;
export type EvidenceChannel = z.infer<typeof channelSchema>;
export type EvidenceLine = z.infer<typeof lineSchema>;
export type EvidenceBatch = z.infer<typeof batchSchema>;
export type EvidenceEntry = z.infer<typeof entrySchema>;
export type EvidencePayout = z.infer<typeof payoutSchema>;

export function parseEvidence(json: unknown): Evidence | string {
  const parsed = evidenceSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  if ((json as { format?: unknown } | null)?.format === EARLIER_FORMAT) {
    return `format: expected ${FORMAT}, got ${EARLIER_FORMAT}; have it written again by the hub`;
  }
  const [issue] = parsed.error.issues;
  const path = issue?.path.join('.') ?? '';
  return `${path === '' ? 'file' : path}: ${issue?.message ?? 'not evidence'}`;
}
