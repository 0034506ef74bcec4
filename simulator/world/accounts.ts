// Operators who look after accounts: they top up what runs short, and give promotions. In: a scenario's accounts, and the hub's own functions. Out: money events,
// each asked for under one id until the hub has answered, and some of them once more; and the auditor's own record of what was asked and answered.

import { budgetsOf } from '../audit/own-accounts.ts';
import type { OwnEvent, OwnWallet } from '../audit/own-wallets.ts';
import { ownMost } from '../audit/second-charge.ts';
import { MAX_EVENT_MICROS } from '../../hub/money-door.ts';
import type { Store } from '../../hub/store.ts';
import { availableMicros, walletOf } from '../../hub/wallet.ts';
import { promote, topUpWallet } from '../../hub/wallet-events.ts';
import { setBudget } from '../../hub/wallet-terms.ts';
import type { Random } from '../random.ts';
import type { AccountSpec } from '../scenario-accounts.ts';
import type { Asked } from './asked.ts';
import { askInOrder, RETRY_MS } from './asked.ts';
import { accountsOf } from './open-accounts.ts';
import type { World } from './world.ts';

interface Keeping {
  readonly world: World;
  readonly spec: AccountSpec;
  readonly wallet: OwnWallet;
  readonly random: Random;
  /** Not answered yet, the oldest first. */
  readonly asked: Asked[];
  events: number;
}

export function lookAfterAccounts(world: World): void {
  for (const spec of world.scenario.accounts) {
    for (const name of accountsOf(spec, world.members).keys()) {
      const wallet = world.auditor.wallets.find((one) => one.name === name) as OwnWallet;
      const keeping: Keeping = { world, spec, wallet, random: world.random(`account ${name}`), asked: [], events: 0 };
      keepToppedUp(keeping);
      for (const promotion of spec.promotions) givePromotions(keeping, promotion);
      const retry = (): void => {
        askAgain(keeping);
        world.clock.after(RETRY_MS, retry);
      };
      world.clock.after(RETRY_MS, retry);
    }
  }
}

/** From now on nothing holds a board back: what was used is to be paid. */
export function payWhatIsOwed(world: World): void {
  for (const spec of world.scenario.accounts) {
    for (const [name, members] of accountsOf(spec, world.members)) {
      const wallet = world.auditor.wallets.find((one) => one.name === name) as OwnWallet;
      const keeping: Keeping = { world, spec, wallet, random: world.random(`end of ${name}`), asked: [], events: 0 };
      const limits = members.reduce((sum, { tariff, config }) => sum + (ownMost(tariff, config.limitUnits) ?? 0), 0);
      wallet.isBudgeted = false;
      liftBudgets(keeping);
      topUp(keeping, 'last', Math.min(MAX_EVENT_MICROS, 3 * limits + 1));
      const retry = (): void => {
        if (keeping.asked.length > 0) world.clock.after(RETRY_MS, retry);
        askAgain(keeping);
      };
      retry();
    }
  }
}

function liftBudgets(keeping: Keeping): void {
  const { world, spec, wallet } = keeping;
  for (const { zone, device, payeeName } of budgetsOf(spec, world.members)) {
    const scope = { ...(device === undefined ? {} : { device }), ...(payeeName === undefined ? {} : { payee: payeeName }) };
    const day = zone === undefined ? {} : { dayZone: zone };
    const ask = (store: Store): void =>
      void setBudget(store, wallet.name, { ...scope, ...day, limitMicros: undefined }, world.site.nowSeconds());
    keeping.asked.push({ key: '', ask });
  }
}

function keepToppedUp(keeping: Keeping): void {
  const { world, spec, wallet, random } = keeping;
  const { topUps } = spec;
  if (topUps === undefined) return;
  if (topUps.firstMicros > 0) topUp(keeping, 'first', topUps.firstMicros);
  const look = (): void => {
    if (world.calm) return;
    const store = world.site.store() === undefined ? undefined : world.eyes(); // a look from beside the hub
    if (store !== undefined && keeping.asked.length === 0) {
      const found = walletOf(store, wallet.account);
      if (found !== undefined && availableMicros(found, world.site.nowSeconds()) < topUps.belowMicros) {
        const name = String(++keeping.events);
        topUp(keeping, name, topUps.amountMicros);
        if (random.next() < topUps.repeatShare) world.clock.after(RETRY_MS, () => topUp(keeping, name, topUps.amountMicros));
      }
    }
    world.clock.after(topUps.lookEvery, look);
  };
  world.clock.after(topUps.lookEvery, look);
}

function topUp(keeping: Keeping, name: string, amountMicros: number): void {
  const { world, wallet } = keeping;
  const id = `${wallet.name}-${name}`;
  const ask = (store: Store): void => {
    topUpWallet(store, wallet.name, { id, amountMicros, nowSeconds: world.site.nowSeconds() });
  };
  request(keeping, `top-up:${id}`, { amountMicros, promotion: undefined }, ask);
}

function givePromotions(
  keeping: Keeping,
  { amountMicros, after, every, lasts, priority }: AccountSpec['promotions'][number],
): void {
  const { world, wallet } = keeping;
  const give = (): void => {
    if (world.calm) return;
    const id = `${wallet.name}-promotion-${++keeping.events}`;
    const expiresAtSeconds = world.site.nowSeconds() + Math.ceil(lasts / 1000);
    const ask = (store: Store): void => {
      promote(store, wallet.name, { id, amountMicros, priority, expiresAtSeconds, nowSeconds: world.site.nowSeconds() });
    };
    request(keeping, `promotion:${id}`, { amountMicros, promotion: { priority, expiresAtSeconds } }, ask);
    if (every !== undefined) world.clock.after(every, give);
  };
  world.clock.after(after, give);
}

function request(keeping: Keeping, key: string, event: Omit<OwnEvent, 'answered' | 'booked'>, ask: Asked['ask']): void {
  const { world, wallet } = keeping;
  if (!wallet.events.has(key)) {
    wallet.events.set(key, { ...event, answered: false, booked: false });
    world.chronicle.note(`asks for ${key}`);
  }
  keeping.asked.push({ key, ask });
  askAgain(keeping);
}

function askAgain({ world, wallet, asked }: Keeping): void {
  askInOrder(world, asked, (key, refusal) => {
    // A promotion that waited for the hub longer than it was to last.
    if (refusal !== undefined && !refusal.startsWith('expires:'))
      world.auditor.broken('wallet-events', `${wallet.name}: ${key} was refused: ${refusal}`);
    const event = wallet.events.get(key);
    if (event === undefined) return;
    if (event.promotion !== undefined && !isBooked(world, key)) wallet.events.delete(key);
    else event.answered = true;
    world.chronicle.count(key.slice(0, key.indexOf(':')));
  });
}

function isBooked(world: World, key: string): boolean {
  return world.eyes()?.books.numberOf(key) !== undefined;
}
