// Customers who want money back, and operators who give it or dispute it: each request under one id until the hub has answered, and some of them once more. In: a scenario's rates, and
// what channels have been charged. Out: refunds, disputes, resolutions, by the hub's own functions; and the auditor's own record of what was asked and answered.

import type { OwnReturn } from '../audit/own-returns.ts';
import { ownMost } from '../audit/second-charge.ts';
import type { Account } from '../../hub/account.ts';
import { MoneyRefused } from '../../hub/money-door.ts';
import { openDispute, refund, resolveDispute } from '../../hub/returns.ts';
import type { Store } from '../../hub/store.ts';
import type { Random } from '../random.ts';
import type { ReturnsSpec } from '../scenario-returns.ts';
import type { Asked } from './asked.ts';
import { askInOrder, RETRY_MS } from './asked.ts';
import { nowAndThen } from './faults.ts';
import type { World } from './world.ts';

interface Desk {
  readonly world: World;
  readonly spec: ReturnsSpec;
  readonly random: Random;
  /** Not answered yet, the oldest first. */
  readonly asked: Asked[];
  requests: number;
}

export function lookAfterReturns(world: World): void {
  const { returns: spec } = world.scenario;
  if (spec === undefined) return;
  const desk: Desk = { world, spec, random: world.random('returns'), asked: [], requests: 0 };
  nowAndThen(world, spec.refunds?.perDay ?? 0, desk.random, () => wantBack(desk, 'refund'));
  nowAndThen(world, spec.disputes?.perDay ?? 0, desk.random, () => wantBack(desk, 'dispute'));
  const retry = (): void => {
    goOn(desk);
    world.clock.after(RETRY_MS, retry);
  };
  world.clock.after(RETRY_MS, retry);
}

/** Something of what a channel was charged and nobody has given back. */
function wantBack(desk: Desk, kind: 'refund' | 'dispute'): void {
  const { world, random, spec } = desk;
  const store = world.site.store() === undefined || desk.asked.length > 0 ? undefined : world.eyes(); // a look from beside the hub
  const left = store === undefined ? [] : returnable(store);
  const [account, leftMicros] = left[random.integer(0, left.length - 1)] ?? [undefined, 0];
  if (account === undefined) return;
  const id = `back-${++desk.requests}`;
  if (random.next() < spec.greedyShare) return wantTooMuch(desk, kind, account, id);
  const amountMicros = random.integer(1, leftMicros);
  const { device, number, payer, payee, tariff } = account;
  const own = { kind, device, number, payer, payee, currency: tariff.currency, amountMicros };
  const give = kind === 'refund' ? refund : openDispute;
  const ask = (asking: Store): void => {
    give(asking, `${device}/${number}`, { id, amountMicros, reason: 'it did not work', nowSeconds: world.site.nowSeconds() });
  };
  request(desk, `${kind}:${id}`, { ...own, winner: undefined }, ask);
  if (kind === 'dispute') resolveLater(desk, id, own);
}

/** More than the channel could ever cost: it is to be refused, and to leave nothing. */
function wantTooMuch(
  { world }: Desk,
  kind: 'refund' | 'dispute',
  { device, number, tariff, acceptedUnits }: Account,
  id: string,
): void {
  const amountMicros = (ownMost(tariff, acceptedUnits) ?? 0) * 10 + 1_000_000_000;
  const wish = { id, amountMicros, reason: 'it never worked', nowSeconds: world.site.nowSeconds() };
  world.site.attempt((store) => {
    try {
      (kind === 'refund' ? refund : openDispute)(store, `${device}/${number}`, wish);
    } catch (error) {
      if (!(error instanceof MoneyRefused)) throw error;
      world.chronicle.count('return refused');
      return;
    }
    world.auditor.broken(
      'returns',
      `${device}/${number}: a ${kind} of ${amountMicros} micros, more than it could cost, was taken`,
    );
  });
}

function returnable(store: Store): Array<readonly [Account, number]> {
  return store.channels
    .accounts()
    .map((account) => [account, account.claimedMicros - store.returns.returnedMicros(account.device, account.number)] as const)
    .filter(([, leftMicros]) => leftMicros > 0);
}

function resolveLater(desk: Desk, id: string, own: Omit<OwnReturn, 'winner' | 'answered' | 'askedAtMs'>): void {
  const { world, spec, random } = desk;
  const winner = random.next() < (spec.disputes?.payerWins ?? 0) ? 'payer' : 'payee';
  world.clock.after(random.exponential(spec.disputes?.takes ?? 0), () => {
    const ask = (store: Store): void => void resolveDispute(store, id, winner, world.site.nowSeconds());
    request(desk, `resolution:${id}`, { ...own, kind: 'resolution', winner }, ask);
  });
}

function request(desk: Desk, key: string, own: Omit<OwnReturn, 'answered' | 'askedAtMs'>, ask: Asked['ask']): void {
  const { world, asked, random, spec } = desk;
  world.auditor.returns.set(key, { ...own, askedAtMs: world.clock.nowMs, answered: false });
  world.chronicle.note(`asks for ${key}`);
  asked.push({ key, ask });
  goOn(desk);
  if (random.next() >= spec.repeatShare) return;
  world.clock.after(RETRY_MS, () => {
    asked.push({ key, ask });
    goOn(desk);
  });
}

function goOn({ world, asked }: Desk): void {
  askInOrder(world, asked, (key, refusal) => {
    const own = world.auditor.returns.get(key);
    if (refusal !== undefined) return world.auditor.broken('returns', `${key} was refused: ${refusal}`);
    if (own === undefined || own.answered) return;
    own.answered = true;
    world.chronicle.count(own.kind);
  });
}
