// What comes back of a channel's charge: refunds, and disputes that hold an amount until they are resolved. In: a channel, an amount, the operator's id and reason. Out: an
// entry that refers to the one that claimed last on the channel; or a refusal, and nothing is recorded. Never more comes back than was charged.

import type { Account } from './account.ts';
import type { Drawn } from './draw.ts';
import { assertDrawn, writeClaims } from './draw.ts';
import type { Entry } from './ledger.ts';
import { DISPUTES } from './ledger.ts';
import type { Posted } from './money-door.ts';
import { checkedAmount, checkedId, checkedText, knownChannel, MoneyRefused, postOnce } from './money-door.ts';
import type { Store } from './store.ts';
import type { Dispute, Winner } from './store-returns.ts';
import { decimalText } from './tariff/decimal.ts';

export interface ReturnRequest {
  readonly id: string;
  readonly amountMicros: number;
  readonly reason: string;
  readonly nowSeconds: number;
}

/** From the payee back to the payer. */
export function refund(store: Store, channel: string, request: ReturnRequest): Posted {
  return given(store, channel, request, (account, refersTo) => {
    const { amountMicros, id, nowSeconds } = request;
    const entry = transfer('refund', account.payee, account.payer, { account, request, refersTo });
    const isSame = (number: number): boolean => isOf(store.returns.refund(number), account);
    const posted = postOnce(store, { what: 'refund', id, entry, nowSeconds, isSame });
    if (posted.repeated) return posted;
    assertReturnable(store, account, amountMicros);
    store.returns.addRefund({ entry: posted.entry, device: account.device, number: account.number, amountMicros });
    return posted;
  });
}

/** The payee's amount is held until it is known whose it is. */
export function openDispute(store: Store, channel: string, request: ReturnRequest): Posted {
  return given(store, channel, request, (account, refersTo) => {
    const { amountMicros, id, nowSeconds } = request;
    const held = store.devices.account(DISPUTES, nowSeconds);
    const entry = transfer('dispute', account.payee, held, { account, request, refersTo });
    const isSame = (number: number): boolean => isOf(store.returns.disputeOf(number), account);
    const posted = postOnce(store, { what: 'dispute', id, entry, nowSeconds, isSame });
    if (posted.repeated) return posted;
    assertReturnable(store, account, amountMicros);
    store.returns.addDispute({ entry: posted.entry, id, device: account.device, number: account.number, amountMicros });
    return posted;
  });
}

export function resolveDispute(store: Store, id: string, winner: Winner, nowSeconds: number): Posted {
  return store.atomically(() => {
    const dispute = store.returns.dispute(checkedId(id));
    if (dispute === undefined) throw new MoneyRefused(`id: expected a dispute that was opened, got "${id}"`);
    if (dispute.resolved !== undefined) return resolvedBefore(dispute, winner);
    const account = store.channels.account(dispute.device, dispute.number);
    if (account === undefined) throw new Error(`dispute ${id} is about a channel that is not there`);
    const { amountMicros } = dispute;
    const { currency } = account.tariff;
    const entry: Omit<Entry, 'key'> = {
      kind: 'resolution',
      refersTo: dispute.entry,
      text: `for the ${winner}`,
      postings: [
        { account: store.devices.account(DISPUTES, nowSeconds), currency, amountMicros: -amountMicros },
        { account: winner === 'payer' ? account.payer : account.payee, currency, amountMicros },
      ],
    };
    const posted = postOnce(store, { what: 'resolution', id, entry, nowSeconds });
    store.returns.resolve(dispute.entry, winner, posted.entry);
    return posted;
  });
}

function resolvedBefore({ id, resolved }: Dispute, winner: Winner): Posted {
  if (resolved?.winner === winner) return { entry: resolved.entry, repeated: true };
  throw new MoneyRefused(`for: dispute ${id} is resolved for the ${resolved?.winner}, got ${winner}; give a refund instead`);
}

type Give = (account: Account, refersTo: number) => Posted;

/** What the channel owes is claimed first: so that there is an entry to refer to. */
function given(store: Store, channel: string, { id, amountMicros, reason, nowSeconds }: ReturnRequest, give: Give): Posted {
  checkedId(id);
  checkedAmount(amountMicros);
  checkedText(reason);
  let drawn: Drawn | undefined;
  const posted = store.atomically(() => {
    knownChannel(store, channel);
    drawn = writeClaims(store, nowSeconds);
    const account = knownChannel(store, channel);
    const refersTo = store.claimDays.lastEntry(account.device, account.number);
    if (refersTo === undefined) throw new MoneyRefused(`channel: ${channel} was charged nothing, so nothing can come back`);
    return give(account, refersTo);
  });
  if (drawn !== undefined) assertDrawn(store, drawn);
  return posted;
}

function assertReturnable(store: Store, { device, number, claimedMicros, tariff }: Account, amountMicros: number): void {
  const leftMicros = claimedMicros - store.returns.returnedMicros(device, number);
  if (amountMicros <= leftMicros) return;
  const parts = `${decimalText(claimedMicros)} ${tariff.currency} were charged on ${device}/${number}, ${decimalText(claimedMicros - leftMicros)} of it returned or disputed`;
  throw new MoneyRefused(`amount: expected at most ${decimalText(leftMicros)}, got ${decimalText(amountMicros)}: ${parts}`);
}

function isOf(found: { readonly device: string; readonly number: number } | undefined, { device, number }: Account): boolean {
  return found?.device === device && found.number === number;
}

interface About {
  readonly account: Account;
  readonly request: ReturnRequest;
  readonly refersTo: number;
}

function transfer(kind: 'refund' | 'dispute', from: Account['payee'], to: Account['payee'], about: About): Omit<Entry, 'key'> {
  const { currency } = about.account.tariff;
  const { amountMicros, reason } = about.request;
  return {
    kind,
    refersTo: about.refersTo,
    text: reason,
    postings: [
      { account: from, currency, amountMicros: -amountMicros },
      { account: to, currency, amountMicros },
    ],
  };
}
