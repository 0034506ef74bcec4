// The check of one channel in a file of evidence: the payer's key signed these terms, its voucher proves these units, and they cost this amount. In: the channel's part of a file, and
// what the file says for all. Out: each check with what is wrong, or nothing; no check is made behind one that failed. It must never believe a field that it can compute.

import type { Bytes } from '../../shared/bytes.ts';
import { toHex } from '../../shared/bytes.ts';
import { chargeOf, isTimed } from '../../shared/charge.ts';
import type { Terms } from '../../shared/commitment.ts';
import type { Context } from '../../shared/cose.ts';
import { PURPOSE_COMMITMENT, PURPOSE_VOUCHER, signedBytes } from '../../shared/cose.ts';
import type { DeviceId, HubId } from '../../shared/identity.ts';
import { deviceIdOf } from '../../shared/identity.ts';
import { chainSalt } from '../../shared/payword.ts';
import type { Tariff } from '../../shared/tariff.ts';
import type { Units } from '../../shared/units.ts';
import { decodeUplink } from '../../shared/uplink.ts';
import type { EvidenceChannel } from './evidence-file.ts';
import type { Verify } from './judge.ts';
import type { LineContext } from './verify-lines.ts';
import { linesFault } from './verify-lines.ts';

/** What channels of one file share. */
export interface Shared extends LineContext {
  readonly hub: HubId;
  /** By their ids, which their content was seen to have. */
  readonly tariffs: ReadonlyMap<string, KnownTariff>;
  /** By their keys, each looked at once: that is dearer than a signature. */
  readonly payers: Map<string, Payer>;
  /** What channels have left to be checked, in their order: signatures, which take less time one after the other than one here and one there. */
  readonly signatures: ClaimedSignature[];
}

export interface ClaimedSignature {
  readonly channel: EvidenceChannel;
  readonly check: 'commitment' | 'voucher';
  readonly verify: Verify;
  readonly message: Bytes;
  readonly signature: Bytes;
}

export interface KnownTariff {
  readonly id: Bytes;
  readonly tariff: Tariff;
}

/** A device whose key was found to be good. */
interface Payer {
  readonly device: DeviceId;
  readonly verify: Verify;
}

export const CHANNEL_CHECKS = ['key', 'commitment', 'tariff', 'voucher', 'amount', 'batches'] as const;
export type ChannelCheck = (typeof CHANNEL_CHECKS)[number];

export interface ChannelFault {
  readonly check: ChannelCheck;
  /** Begins with the field's path within the channel. */
  readonly why: string;
}

/** Why this signature is none, or nothing. */
export function forgeryFault(
  { channel: { device }, check, verify, message, signature }: ClaimedSignature,
  hub: HubId,
): ChannelFault | undefined {
  if (verify(message, signature)) return undefined;
  const why = `${check}: the signature is not that of ${device}`;
  return { check, why: check === 'commitment' ? `${why} for hub ${toHex(hub)}` : why };
}

/** But for signatures: those are left for later, and come before whatever is found here. */
export function channelFault(channel: EvidenceChannel, shared: Shared): ChannelFault | undefined {
  const payer = payerIn(channel, shared);
  if (typeof payer === 'string') return { check: 'key', why: payer };
  const context: Context = { hub: shared.hub, device: channel.device };
  const terms = termsIn(channel, context, payer, shared);
  if (typeof terms === 'string') return { check: 'commitment', why: terms };
  const tariff = tariffIn(channel, terms, shared);
  if (typeof tariff === 'string') return { check: 'tariff', why: tariff };
  const badVoucher = voucherFault(channel, context, terms, payer, shared);
  if (badVoucher !== undefined) return { check: 'voucher', why: badVoucher };
  const badAmount = amountFault(channel, tariff);
  if (badAmount !== undefined) return { check: 'amount', why: badAmount };
  const badLines = linesFault(channel, tariff, shared);
  return badLines === undefined ? undefined : { check: 'batches', why: badLines };
}

function payerIn({ device, publicKey }: EvidenceChannel, { judge, payers }: Shared): Payer | string {
  let payer = payers.get(publicKey);
  if (payer === undefined) {
    const bytes = judge.bytesIn(publicKey);
    const fault = judge.keyFault(bytes);
    if (fault !== undefined) return `publicKey: ${fault}`;
    payer = { device: deviceIdOf(bytes, judge.sha256), verify: judge.verifierOf(bytes) };
    payers.set(publicKey, payer);
  }
  return payer.device === device ? payer : `device: expected ${payer.device}, the name of the public key, got ${device}`;
}

function termsIn(channel: EvidenceChannel, context: Context, { verify }: Payer, shared: Shared): Terms | string {
  const { judge, accountNamed, signatures } = shared;
  const message = decodeUplink(judge.bytesIn(channel.commitment));
  if (message.kind === 'malformed') return `commitment: ${message.detail}`;
  if (message.kind !== 'commitment') return `commitment: expected a commitment, got a ${message.kind} voucher`;
  const { terms, payload, signature } = message;
  signatures.push({
    channel,
    check: 'commitment',
    verify,
    message: signedBytes(PURPOSE_COMMITMENT, context, payload),
    signature,
  });
  if (terms.channel !== channel.channel) return `channel: the commitment opens ${terms.channel}, got ${channel.channel}`;
  const payee = accountNamed(channel.payee);
  if (terms.payee !== payee)
    return `payee: the commitment pays account ${toHex(terms.payee)}, ${channel.payee} is ${toHex(payee)}`;
  return terms;
}

function tariffIn(channel: EvidenceChannel, terms: Terms, { judge, tariffs }: Shared): Tariff | string {
  const known = tariffs.get(channel.tariff);
  if ((known?.id ?? judge.bytesIn(channel.tariff)) !== terms.tariff)
    return `tariff: the commitment fixes tariff ${toHex(terms.tariff)}, got ${channel.tariff}`;
  if (known === undefined) return `tariff: expected tariff ${channel.tariff} among the file's, found none`;
  const { tariff } = known;
  if (tariff.currency !== channel.currency) return `currency: the tariff says ${tariff.currency}, got ${channel.currency}`;
  if (tariff.unit !== channel.unit) return `unit: the tariff says ${tariff.unit}, got ${channel.unit}`;
  return tariff;
}

function voucherFault(
  channel: EvidenceChannel,
  context: Context,
  terms: Terms,
  { verify }: Payer,
  { judge: { reachesAnchor, bytesIn }, signatures }: Shared,
): string | undefined {
  const { voucher: hex, units } = channel;
  if (hex === null) return units === 0 ? undefined : `voucher: expected a proof of ${units} units, got none`;
  const voucher = decodeUplink(bytesIn(hex));
  if (voucher.kind === 'malformed') return `voucher: ${voucher.detail}`;
  if (voucher.kind === 'commitment') return 'voucher: expected a voucher, got a commitment';
  if (voucher.channel !== terms.channel)
    return `voucher: expected one on channel ${terms.channel}, got one on ${voucher.channel}`;
  if (voucher.units !== units) return `units: the voucher is for ${voucher.units}, got ${units}`;
  if (units > terms.limitUnits) return `voucher: the commitment allows ${terms.limitUnits} units, got ${units}`;
  if (voucher.kind === 'signed') {
    const { payload, signature } = voucher;
    signatures.push({ channel, check: 'voucher', verify, message: signedBytes(PURPOSE_VOUCHER, context, payload), signature });
    return undefined;
  }
  // At most MAX_CHAIN_UNITS hashes: the reader lets no longer chain pass.
  if (units > terms.chainUnits) return `voucher: the chain has ${terms.chainUnits} links, got link ${units}`;
  const isProven = reachesAnchor(chainSalt(context.device, terms.channel), voucher.link, units, terms.anchor);
  return isProven ? undefined : `voucher: its payword does not lead to the anchor in ${units} steps`;
}

function amountFault({ units, amountMicros, segments }: EvidenceChannel, tariff: Tariff): string | undefined {
  const badSegments = segmentsFault(segments, tariff, units);
  if (badSegments !== undefined) return badSegments;
  const due = chargeOf(tariff, segments, units as Units);
  return due === amountMicros ? undefined : `amountMicros: ${units} units cost ${due} under the tariff, got ${amountMicros}`;
}

/** Which units belong to which element is the hub's word; that they are all units once, and each belongs to one, is seen. */
function segmentsFault(segments: EvidenceChannel['segments'], tariff: Tariff, units: number): string | undefined {
  const elements = tariff.kind === 'rich' ? tariff.elements.length : 1;
  let reachedUnits = 0;
  for (const [at, { element, toUnits }] of segments.entries()) {
    if (element >= elements) return `segments.${at}.element: expected one of the tariff's ${elements}, got ${element}`;
    if (toUnits <= reachedUnits) return `segments.${at}.toUnits: expected more than ${reachedUnits}, got ${toUnits}`;
    reachedUnits = toUnits;
  }
  const dueUnits = isTimed(tariff) ? units : 0;
  return reachedUnits === dueUnits ? undefined : `segments: expected them to reach ${dueUnits} units, got ${reachedUnits}`;
}
