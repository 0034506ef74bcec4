// What came back of charges, in the auditor's own record: refunds, disputes and how they were resolved. In: what was asked of the hub and what it has answered; the committed books. Out: a sentence for
// what was answered and is not there, for what moved elsewhere than asked, and for more than was charged.

import { accountIdOf } from '../../hub/ids.ts';
import { DISPUTES } from '../../hub/ledger.ts';
import type { PostedEntry } from '../../hub/ledger.ts';
import type { Store } from '../../hub/store.ts';
import type { AccountId, DeviceId } from '../../shared/identity.ts';
import type { ChannelNumber } from '../../shared/units.ts';
import type { Broken } from './broken.ts';

export interface OwnReturn {
  readonly kind: 'refund' | 'dispute' | 'resolution';
  readonly device: DeviceId;
  readonly number: ChannelNumber;
  readonly payer: AccountId;
  readonly payee: AccountId;
  readonly currency: string;
  readonly amountMicros: number;
  /** Of a resolution. */
  readonly winner: 'payer' | 'payee' | undefined;
  readonly askedAtMs: number;
  /** From now on it is in the books, once. */
  answered: boolean;
}

/** By the key of the entry that each makes. */
export type OwnReturns = Map<string, OwnReturn>;

const ANSWER_MS = 3_600_000;
const HELD = accountIdOf(DISPUTES);

/** Whose money it was, and whose it is then. */
export function endsOf({ kind, payer, payee, winner }: OwnReturn): readonly [AccountId, AccountId] {
  if (kind === 'refund') return [payee, payer];
  if (kind === 'dispute') return [payee, HELD];
  return [HELD, winner === 'payer' ? payer : payee];
}

export function isBooked(store: Store, key: string): boolean {
  return store.books.numberOf(key) !== undefined;
}

export function auditReturns(store: Store, returns: OwnReturns, broken: Broken): void {
  const backMicros = new Map<string, number>();
  for (const [key, own] of returns) {
    const entry = store.books.find(store.books.numberOf(key) ?? 0);
    if (entry === undefined) {
      if (own.answered) broken('returns', `"${key}" was answered, and is not in the books`);
      continue;
    }
    if (!moves(entry, own)) broken('returns', `"${key}" moves otherwise than was asked: ${JSON.stringify(entry.postings)}`);
    const channel = `${own.device}/${own.number}`;
    const sign = own.kind !== 'resolution' ? 1 : own.winner === 'payee' ? -1 : 0;
    backMicros.set(channel, (backMicros.get(channel) ?? 0) + sign * own.amountMicros);
  }
  for (const [channel, micros] of backMicros) {
    const [device, number] = channel.split('/') as [DeviceId, string];
    const claimedMicros = store.channels.account(device, Number(number) as ChannelNumber)?.claimedMicros ?? 0;
    if (micros > claimedMicros)
      broken('returns', `channel ${channel}: ${micros} micros came back of ${claimedMicros} that were charged`);
  }
}

/** At the end, with the hub up: who asks is answered within the hour. */
export function auditAnswers(returns: OwnReturns, nowMs: number, broken: Broken): void {
  for (const [key, { answered, askedAtMs }] of returns)
    if (!answered && nowMs - askedAtMs > ANSWER_MS)
      broken('returns', `"${key}" was asked for again and again, and never answered`);
}

function moves({ kind, postings }: PostedEntry, own: OwnReturn): boolean {
  const [from, to] = endsOf(own);
  const has = (account: AccountId, micros: number): boolean =>
    postings.some((one) => one.account === account && one.currency === own.currency && one.amountMicros === micros);
  return kind === own.kind && postings.length === 2 && has(from, -own.amountMicros) && has(to, own.amountMicros);
}
