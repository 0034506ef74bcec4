// One group of messages, judged together and written in one transaction. In: messages in the order of their arrival. Out: a verdict for each; and what the
// devices' copies in memory become, if and only if the commit succeeds. It must never change memory before the commit.

import type { Uplink } from '../shared/uplink.ts';
import type { SignedVoucher } from '../shared/voucher.ts';
import type { Verdict, Verify, View } from './accept.ts';
import { accept, isBilled } from './accept.ts';
import { assertConserved } from './audit.ts';
import type { Bucket } from './bucket.ts';
import { billed, isSpent, refilled } from './bucket.ts';
import type { Channel } from './channel.ts';
import type { Known, KnownDevice } from './known.ts';
import type { Moment } from './moment.ts';
import { holdChannel } from './known.ts';
import { billRefused, billRepeated, billWalk } from './pace.ts';
import type { Purse } from './purse.ts';
import { reserve } from './purse.ts';
import type { Store } from './store.ts';

export interface Arrival {
  readonly device: KnownDevice;
  readonly message: Uplink;
}

interface Draft {
  readonly opened: Channel[];
  readonly changed: Map<number, Channel>;
  nextChannel: number;
  bucket: Bucket;
  /** Messages. */
  refused: number;
  repeated: number;
  conflicted: boolean;
}

export interface Judgement {
  /** One per arrival, in their order. */
  readonly verdicts: readonly Verdict[];
  readonly drafts: ReadonlyMap<KnownDevice, Draft>;
}

/** `checked` knows of signatures that were verified ahead. A group that opens channels is judged in the transaction that will write it: see `opensChannels`. */
export function judgeGroup(
  known: Known,
  arrivals: readonly Arrival[],
  moment: Moment,
  checked: (message: Uplink) => boolean | undefined = () => undefined,
): Judgement {
  const purse = known.purse(moment.nowSeconds);
  const drafts = new Map<KnownDevice, Draft>();
  const verdicts = new Array<Verdict>(arrivals.length);
  for (const i of judgingOrder(arrivals)) {
    const { device, message } = arrivals[i] as Arrival;
    const draft = drafts.get(device) ?? draftOf(device, moment);
    drafts.set(device, draft);
    const verify: Verify = (bytes, signature) => checked(message) ?? device.verify(bytes, signature);
    // What is new stands first: an object that is spread and then grows has a shape of its own each time, which V8 keeps until it goes through all memory.
    const judges = { verify, ...known.lookups };
    const verdict = accept(viewOf({ known, purse, device, draft, message, moment }), message, judges);
    note(draft, verdict);
    if (verdict.kind === 'accepted' && verdict.change.kind === 'opened') {
      purse.take(device.row.payer, device.row.device, verdict.change.channel);
    }
    verdicts[i] = verdict;
  }
  return { verdicts, drafts };
}

/**
 * As they came; but of the signed vouchers on one channel the highest is judged first. Once it is accepted the others are duplicates, and their signatures, the
 * dearest thing there is, are never checked; if it is not, the next one is judged [W-23].
 */
function judgingOrder(arrivals: readonly Arrival[]): number[] {
  const order = arrivals.map((_, i) => i);
  const signed = new Map<string, number[]>();
  arrivals.forEach(({ device, message }, i) => {
    if (message.kind !== 'signed') return;
    const key = `${device.row.device} ${message.channel}`;
    const places = signed.get(key);
    if (places === undefined) signed.set(key, [i]);
    else places.push(i);
  });
  const unitsAt = (i: number): number => (arrivals[i]?.message as SignedVoucher).units;
  for (const places of signed.values()) {
    if (places.length < 2) continue;
    const downwards = [...places].sort((a, b) => unitsAt(b) - unitsAt(a));
    places.forEach((place, i) => (order[place] = downwards[i] as number));
  }
  return order;
}

function draftOf(device: KnownDevice, { nowMs }: Moment): Draft {
  const { nextChannel, bucket } = device;
  return {
    opened: [],
    changed: new Map(),
    nextChannel,
    bucket: refilled(bucket, nowMs),
    refused: 0,
    repeated: 0,
    conflicted: false,
  };
}

/** Commitments are judged by the payer's wallet, which other processes fill and empty: nobody may do so until the channel is open. */
export function opensChannels(messages: readonly Uplink[]): boolean {
  return messages.some(({ kind }) => kind === 'commitment');
}

interface Case {
  readonly known: Known;
  readonly purse: Purse;
  readonly device: KnownDevice;
  readonly draft: Draft;
  readonly message: Uplink;
  readonly moment: Moment;
}

function viewOf(judged: Case): View {
  const { known, device, draft, message, moment } = judged;
  const number = message.kind === 'malformed' ? 0 : message.kind === 'commitment' ? message.terms.channel : message.channel;
  return {
    context: device.context,
    standing: device.row.revoked ? 'revoked' : 'enrolled',
    spent: isSpent(draft.bucket),
    channel: number === 0 ? undefined : (draft.changed.get(number) ?? known.channel(device, number)),
    nextChannel: draft.nextChannel,
    creditMicros: creditMicrosOf(judged),
    nowSeconds: moment.nowSeconds,
  };
}

/** The device's own credit, and what wallet and budgets of its payer leave. */
function creditMicrosOf({ known, purse, device: { row }, message }: Case): number {
  const tariff = message.kind === 'commitment' ? known.lookups.tariffOf(message.terms.tariff) : undefined;
  if (message.kind !== 'commitment' || tariff === undefined) return row.creditMicros;
  const boundMicros = purse.boundMicros(row.payer, row.device, message.terms, tariff);
  return boundMicros === undefined ? row.creditMicros : Math.min(row.creditMicros, boundMicros);
}

function note(draft: Draft, verdict: Verdict): void {
  switch (verdict.kind) {
    case 'accepted': {
      const { kind, channel } = verdict.change;
      if (kind === 'opened') draft.opened.push(channel);
      draft.changed.set(channel.terms.channel, channel);
      draft.nextChannel = Math.max(draft.nextChannel, channel.terms.channel + 1);
      return;
    }
    case 'rejected':
      draft.refused++;
      if (isBilled(verdict.reason)) draft.bucket = billed(draft.bucket);
      if (verdict.reason === 'conflicting-channel') draft.conflicted = true;
      return;
    case 'duplicate':
      draft.repeated++;
      return;
  }
}

/** False when the group changes nothing that must be kept. */
export function changesBooks(judgement: Judgement): boolean {
  for (const draft of judgement.drafts.values()) if (draft.changed.size > 0 || draft.conflicted) return true;
  return false;
}

/** Within the caller's transaction. */
export function writeGroup(store: Store, judgement: Judgement, nowSeconds: number): void {
  for (const [{ row }, draft] of judgement.drafts) {
    for (const channel of draft.opened) {
      store.channels.open(row.device, row.payer, channel, nowSeconds);
      reserve(store, row.payer, row.device, channel, nowSeconds);
    }
    for (const channel of draft.changed.values()) {
      store.channels.advance(row.device, channel, nowSeconds);
      if (channel.closed) {
        store.reservations.release(row.device, channel.terms.channel, 'closing', channel.chargedMicros, nowSeconds);
      }
    }
    if (draft.conflicted) store.devices.flagConflict(row.device, nowSeconds);
  }
}

/** After the commit: what is on the disk must be what was judged, and the chain of counts must hold. */
export function assertWritten(store: Store, judgement: Judgement): void {
  if (![...judgement.drafts.values()].some((draft) => draft.changed.size > 0)) return;
  store.atOneMoment(() => {
    for (const [{ row }, draft] of judgement.drafts) {
      for (const [number, channel] of draft.changed) {
        assertConserved(`${row.device}/${number}`, store.channels.standing(row.device, channel.terms.channel), channel);
      }
    }
  });
}

export function keepGroup(judgement: Judgement): void {
  for (const [device, draft] of judgement.drafts) {
    for (const channel of draft.changed.values()) {
      billWalk(device.pace, channel.linkUnits - (device.channels.get(channel.terms.channel)?.linkUnits ?? 0));
      holdChannel(device, channel);
    }
    keepCounts(device, draft);
  }
}

/** Committed, but the disk does not say so: memory forgets the channels, and what is judged next is what can be read. */
export function forgetGroup(judgement: Judgement): void {
  for (const [device, draft] of judgement.drafts) {
    for (const number of draft.changed.keys()) device.channels.delete(number);
    keepCounts(device, draft);
  }
}

function keepCounts(device: KnownDevice, { changed, nextChannel, bucket, refused, repeated }: Draft): void {
  billRefused(device.pace, refused);
  billRepeated(device.pace, repeated);
  for (const number of changed.keys()) device.unfolded?.delete(number); // the row has as much by now
  device.nextChannel = nextChannel;
  device.bucket = bucket;
}
