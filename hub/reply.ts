// A counterpart's file, read back: what it says of payouts goes into the books, once. In: the file's bytes and the rail that it is for. Out: what followed, and what in it changes
// nothing; or a sentence when it is no such file. A payout that the rail was never given, in whatever file, is shown and believed nothing.

import type { Followed } from './outcome.ts';
import { recordOutcomes } from './outcome.ts';
import { payoutOf } from './payout.ts';
import { nameOfIn } from './batch-view.ts';
import type { Payout, Rail } from './rails/rail.ts';
import type { Store } from './store.ts';

export interface ReadReply {
  readonly followed: readonly Followed[];
  readonly remarks: readonly string[];
}

export function readReplyFile(store: Store, rail: Rail, bytes: Uint8Array, nowSeconds: number): ReadReply | string {
  if (rail.readReply === undefined) return `rail: ${rail.name} answers by itself and reads no files; see tallystick settle send`;
  const rows = store.payouts.ofRail(rail.name).filter(({ state }) => state !== 'prepared');
  const nameOf = nameOfIn(store);
  const payouts: Payout[] = rows.map((row) => payoutOf(row, nameOf(row.account), store.particulars.frozen(row.id) ?? {}));
  const memory = store.payouts.memoryOf(rail.name, (write) => store.atomically(write));
  const read = rail.readReply(bytes, payouts, memory);
  if (typeof read === 'string') return read;
  const given = new Set(payouts.map(({ id }) => id));
  const said = read.replies.filter(({ payout }) => given.has(payout));
  const unknown = read.replies
    .filter(({ payout }) => !given.has(payout))
    .map(({ payout }) => `payout ${payout} was never given to ${rail.name}`);
  return { followed: recordOutcomes(store, said, `${rail.name} reply`, nowSeconds), remarks: [...read.remarks, ...unknown] };
}
