// The small business with all that a hub can keep: three days of trade, wallets with everything that moves their money, and what boards and operators leave beside it. In: a folder. Out: a folder in which every
// table has rows, but for those that the test of coverage names with a reason. The same every time but for its keys.

import { pino } from 'pino';
import { parsePayoutId } from '../../hub/payout.ts';
import { drawClaims } from '../../hub/draw.ts';
import { enrol, revoke } from '../../hub/enrol.ts';
import { erasePerson } from '../../hub/erasure.ts';
import { accountIdOf } from '../../hub/ids.ts';
import { recordOutcomes } from '../../hub/outcome.ts';
import { setParticulars } from '../../hub/person.ts';
import { ledgerRail } from '../../hub/rails/ledger.ts';
import { openReleases } from '../../hub/release.ts';
import { setRetention } from '../../hub/retention.ts';
import { openDispute, refund, resolveDispute } from '../../hub/returns.ts';
import { settle } from '../../hub/settlement.ts';
import type { Store } from '../../hub/store.ts';
import { termsWith } from '../../hub/terms.ts';
import { promote, reward, topUpWallet, withdraw } from '../../hub/wallet-events.ts';
import { addAccount, giveTerms, setBudget } from '../../hub/wallet-terms.ts';
import { toHex } from '../../shared/bytes.ts';
import type { ChannelNumber } from '../../shared/units.ts';
import type { Payer } from '../hub/payer.ts';
import { payerOf } from '../hub/payer.ts';
import type { Business } from './business.ts';
import { BASE, BY_TIME, DAY_SECONDS, openBusiness, requestFor, START_SECONDS, workDay } from './business.ts';

const EURO = 1_000_000;

/** Some channels open, some closed by their payer or released, claims drawn beyond the last batch, vouchers accepted beyond the last claim. */
export function makeBusiness(dataDir: string): Store {
  const business = openBusiness(dataDir);
  const [first, , last] = business.payers as [Payer, Payer, Payer];
  placeAll(business);
  for (let day = 0; day < 3; day++) workDay(business, day);
  const { store } = business;
  const at = START_SECONDS + 3 * DAY_SECONDS;
  revoke(store, last.config.device, at);
  workWallets(business, at + 3600);
  keepTheRest(business, first, at + 7200);
  return store;
}

function placeAll({ store, payers }: Business): void {
  store.atomically(() => {
    for (const [i, { config }] of payers.entries())
      store.places.move(
        config.device,
        { site: `site ${i % 2}`, product: `product ${i}`, zone: i === 0 ? 'UTC' : 'Europe/Berlin' },
        START_SECONDS,
      );
  });
}

/** Erin pays ahead, under prices by time and under one price; frank later, up to a credit. */
function workWallets(business: Business, at: number): void {
  const { store, take } = business;
  for (const name of ['erin', 'frank', 'mallory']) addAccount(store, name, at);
  giveTerms(store, 'erin', { kind: 'prepaid', currency: 'EUR', creditMicros: 0 }, at);
  giveTerms(store, 'frank', { kind: 'post-paid', currency: 'EUR', creditMicros: 500 * EURO }, at);
  topUpWallet(store, 'erin', { id: 'bank-1', amountMicros: 900 * EURO, text: 'by transfer', nowSeconds: at });
  promote(store, 'erin', {
    id: 'gift',
    amountMicros: 3 * EURO,
    expiresAtSeconds: at + DAY_SECONDS,
    priority: 50,
    nowSeconds: at,
  });
  promote(store, 'erin', {
    id: 'late',
    amountMicros: 7 * EURO,
    expiresAtSeconds: at + 9 * DAY_SECONDS,
    priority: 150,
    nowSeconds: at,
  });
  const enrolled = (i: number, payer: string): Payer =>
    payerOf(enrol(store, { ...requestFor(i, i === 10 ? BY_TIME : BASE), payer, payee: 'dave', limitUnits: 40 }, at + i));
  const payers = [enrolled(10, 'erin'), enrolled(11, 'erin'), enrolled(12, 'frank')] as const;
  const [timed, plain, later] = payers;
  setBudget(store, 'erin', { device: plain.config.device, limitMicros: 400 * EURO }, at);
  setBudget(store, 'erin', { payee: 'dave', dayZone: 'Europe/Berlin', limitMicros: 500 * EURO }, at);
  for (const [i, payer] of payers.entries()) take(payer, [payer.commitment(1), payer.payword(1, 5 + i)], at + 20 + i);
  drawClaims(store, at + 40);
  take(timed, [timed.payword(1, 19)], START_SECONDS + 4 * DAY_SECONDS + 30);
  take(plain, [plain.signed(1, 12, true)], at + 60);
  take(plain, [plain.commitment(2), plain.payword(2, 4)], at + 61);
  take(later, [later.payword(1, 30)], at + 62);
  drawClaims(store, at + 80);
  giveBack(business, `${plain.config.device}/1`, at + 100);
  reward(store, plain.config.device, { id: 'prize', amountMicros: 1500, nowSeconds: at + 110 });
  withdraw(store, 'erin', { id: 'out', amountMicros: 20 * EURO, nowSeconds: at + 120 });
  release(business, plain, at + 130);
  payDave(store, at + 140);
  take(timed, [timed.payword(1, 23)], START_SECONDS + 4 * DAY_SECONDS + 90);
}

function giveBack({ store }: Business, channel: string, nowSeconds: number): void {
  refund(store, channel, { id: 'stale', amountMicros: EURO, reason: 'it was stale', nowSeconds });
  openDispute(store, channel, { id: 'case-1', amountMicros: 2 * EURO, reason: 'nothing came out', nowSeconds });
  resolveDispute(store, 'case-1', 'payer', nowSeconds + 1);
  openDispute(store, channel, { id: 'case-2', amountMicros: EURO, reason: 'it was cold', nowSeconds: nowSeconds + 2 });
}

/** One channel is closed for its payer; of another it is only asked. */
function release({ store, known, payers }: Business, { config }: Payer, nowSeconds: number): void {
  const ask = (device: Payer['config']['device'], number: number): void =>
    store.atomically(() =>
      store.reservations.ask({ device, number: number as ChannelNumber, reason: 'the board is dead' }, nowSeconds),
    );
  ask(config.device, 2);
  const now = { nowMs: nowSeconds * 1000, nowSeconds };
  openReleases({
    store,
    known,
    lanes: undefined,
    log: pino({ level: 'silent' }),
    now: () => now,
    changedElsewhere: () => true,
  }).look();
  const [, second] = payers;
  if (second !== undefined) ask(second.config.device, 2);
}

/** A batch that somebody has approved: one payout is settled, the other under way. */
function payDave(store: Store, nowSeconds: number): void {
  store.atomically(() => store.routes.route(accountIdOf('frank'), 'collect', 'ledger', nowSeconds));
  const terms = termsWith([ledgerRail], { approval: 'required' });
  const { batch } = settle(store, { dryRun: false, nowSeconds, terms });
  store.atomically(() => store.routes.approve(batch?.id ?? '', 'mallory', nowSeconds + 1));
  settle(store, { dryRun: false, nowSeconds: nowSeconds + 2, terms });
  for (const { id, direction } of store.payouts.ofBatch(batch?.id ?? '')) {
    const payout = parsePayoutId(id);
    if (payout === undefined) throw new Error(`expected a payout, got ${id}`);
    const says =
      direction === 'pay'
        ? ({ kind: 'settled', reference: 'paid' } as const)
        : ({ kind: 'accepted', reference: 'soon' } as const);
    for (const outcome of [{ kind: 'sent' } as const, says])
      recordOutcomes(store, [{ payout, outcome }], 'ledger', nowSeconds + 3);
  }
}

/** What no money rests on, and a person who wanted to be forgotten. */
function keepTheRest({ store }: Business, { config }: Payer, nowSeconds: number): void {
  const { device } = config;
  setParticulars(store, 'mallory', ['holder=Mallory Maker', 'town=Bonn'], nowSeconds);
  erasePerson(store, 'mallory', { nowSeconds: nowSeconds + 1, keepBalance: false });
  setRetention(store, 'replays', '7', nowSeconds);
  store.atomically(() => {
    store.devices.present(device, { kind: 'status', state: 'serving', channel: 3, registerUnits: 77 }, nowSeconds);
    const bytes = 'the firmware';
    const file = { build: 'vending', version: 2, fileBytes: bytes.length, digest: 'd'.repeat(32), signature: 's'.repeat(64) };
    store.firmware.add(file, bytes, nowSeconds);
    store.firmware.order(device, file.build, file.version, nowSeconds);
    const report = { version: 1, build: file.build, state: 'loading', offered: 2, at: 5 } as const;
    store.firmware.report({ ...report, device, order: 1, reportedAtSeconds: nowSeconds });
    const samples = [{ messageHex: toHex('junk'), detail: 'no message', times: 3 }];
    store.quarantine.keep({ device, reason: 'malformed', messages: 3, lastAtSeconds: nowSeconds, samples });
    const [sample] = store.quarantine.samples();
    if (sample !== undefined) store.quarantine.ask(sample, nowSeconds);
  });
}
