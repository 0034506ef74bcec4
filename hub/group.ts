// One group of messages, judged together and written in one transaction. In: messages in the order of their arrival. Out: a verdict for each; and what the
// devices' copies in memory become, if and only if the commit succeeds. It must never change memory before the commit.

import type { Uplink } from '../shared/uplink.ts';
import type { Verdict, View } from './accept.ts';
import { accept, isBilled } from './accept.ts';
import { assertConserved } from './audit.ts';
import type { Bucket } from './bucket.ts';
import { billed, isSpent, refilled } from './bucket.ts';
import type { Channel } from './channel.ts';
import type { Known, KnownDevice } from './known.ts';
import { holdChannel } from './known.ts';
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
  conflicted: boolean;
}

export interface Judgement {
  /** One per arrival, in their order. */
  readonly verdicts: readonly Verdict[];
  readonly drafts: ReadonlyMap<KnownDevice, Draft>;
}

export interface Moment {
  readonly nowMs: number;
  readonly nowSeconds: number;
}

export function judgeGroup(known: Known, arrivals: readonly Arrival[], moment: Moment): Judgement {
  const drafts = new Map<KnownDevice, Draft>();
  const verdicts = arrivals.map(({ device, message }) => {
    const draft = drafts.get(device) ?? draftOf(device, moment);
    drafts.set(device, draft);
    const verdict = accept(viewOf(known, device, draft, message, moment), message, { ...known.lookups, verify: device.verify });
    note(draft, verdict);
    return verdict;
  });
  return { verdicts, drafts };
}

function draftOf(device: KnownDevice, { nowMs }: Moment): Draft {
  const { nextChannel, bucket } = device;
  return { opened: [], changed: new Map(), nextChannel, bucket: refilled(bucket, nowMs), conflicted: false };
}

function viewOf(known: Known, device: KnownDevice, draft: Draft, message: Uplink, { nowSeconds }: Moment): View {
  const number = message.kind === 'malformed' ? 0 : message.kind === 'commitment' ? message.terms.channel : message.channel;
  return {
    context: device.context,
    standing: device.row.revoked ? 'revoked' : 'enrolled',
    spent: isSpent(draft.bucket),
    channel: number === 0 ? undefined : (draft.changed.get(number) ?? known.channel(device, number)),
    nextChannel: draft.nextChannel,
    creditMicros: device.row.creditMicros,
    nowSeconds,
  };
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
      if (isBilled(verdict.reason)) draft.bucket = billed(draft.bucket);
      if (verdict.reason === 'conflicting-channel') draft.conflicted = true;
      return;
    case 'duplicate':
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
    for (const channel of draft.opened) store.channels.open(row.device, row.payer, channel, nowSeconds);
    for (const channel of draft.changed.values()) store.channels.advance(row.device, channel, nowSeconds);
    if (draft.conflicted) store.devices.flagConflict(row.device, nowSeconds);
  }
}

/** After the commit: what is on the disk must be what was judged, and the chain of counts must hold. */
export function assertWritten(store: Store, judgement: Judgement): void {
  for (const [{ row }, draft] of judgement.drafts) {
    for (const [number, channel] of draft.changed) {
      assertConserved(`${row.device}/${number}`, store.channels.standing(row.device, channel.terms.channel), channel);
    }
  }
}

export function keepGroup(judgement: Judgement): void {
  for (const [device, draft] of judgement.drafts) {
    for (const channel of draft.changed.values()) holdChannel(device, channel);
    device.nextChannel = draft.nextChannel;
    device.bucket = draft.bucket;
  }
}
