// Channels, from their proofs alone: what the device has signed and revealed, and what that costs under its tariff. In: the tables. Out: faults. Nothing that the hub has counted is believed here:
// accepted units are what the link and the signature prove, and every amount is computed again.

import type { Segment } from '../../shared/charge.ts';
import { chargeOf, isTimed } from '../../shared/charge.ts';
import type { Terms } from '../../shared/commitment.ts';
import { readCommitment } from '../../shared/commitment.ts';
import type { Context } from '../../shared/cose.ts';
import { PURPOSE_COMMITMENT, PURPOSE_VOUCHER, signedBytes } from '../../shared/cose.ts';
import type { DeviceId } from '../../shared/identity.ts';
import { parseDeviceId } from '../../shared/identity.ts';
import type { Link } from '../../shared/payword.ts';
import { chainSalt, linkReaches } from '../../shared/payword.ts';
import type { Tariff } from '../../shared/tariff.ts';
import { readTariff } from '../../shared/tariff.ts';
import type { ChannelNumber, Units } from '../../shared/units.ts';
import { MAX_UNITS } from '../../shared/units.ts';
import { readSignedVoucher } from '../../shared/voucher.ts';
import type { Verify } from '../accept.ts';
import { bytesOf, hexOf } from '../blob.ts';
import type { TimedSegment } from '../segment.ts';
import type { RawRow } from '../store-tables.ts';
import type { Fault, Faults, Ground } from './fault.ts';
import { faultsOfSegments } from './segments.ts';

export interface RawChannel extends RawRow {
  readonly device: string;
  readonly number: number;
  readonly payer: string;
  readonly payee: string;
  readonly tariff: string;
  readonly limit_units: number;
  readonly accepted_units: number;
  readonly charged_micros: number;
  readonly claimed_units: number;
  readonly claimed_micros: number;
  readonly settled_units: number;
  readonly settled_micros: number;
  readonly link_units: number;
  readonly link: Buffer;
  readonly signed_payload: Buffer | null;
  readonly signed_signature: Buffer | null;
  readonly closed: number;
  /** Of its commitment, device and tariff, as far as there are such rows. */
  readonly payload: Buffer | null;
  readonly signature: Buffer | null;
  readonly opened_at_seconds: number | null;
  readonly public_key: Buffer | null;
  readonly bytes: Buffer | null;
}

/** A channel with what is needed to check it. */
interface Checked {
  readonly row: RawChannel;
  readonly context: Context;
  readonly verify: Verify;
  readonly ground: Ground;
}

export function* faultsOfChannels(ground: Ground): Faults {
  let device = '';
  let verify: Verify | undefined;
  const tariffs = new Map<string, Tariff | string>();
  for (const row of ground.tables.each<RawChannel>('channels')) {
    ground.counted('channels', 1);
    // Rows come by device: its key is made ready once.
    if (row.device !== device) verify = row.public_key === null ? undefined : ground.verifierOf(bytesOf(row.public_key));
    device = row.device;
    for (const what of faultsOfChannel(row, verify, tariffs, ground)) yield faultAt(row, what);
  }
  for (const { device: of, number } of ground.tables.each('unopened'))
    yield { table: 'commitments', row: `${String(of)}/${String(number)}`, what: 'it opens a channel that is not there' };
}

function faultAt({ device, number }: RawChannel, what: string): Fault {
  return { table: 'channels', row: `${device}/${number}`, what };
}

function* faultsOfChannel(
  row: RawChannel,
  verify: Verify | undefined,
  tariffs: Map<string, Tariff | string>,
  ground: Ground,
): IterableIterator<string> {
  if (verify === undefined || parseDeviceId(row.device) === undefined) {
    yield `there is no device ${row.device}`;
    return;
  }
  const context = { hub: ground.hub, device: row.device as DeviceId };
  const checked = { row, context, verify, ground };
  const terms = termsOf(checked);
  if (typeof terms === 'string') {
    yield terms;
    return;
  }
  yield* faultsOfTerms(row, terms);
  yield* faultsOfProofs(checked, terms);
  yield* faultsOfCounts(row);
  const tariff = tariffOf(row, tariffs);
  if (typeof tariff === 'string') {
    yield tariff;
    return;
  }
  const segments = segmentsOf(row, tariff, ground);
  yield* faultsOfPrices(row, tariff, segments);
  if (tariff.kind === 'rich' && isTimed(tariff)) yield* faultsOfSegments(tariff, segments, row.opened_at_seconds ?? 0);
}

function termsOf({ row, context, verify }: Checked): Terms | string {
  if (row.payload === null || row.signature === null) return 'its commitment is not there';
  const [payload, signature] = [bytesOf(row.payload), bytesOf(row.signature)];
  const read = readCommitment({ payload, proof: signature });
  if (typeof read === 'string') return `its commitment: ${read}`;
  const isSigned = verify(signedBytes(PURPOSE_COMMITMENT, context, payload), signature);
  return isSigned ? read.terms : `its commitment does not carry the signature of ${row.device} for this hub`;
}

function* faultsOfTerms(row: RawChannel, terms: Terms): IterableIterator<string> {
  const pairs = [
    ['channel number', terms.channel, row.number],
    ['payee', hexOf(terms.payee), row.payee],
    ['tariff', hexOf(terms.tariff), row.tariff],
    ['limit', terms.limitUnits, row.limit_units],
  ] as const;
  for (const [what, signed, stored] of pairs)
    if (signed !== stored) yield `the device has signed the ${what} ${signed}, the row says ${stored}`;
}

/** Accepted is the higher of what the link proves and what the signature proves. */
function* faultsOfProofs(checked: Checked, terms: Terms): IterableIterator<string> {
  const { row } = checked;
  const link = linkFault(checked, terms);
  if (link !== undefined) yield link;
  const signed = signedUnits(checked);
  if (typeof signed === 'string') {
    yield signed;
    return;
  }
  const proven = Math.max(row.link_units, signed);
  if (row.accepted_units !== proven) yield `its link and signature prove ${proven} units, ${row.accepted_units} are accepted`;
}

function linkFault({ row, ground }: Checked, terms: Terms): string | undefined {
  const { link_units: units } = row;
  if (!isWithin(units, terms.chainUnits)) return `expected a link of the ${terms.chainUnits} of its chain, the row says ${units}`;
  ground.counted('links', units);
  const salt = chainSalt(row.device as DeviceId, row.number as ChannelNumber);
  const isReached = linkReaches(salt, bytesOf(row.link) as Link, units, terms.anchor, 0, ground.sha256);
  return isReached ? undefined : `its link does not lead to the anchor that the device has signed, ${units} links below it`;
}

/** What the signed voucher proves; 0 when there is none. */
function signedUnits({ row, context, verify }: Checked): number | string {
  if (row.signed_payload === null || row.signed_signature === null) return 0;
  const [payload, signature] = [bytesOf(row.signed_payload), bytesOf(row.signed_signature)];
  const voucher = readSignedVoucher({ payload, proof: signature });
  if (typeof voucher === 'string') return `its signed voucher: ${voucher}`;
  if (voucher.channel !== row.number) return `its signed voucher is one on channel ${voucher.channel}`;
  if (!verify(signedBytes(PURPOSE_VOUCHER, context, payload), signature))
    return `its signed voucher does not carry the signature of ${row.device} for this hub`;
  if (voucher.closing && row.closed !== 1) return 'its signed voucher closes it, the row says that it is open';
  return voucher.units;
}

function* faultsOfCounts(row: RawChannel): IterableIterator<string> {
  const chain = [
    ['limit', row.limit_units, 'accepted', row.accepted_units],
    ['accepted', row.accepted_units, 'claimed', row.claimed_units],
    ['claimed', row.claimed_units, 'settled', row.settled_units],
  ] as const;
  for (const [upper, more, lower, less] of chain)
    if (!isWithin(less, more)) yield `expected at most ${more} ${lower} units, the ${upper} ones, the row says ${less}`;
}

function tariffOf(row: RawChannel, tariffs: Map<string, Tariff | string>): Tariff | string {
  if (row.bytes === null) return `there is no tariff ${row.tariff}`;
  const known = tariffs.get(row.tariff) ?? readTariff(bytesOf(row.bytes));
  tariffs.set(row.tariff, known);
  return known;
}

type RawSegment = RawRow & Omit<TimedSegment, 'chosen'> & { readonly chosen: number };

/** Which units were accepted at which prices, and when: recorded, for nothing signs it. */
export function segmentsOf(row: RawChannel, tariff: Tariff, { tables }: Ground): readonly TimedSegment[] {
  if (!isTimed(tariff)) return [];
  const found = tables.of<RawSegment>('segmentsOf', `${row.device}/${row.number}`);
  return [...found].map((raw) => ({ ...raw, chosen: raw.chosen === 1 }));
}

function* faultsOfPrices(row: RawChannel, tariff: Tariff, segments: readonly Segment[]): IterableIterator<string> {
  const reached = segments.at(-1)?.toUnits ?? 0;
  if (isTimed(tariff) && reached !== row.accepted_units)
    yield `its segments reach ${reached} units, ${row.accepted_units} are accepted`;

  const prices = [
    ['accepted', row.accepted_units, row.charged_micros],
    ['claimed', row.claimed_units, row.claimed_micros],
    ['settled', row.settled_units, row.settled_micros],
  ] as const;
  for (const [what, units, micros] of prices) {
    const due = isWithin(units, MAX_UNITS) ? chargeOf(tariff, segments, units as Units) : undefined;
    if (due !== micros) yield `${units} ${what} units cost ${due ?? 'no amount'} micros, the row says ${micros}`;
  }
}

function isWithin(units: number, limit: number): boolean {
  return Number.isSafeInteger(units) && units >= 0 && units <= limit;
}
