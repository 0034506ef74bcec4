// The outsider's check of a file of evidence, with no hub and no database. In: JSON, a judge, and, if the reader has it from elsewhere, the hub's public key. Out: valid, with what is owed by
// whom to whom and what has been settled of it; or the first thing that is wrong; and in both cases each check that was made. It is the same in the command and in a browser.

import type { Bytes } from '../../shared/bytes.ts';
import { toHex } from '../../shared/bytes.ts';
import type { AccountId, HubId } from '../../shared/identity.ts';
import type { Evidence, EvidenceChannel } from './evidence-file.ts';
import { parseEvidence } from './evidence-file.ts';
import type { Judge } from './judge.ts';
import { accountNamed } from './read.ts';
import type { ChannelCheck, Shared } from './verify-channel.ts';
import { channelFault, forgeryFault } from './verify-channel.ts';
import { waysUnder } from './verify-path.ts';
import { accountFault, batchesIn, headsFault, hubFault, signatureFault, tariffsIn, unusedFault } from './verify-hub.ts';

export type Check = 'form' | 'hub' | 'tariffs' | 'trees' | ChannelCheck | 'heads' | 'whole' | 'signature' | 'vouched';

/** In the order in which they are made. */
export const CHECKS: readonly Check[] = [
  ...(['form', 'hub', 'tariffs', 'trees'] as const),
  ...(['key', 'commitment', 'tariff', 'voucher', 'amount', 'batches'] as const),
  ...(['heads', 'whole', 'signature', 'vouched'] as const),
];

export interface ProvenChannel {
  readonly device: string;
  readonly channel: number;
  readonly payer: string;
  readonly payee: string;
  readonly units: number;
  readonly unit: string;
  readonly amountMicros: number;
  readonly currency: string;
  /** Of it, by what the hub says has moved. */
  readonly settledUnits: number;
  readonly settledMicros: number;
  readonly batches: readonly string[];
}

export interface Valid {
  readonly kind: 'valid';
  /** The reader's own key of the hub has signed this. Otherwise a hub is who the file says it is. */
  readonly vouched: boolean;
  readonly hub: string;
  readonly hubKey: string;
  readonly writtenAtSeconds: number;
  readonly account: string | null;
  readonly channels: readonly ProvenChannel[];
  /** Batches from before heads were signed: their lines are in them, and only this file says when they were closed. */
  readonly withoutHead: readonly string[];
}

export interface Invalid {
  readonly kind: 'invalid';
  readonly check: Check;
  /** One sentence that begins with the field's path in the file. */
  readonly why: string;
}

export type EvidenceVerdict = Valid | Invalid;

/** What the reader has beside the file's content: the hub's public key from elsewhere, and the file's text. */
export interface Known {
  readonly hubKey?: Bytes | undefined;
  readonly text?: string | undefined;
}

export function verifyEvidenceBy(judge: Judge, json: unknown, known: Known = {}): EvidenceVerdict {
  const evidence = parseEvidence(json);
  if (typeof evidence === 'string') return invalid('form', evidence);
  return faultOf(evidence, judge, known) ?? validity(evidence, known.hubKey !== undefined);
}

/** It is what the hub signed if it is as the hub wrote it, and then nothing is written again to see that. Throws what JSON.parse throws. */
export function verifyTextBy(judge: Judge, text: string, hubKey?: Bytes): EvidenceVerdict {
  return verifyEvidenceBy(judge, JSON.parse(text), { hubKey, text });
}

function invalid(check: Check, why: string): Invalid {
  return { kind: 'invalid', check, why };
}

/** Each step may rely on the ones above it. The signature over the file comes late: what a narrower check finds says more. */
function faultOf(evidence: Evidence, judge: Judge, { hubKey, text }: Known): Invalid | undefined {
  const badHub = hubFault(evidence, judge);
  if (badHub !== undefined) return invalid('hub', badHub);
  const tariffs = tariffsIn(evidence, judge);
  if (typeof tariffs === 'string') return invalid('tariffs', tariffs);
  const batches = batchesIn(evidence, judge);
  if (typeof batches === 'string') return invalid('trees', batches);
  const bad = channelsFault(evidence.channels, sharedBy(evidence, judge, tariffs, batches));
  if (bad !== undefined) return bad;
  const badHeads = headsFault(evidence, judge);
  if (badHeads !== undefined) return invalid('heads', badHeads);
  const unused = unusedFault(evidence) ?? accountFault(evidence);
  if (unused !== undefined) return invalid('whole', unused);
  const unsigned = signatureFault(evidence, judge, text);
  if (unsigned !== undefined) return invalid('signature', unsigned);
  if (hubKey === undefined || toHex(hubKey) === evidence.hub.publicKey) return undefined;
  return invalid('vouched', `hub.publicKey: expected the hub's key ${toHex(hubKey)}, got ${evidence.hub.publicKey}`);
}

/** Names are few, and each is hashed once. */
function sharedBy(evidence: Evidence, judge: Judge, tariffs: Shared['tariffs'], batches: Shared['batches']): Shared {
  const accounts = new Map<string, AccountId>();
  return {
    ...{ judge, tariffs, batches, payers: new Map(), signatures: [] },
    hub: judge.bytesIn(evidence.hub.id) as HubId,
    ways: waysUnder(judge),
    accountNamed(name) {
      const account = accounts.get(name) ?? accountNamed(name, judge.sha256);
      accounts.set(name, account);
      return account;
    },
  };
}

/** So many are checked one after the other, and no more are held. */
const SIGNATURES_TOGETHER = 256;

function channelsFault(channels: readonly EvidenceChannel[], shared: Shared): Invalid | undefined {
  const { signatures } = shared;
  for (const [at, channel] of channels.entries()) {
    const fault = channelFault(channel, shared);
    if (fault === undefined && signatures.length < SIGNATURES_TOGETHER && at < channels.length - 1) continue;
    const forged = forgeryIn(channels, shared);
    if (forged !== undefined) return forged;
    if (fault !== undefined) return invalid(fault.check, `channels.${at}.${fault.why}`);
  }
  return undefined;
}

function forgeryIn(channels: readonly EvidenceChannel[], { signatures, hub }: Shared): Invalid | undefined {
  for (const claimed of signatures.splice(0)) {
    const fault = forgeryFault(claimed, hub);
    if (fault !== undefined) return invalid(fault.check, `channels.${channels.indexOf(claimed.channel)}.${fault.why}`);
  }
  return undefined;
}

function validity(evidence: Evidence, vouched: boolean): Valid {
  const { hub, writtenAtSeconds, account, channels, batches } = evidence;
  return {
    kind: 'valid',
    vouched,
    hub: hub.id,
    hubKey: hub.publicKey,
    ...{ writtenAtSeconds, account },
    channels: channels.map(provenOf),
    withoutHead: batches.filter(({ head }) => head === null).map(({ id }) => id),
  };
}

function provenOf(channel: EvidenceChannel): ProvenChannel {
  return {
    device: channel.device,
    channel: channel.channel,
    payer: channel.payer,
    payee: channel.payee,
    units: channel.units,
    unit: channel.unit,
    amountMicros: channel.amountMicros,
    currency: channel.currency,
    settledUnits: channel.settledUnits,
    settledMicros: channel.settledMicros,
    batches: channel.lines.map(({ batch }) => batch),
  };
}
