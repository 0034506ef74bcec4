// The shape of a file of evidence, and the door for one. In: JSON in any state. Out: evidence whose every field is of its kind, or a sentence that begins with the field's path. Bytes are
// lower-case hex. What the fields say is not believed here: that is for verify. It runs in browsers too.

import { parseDeviceId } from '../../shared/identity.ts';
import { MAX_TARIFF_BYTES } from '../../shared/rich-tariff.ts';
import type { ChannelNumber } from '../../shared/units.ts';
import { MAX_AMOUNT_MICROS, MAX_CHANNEL_NUMBER, MAX_UNITS } from '../../shared/units.ts';
import type { Form, Of } from './form.ts';
import { ascii, decodedBy, formed, hex, hexes, hexUpTo, list, members, oneOf, orNull, textUpTo, whole, yesOrNo } from './form.ts';

export const FORMAT = 'tallystick evidence 3';
const EARLIER_FORMATS: readonly unknown[] = ['tallystick evidence 1', 'tallystick evidence 2'];

const units = whole(0, MAX_UNITS);
const micros = whole(0, MAX_AMOUNT_MICROS);
const seconds = whole(0);

const MAX_PATH = 32;

const entryForm = members({
  entry: whole(1),
  kind: ascii(16),
  postedAtSeconds: seconds,
  /** The entry's hash in the books, under the hub's seal. */
  ledger: hex(32),
});

/** One movement of a line's money on a rail. What only its own account may know is `null` in evidence for others. */
const payoutForm = members({
  /** `pay`: to the payee; `collect`: from the payer. */
  direction: oneOf('pay', 'collect'),
  state: oneOf('prepared', 'sent', 'accepted', 'settled', 'rejected', 'reversed'),
  entry: orNull(entryForm),
  id: orNull(hex(16)),
  rail: orNull(ascii(16)),
  /** What the rail calls it. */
  reference: orNull(textUpTo(256)),
});

const lineForm = members({
  /** The batch's id. */
  batch: hex(16),
  fromUnits: units,
  toUnits: units,
  fromMicros: micros,
  toMicros: micros,
  /** Hashed with the line, and known to nobody who was not shown it; `null` in batches from before there were salts. */
  salt: orNull(hex(16)),
  /** Where the line stands in the batch's hash tree, and the hashes beside its way to the root, the lowest first: up to where it meets the way of the line of that batch before it in the file, if there is one. */
  index: whole(0, MAX_UNITS),
  path: hexes(32, MAX_PATH),
  /** On rails other than the hub's own books: how the money moves. One that is rejected or comes back is followed by the one that carries its amount. */
  payouts: list(payoutForm),
});

const segmentForm = members({
  element: whole(0),
  toUnits: units,
  fromSeconds: seconds,
  untilSeconds: seconds,
  /** Several elements were in force from the first second to the last, and this one was the cheapest. */
  chosen: yesOrNo(),
});

const channelForm = members({
  device: decodedBy(parseDeviceId, 'a device id of 11 characters'),
  channel: whole(1, MAX_CHANNEL_NUMBER) as Form<ChannelNumber>,
  /** As the hub has enrolled it. */
  publicKey: hex(32),
  enrolledAtSeconds: seconds,
  revokedAtSeconds: orNull(seconds),
  /** The names of the accounts. */
  payer: ascii(64),
  payee: ascii(64),
  /** The payer-signed commitment, as it came. */
  commitment: hexUpTo(512),
  /** The voucher with the highest proof, as it came; `null` when nothing was ever paid. */
  voucher: orNull(hexUpTo(512)),
  /** The id of one of the file's tariffs. */
  tariff: hex(16),
  /** Which units were accepted under which element of it, by the hub's clock; empty where prices do not differ by time. */
  segments: list(segmentForm),
  currency: ascii(3),
  unit: ascii(16),
  /** What the voucher proves, and what it costs. */
  units,
  amountMicros: micros,
  /** What of it the hub says has moved: up to the end of one of the lines. */
  settledUnits: units,
  settledMicros: micros,
  /** What of it is closed into batches, one after the other. */
  lines: list(lineForm),
});

const batchForm = members({
  id: hex(16),
  lines: whole(1, MAX_UNITS),
  /** Of its hash tree. */
  root: hex(32),
  state: oneOf('prepared', 'sent', 'settled'),
  /** What the books have posted for the whole batch. */
  entries: list(entryForm),
  /** The hub's signature from when it closed the batch; `null` for one from before there were any. */
  head: orNull(
    members({
      number: whole(1),
      preparedAtSeconds: seconds,
      entry: whole(0),
      ledger: hex(32),
      signature: hex(64),
    }),
  ),
});

const evidenceForm = members({
  format: oneOf(FORMAT),
  hub: members({ id: hex(8), publicKey: hex(32) }),
  writtenAtSeconds: seconds,
  /** Whose channels these are, all of them; `null` when one channel was asked for. */
  account: orNull(ascii(64)),
  tariffs: list(members({ id: hex(16), bytes: hexUpTo(MAX_TARIFF_BYTES) })),
  batches: list(batchForm),
  channels: list(channelForm, 1),
  /** The hub's, over all of the above. */
  signature: hex(64),
});

export type Evidence = Of<typeof evidenceForm>;
export type EvidenceChannel = Of<typeof channelForm>;
export type EvidenceLine = Of<typeof lineForm>;
export type EvidenceBatch = Of<typeof batchForm>;
export type EvidenceEntry = Of<typeof entryForm>;
export type EvidencePayout = Of<typeof payoutForm>;

export function parseEvidence(json: unknown): Evidence | string {
  const evidence = formed(evidenceForm, json);
  if (typeof evidence !== 'string') return evidence.value;
  const format = (json as { format?: unknown } | null)?.format;
  if (!EARLIER_FORMATS.includes(format)) return evidence;
  return `format: expected ${FORMAT}, got ${String(format)}; have it written again by the hub`;
}
