// A small business in a data folder, made by the hub's own rooms without a network: devices, paywords, signatures, closings, claims and batches over some days. In: a folder. Out: the business, to go on
// with (whole-business.ts). The same every time but for its keys.

import type { Bytes } from '../../shared/bytes.ts';
import type { RichTariff } from '../../shared/rich-tariff.ts';
import type { Tariff } from '../../shared/tariff.ts';
import type { Micros } from '../../shared/units.ts';
import { decodeUplink } from '../../shared/uplink.ts';
import { drawClaims } from '../../hub/draw.ts';
import type { EnrolRequest } from '../../hub/enrol.ts';
import { enrol } from '../../hub/enrol.ts';
import { judgeGroup, keepGroup, writeGroup } from '../../hub/group.ts';
import type { Known } from '../../hub/known.ts';
import { knownDevices } from '../../hub/known.ts';
import { accountIdOf } from '../../hub/ids.ts';
import { recordOutcomes } from '../../hub/outcome.ts';
import { ledgerRail } from '../../hub/rails/ledger.ts';
import type { Outcome, PayoutId } from '../../hub/rails/rail.ts';
import { settle } from '../../hub/settlement.ts';
import { termsWith } from '../../hub/terms.ts';
import type { Store } from '../../hub/store.ts';
import { openStore } from '../../hub/store.ts';
import type { Payer } from '../hub/payer.ts';
import { payerOf } from '../hub/payer.ts';

export const DAY_SECONDS = 86_400;
export const START_SECONDS = 1_800_000_000;

export const BASE: Tariff = {
  currency: 'EUR',
  unit: 'vend',
  priceMicros: 2_500_000 as Micros,
  perUnits: 1,
  validFromSeconds: 0,
  validUntilSeconds: 4_000_000_000,
};
const always = { weekdays: 127, fromMinute: 0, untilMinute: 1440, fromDay: 0, untilDay: 0 };
const tiers = (priceMicros: number): RichTariff['elements'][number]['tiers'] => [
  { fromUnits: 0, priceMicros: priceMicros as Micros },
];

/** Another price by day than by night, free at first, and never above a maximum. */
export const BY_TIME: RichTariff = {
  ...{ kind: 'rich', currency: 'EUR', unit: 'minute', validFromSeconds: 0, validUntilSeconds: 4_000_000_000, replaces: '' },
  ...{ zone: 'Europe/Berlin', taxMillionths: 190_000, taxIncluded: false, perUnits: 1, stepUnits: 1, freeUnits: 2 },
  ...{ baseMicros: 0 as Micros, minimumMicros: 0 as Micros, maximumMicros: 2_000_000 as Micros, byVolume: false, texts: [] },
  elements: [
    { ...always, fromMinute: 9 * 60, untilMinute: 9 * 60 + 2, tiers: tiers(100_000) },
    { ...always, tiers: tiers(40_000) },
  ],
};

const TARIFFS: readonly Tariff[] = [
  BASE,
  { ...BASE, unit: 'Wh', priceMicros: 450_000 as Micros, perUnits: 1000 },
  { ...BASE, unit: 'message', currency: 'USD', priceMicros: 0 as Micros },
  { ...BASE, unit: 'message', currency: 'USD', priceMicros: 1500 as Micros },
  BY_TIME,
];

export interface Business {
  readonly store: Store;
  readonly known: Known;
  readonly payers: readonly Payer[];
  /** Messages of a payer, judged and committed as one group. */
  readonly take: (payer: Payer, messages: readonly Bytes[], atSeconds: number) => void;
}

export function openBusiness(dataDir: string): Business {
  const store = openStore(dataDir);
  const known = knownDevices(store);
  const payers = TARIFFS.map((tariff, i) => payerOf(enrol(store, requestFor(i, tariff), START_SECONDS + i)));
  return { store, known, payers, take: (payer, messages, atSeconds) => takeAt(store, known, payer, messages, atSeconds) };
}

export function requestFor(i: number, tariff: Tariff): EnrolRequest {
  return {
    profile: 'vending',
    label: `machine ${i}`,
    payer: i % 2 === 0 ? 'alice' : 'carol',
    payee: i < 2 ? 'bob' : 'dave',
    tariff,
    limitUnits: 60,
    chainUnits: 40,
    meter: { kind: 'timer', everyMs: 1000, units: 1 },
    host: '127.0.0.1',
    port: 1883,
    issueEveryMs: 0,
    keepaliveSeconds: 60,
    ...(i === 3 ? { prepaidUnits: 100 } : {}),
  };
}

function takeAt(store: Store, known: Known, payer: Payer, messages: readonly Bytes[], nowSeconds: number): void {
  const moment = { nowMs: nowSeconds * 1000, nowSeconds };
  const device = known.find(payer.config.device, moment.nowMs);
  if (device === undefined) throw new Error(`expected ${payer.config.device} to be enrolled`);
  const judgement = judgeGroup(
    known,
    messages.map((message) => ({ device, message: decodeUplink(message) })),
    moment,
  );
  for (const verdict of judgement.verdicts)
    if (verdict.kind === 'rejected')
      throw new Error(`expected the hub to take what ${payer.config.device} says, got ${verdict.reason}`);
  store.atomically(() => writeGroup(store, judgement, nowSeconds));
  keepGroup(judgement);
}

export function workDay({ store, payers, take }: Business, day: number): void {
  const at = START_SECONDS + day * DAY_SECONDS;
  for (const [i, payer] of payers.entries()) {
    const channel = 1 + (i === 0 ? day : Math.floor(day / 2));
    const isFirst = i === 0 || day !== 1;
    take(payer, [...(isFirst ? [payer.commitment(channel)] : []), payer.payword(channel, 7 + i + (isFirst ? 0 : 9))], at + i);
    if (i === 1) take(payer, [payer.signed(channel, 45 + day)], at + 60);
    if (i === 0 && day < 2) take(payer, [payer.signed(channel, 20, true)], at + 70);
  }
  drawClaims(store, at + 100);
  for (const [i, payer] of payers.entries())
    if (i > 1) take(payer, [payer.payword(1 + Math.floor(day / 2), 20 + day)], at + 200 + i);
  if (day < 2) settleAndPay(store, day, at + 300);
}

/** One payout settles with a fee, one is rejected and carried into the next batch's, and what was paid first comes back in the end. */
function settleAndPay(store: Store, day: number, atSeconds: number): void {
  if (day === 0) routeAccounts(store, atSeconds);
  const { batch } = settle(store, { dryRun: false, nowSeconds: atSeconds, terms: termsWith([ledgerRail]) });
  const payouts = store.payouts.ofBatch(batch?.id ?? '');
  if (payouts.length === 0) throw new Error(`expected payouts in the batch of day ${day}`);
  const say = (payout: PayoutId, outcome: Outcome): unknown =>
    recordOutcomes(store, [{ payout, outcome }], 'ledger', atSeconds + 1);
  for (const [i, { id, direction }] of payouts.entries()) {
    say(id, { kind: 'sent' });
    const isLost = direction === 'collect' && day === 0;
    say(
      id,
      isLost ? { kind: 'rejected', why: 'no such mandate' } : { kind: 'settled', reference: `paid ${i}`, feeMicros: 250_000 },
    );
    if (day === 1 && i === 0) say(id, { kind: 'reversed', reference: 'back', why: 'account closed' });
  }
  store.atomically(() => store.payouts.memoryOf('sepa', (write) => write()).put('last message', `day ${day}`));
}

function routeAccounts(store: Store, nowSeconds: number): void {
  store.atomically(() => {
    store.routes.route(accountIdOf('dave'), 'pay', 'ledger', nowSeconds);
    store.routes.route(accountIdOf('carol'), 'collect', 'ledger', nowSeconds);
    store.particulars.set(accountIdOf('dave'), 'town', 'Berlin', nowSeconds);
    store.particulars.set(accountIdOf('carol'), 'town', 'Hamburg', nowSeconds);
  });
}
