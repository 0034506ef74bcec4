// The shape of a file of evidence, and the door for one. In: JSON in any state. Out: evidence whose every field is of its kind, or a sentence. Bytes are
// lower-case hex. What the fields say is not believed here: that is for verify.

import { z } from 'zod';
import { parseDeviceId } from '../shared/identity.ts';
import type { DeviceId } from '../shared/identity.ts';
import { MAX_AMOUNT_MICROS, MAX_CHANNEL_NUMBER, MAX_UNITS } from '../shared/units.ts';

export const FORMAT = 'tallystick evidence 1';

const hex = (bytes: number): z.ZodString =>
  z.string().regex(new RegExp(`^[0-9a-f]{${bytes * 2}}$`), `expected ${bytes} bytes as lower-case hex`);
const hexUpTo = (bytes: number): z.ZodString =>
  z.string().regex(new RegExp(`^(?:[0-9a-f]{2}){1,${bytes}}$`), `expected 1 to ${bytes} bytes as lower-case hex`);
const units = z.int().min(0).max(MAX_UNITS);
const micros = z.int().min(0).max(MAX_AMOUNT_MICROS);
const deviceId = z
  .string()
  .refine((text) => parseDeviceId(text) !== undefined, 'expected a device id of 11 characters')
  .transform((text) => text as DeviceId);

const MAX_LINES = 100_000;
const MAX_PATH = 32;

const lineSchema = z.strictObject({
  /** The batch's id. */
  batch: hex(16),
  fromUnits: units,
  toUnits: units,
  fromMicros: micros,
  toMicros: micros,
  /** Hashed with the line, and known to nobody who was not shown it. */
  salt: hex(16),
  /** Where the line stands in the batch's hash tree, and the hashes beside its way to the root. */
  index: z.int().min(0).max(MAX_UNITS),
  count: z.int().min(1).max(MAX_UNITS),
  path: z.array(hex(32)).max(MAX_PATH),
});

const evidenceSchema = z.strictObject({
  format: z.literal(FORMAT),
  hub: hex(8),
  device: deviceId,
  publicKey: hex(32),
  channel: z.int().min(1).max(MAX_CHANNEL_NUMBER),
  /** The names of the accounts. */
  payer: z.string().min(1).max(64),
  payee: z.string().min(1).max(64),
  /** The payer-signed commitment, as it came. */
  commitment: hexUpTo(512),
  /** The voucher with the highest proof, as it came; `null` when nothing was ever paid. */
  voucher: hexUpTo(512).nullable(),
  tariff: hexUpTo(128),
  currency: z.string(),
  unit: z.string(),
  /** What the voucher proves, and what it costs. */
  units,
  amountMicros: micros,
  /** What is settled of it, batch by batch. */
  settled: z.array(lineSchema).max(MAX_LINES),
});

export type Evidence = z.infer<typeof evidenceSchema>;
export type SettledLine = z.infer<typeof lineSchema>;

export function parseEvidence(json: unknown): Evidence | string {
  const parsed = evidenceSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  return `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not evidence'}`;
}
