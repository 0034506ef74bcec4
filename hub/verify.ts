// The outsider's check of a file of evidence, with no hub and no database: the payer's key signed these terms, its voucher proves these units, they cost this
// amount, and what is said to be settled stands in batches with these ids. In: JSON. Out: valid and what is owed, or the first thing that is
// wrong. It must never believe a field that it can compute.

import type { Bytes } from '../shared/bytes.ts';
import { fromHex, toHex } from '../shared/bytes.ts';
import type { Terms } from '../shared/commitment.ts';
import type { Context } from '../shared/cose.ts';
import { PURPOSE_COMMITMENT, PURPOSE_VOUCHER, signedBytes } from '../shared/cose.ts';
import type { HubId } from '../shared/identity.ts';
import { chainSalt, linkReaches } from '../shared/payword.ts';
import type { Tariff } from '../shared/tariff.ts';
import { amountOf, readTariff } from '../shared/tariff.ts';
import type { Units } from '../shared/units.ts';
import { decodeUplink } from '../shared/uplink.ts';
import { keyFault } from './enrolment-key.ts';
import type { Evidence } from './evidence-file.ts';
import { parseEvidence } from './evidence-file.ts';
import { accountIdOf, deviceIdOf } from './ids.ts';
import type { Verify } from './accept.ts';
import { sha256, verifierOf } from './proofs.ts';
import { settledFault } from './verify-settled.ts';

export type EvidenceVerdict =
  | {
      readonly kind: 'valid';
      readonly hub: string;
      readonly device: string;
      readonly channel: number;
      readonly payer: string;
      readonly payee: string;
      readonly units: number;
      readonly unit: string;
      readonly amountMicros: number;
      readonly currency: string;
      readonly settledUnits: number;
      readonly settledMicros: number;
      readonly batches: readonly string[];
    }
  | { readonly kind: 'invalid'; readonly why: string };

export function verifyEvidence(json: unknown): EvidenceVerdict {
  const evidence = parseEvidence(json);
  if (typeof evidence === 'string') return invalid(evidence);
  const why = faultOf(evidence);
  if (why !== undefined) return invalid(why);
  const { hub, device, channel, payer, payee, units, unit, amountMicros, currency, settled } = evidence;
  const last = settled.at(-1);
  return {
    kind: 'valid',
    ...{ hub, device, channel, payer, payee, units, unit, amountMicros, currency },
    settledUnits: last?.toUnits ?? 0,
    settledMicros: last?.toMicros ?? 0,
    batches: settled.map((line) => line.batch),
  };
}

function invalid(why: string): EvidenceVerdict {
  return { kind: 'invalid', why };
}

/** Each step may rely on the ones above it. */
function faultOf(evidence: Evidence): string | undefined {
  const publicKey = bytesIn(evidence.publicKey);
  const badKey = keyFault(publicKey);
  if (badKey !== undefined) return `publicKey: ${badKey}`;
  const device = deviceIdOf(publicKey);
  if (device !== evidence.device) return `device: expected ${device}, the name of the public key, got ${evidence.device}`;
  const context: Context = { hub: bytesIn(evidence.hub) as HubId, device };
  const verify = verifierOf(publicKey);
  const terms = termsIn(evidence, context, verify);
  if (typeof terms === 'string') return terms;
  const tariff = tariffIn(evidence, terms);
  if (typeof tariff === 'string') return tariff;
  return voucherFault(evidence, context, terms, verify) ?? amountFault(evidence, tariff) ?? settledFault(evidence, tariff);
}

function bytesIn(hex: string): Bytes {
  const bytes = fromHex(hex);
  if (bytes === undefined) throw new Error(`expected hex that the schema let pass, got ${hex}`);
  return bytes;
}

function termsIn(evidence: Evidence, context: Context, verify: Verify): Terms | string {
  const message = decodeUplink(bytesIn(evidence.commitment));
  if (message.kind === 'malformed') return `commitment: ${message.detail}`;
  if (message.kind !== 'commitment') return `commitment: expected a commitment, got a ${message.kind} voucher`;
  if (!verify(signedBytes(PURPOSE_COMMITMENT, context, message.payload), message.signature)) {
    return `commitment: the signature is not that of ${context.device} for hub ${evidence.hub}`;
  }
  const { terms } = message;
  if (terms.channel !== evidence.channel) return `channel: the commitment opens ${terms.channel}, got ${evidence.channel}`;
  const payee = accountIdOf(evidence.payee);
  if (terms.payee !== payee)
    return `payee: the commitment pays account ${toHex(terms.payee)}, ${evidence.payee} is ${toHex(payee)}`;
  return terms;
}

function tariffIn(evidence: Evidence, terms: Terms): Tariff | string {
  const bytes = bytesIn(evidence.tariff);
  const tariff = readTariff(bytes);
  if (typeof tariff === 'string') return `tariff: ${tariff}`;
  const id = sha256(bytes).substring(0, 16);
  if (id !== terms.tariff) return `tariff: the commitment fixes tariff ${toHex(terms.tariff)}, got ${toHex(id)}`;
  if (tariff.currency !== evidence.currency) return `currency: the tariff says ${tariff.currency}, got ${evidence.currency}`;
  if (tariff.unit !== evidence.unit) return `unit: the tariff says ${tariff.unit}, got ${evidence.unit}`;
  return tariff;
}

function voucherFault(evidence: Evidence, context: Context, terms: Terms, verify: Verify): string | undefined {
  const { units } = evidence;
  if (evidence.voucher === null) return units === 0 ? undefined : `voucher: expected a proof of ${units} units, got none`;
  const voucher = decodeUplink(bytesIn(evidence.voucher));
  if (voucher.kind === 'malformed') return `voucher: ${voucher.detail}`;
  if (voucher.kind === 'commitment') return 'voucher: expected a voucher, got a commitment';
  if (voucher.channel !== terms.channel)
    return `voucher: expected one on channel ${terms.channel}, got one on ${voucher.channel}`;
  if (voucher.units !== units) return `units: the voucher is for ${voucher.units}, got ${units}`;
  if (units > terms.limitUnits) return `voucher: the commitment allows ${terms.limitUnits} units, got ${units}`;
  if (voucher.kind === 'signed') {
    const isSigned = verify(signedBytes(PURPOSE_VOUCHER, context, voucher.payload), voucher.signature);
    return isSigned ? undefined : `voucher: the signature is not that of ${context.device}`;
  }
  // At most MAX_CHAIN_UNITS hashes: the reader lets no longer chain pass.
  if (units > terms.chainUnits) return `voucher: the chain has ${terms.chainUnits} links, got link ${units}`;
  const isProven = linkReaches(chainSalt(context.device, terms.channel), voucher.link, units, terms.anchor, 0, sha256);
  return isProven ? undefined : `voucher: its payword does not lead to the anchor in ${units} steps`;
}

function amountFault({ units, amountMicros }: Evidence, tariff: Tariff): string | undefined {
  const due = amountOf(tariff, units as Units);
  return due === amountMicros ? undefined : `amountMicros: ${units} units cost ${due} under the tariff, got ${amountMicros}`;
}
