// The rail through a bank: files of ISO 20022 that the operator carries to the bank and signs there, and the bank's own files that are read back. In: payouts in
// euros. Out: one file per batch, direction and part, written whole before anything is said of it, and never a second one with the same payouts; outcomes
// only from what the bank has written. It moves nothing by itself.

import { join } from 'node:path';
import type { CarriedFile, Destination, Direction, Outcome, Outcomes, Payout, PayoutId, Rail, RailMemory } from './rail.ts';
import { sumMicros } from '../ledger.ts';
import { CENT_MICROS, MAX_MICROS } from './sepa/amount.ts';
import type { SepaConfig } from './sepa/config.ts';
import { destinationOf } from './sepa/destination.ts';
import { creditTransfers } from './sepa/pain001.ts';
import { directDebits } from './sepa/pain008.ts';
import type { Plan } from './sepa/plan.ts';
import { planNew, plansOf } from './sepa/plan.ts';
import { readBankFile } from './sepa/reply.ts';
import { show, writeHidden } from '../whole-file.ts';

export type { SepaConfig } from './sepa/config.ts';
export { sepaSchema } from './sepa/config.ts';

const FOLDER = 'settlements';
const DIRECTIONS: readonly Direction[] = ['pay', 'collect'];

export function openSepa(config: SepaConfig, dataDir: string, clock: () => number): Rail {
  const { fee } = config;
  return {
    name: 'sepa',
    directions: config.creditorId === undefined ? ['pay'] : DIRECTIONS,
    fee: { ...fee, maxMicros: fee.maxMicros },
    unitMicros: (currency) => (currency === 'EUR' ? CENT_MICROS : undefined),
    maxMicros: MAX_MICROS,
    destinationOf: (particulars, direction): Destination | string => destinationOf(config, particulars, direction),
    submit: (payouts, memory) => Promise.resolve().then(() => submit(config, dataDir, payouts, memory, clock())),
    poll: () => Promise.resolve(new Map()),
    readReply: (bytes, payouts, memory) => readBankFile(config, bytes, payouts, memory),
    filesOf: (batch, memory) => filesOf(dataDir, batch, memory),
  };
}

function submit(
  config: SepaConfig,
  dataDir: string,
  payouts: readonly Payout[],
  memory: RailMemory,
  nowSeconds: number,
): Outcomes {
  payouts.forEach(assertPayable);
  const outcomes = new Map<PayoutId, Outcome>(payouts.map(({ id }) => [id, { kind: 'sent' }]));
  for (const direction of DIRECTIONS) {
    const own = payouts.filter((payout) => payout.direction === direction);
    const { plans, refused } = planNew(config, memory, own, nowSeconds);
    for (const [id, why] of refused) outcomes.set(id, { kind: 'rejected', why });
    for (const plan of plans) write(config, dataDir, plan, own, memory);
  }
  return outcomes;
}

function assertPayable({ id, currency, amountMicros }: Payout): void {
  if (currency !== 'EUR') throw new Error(`payout ${id}: expected EUR, got ${currency}`);
  if (amountMicros < CENT_MICROS || amountMicros > MAX_MICROS || amountMicros % CENT_MICROS !== 0)
    throw new Error(`payout ${id}: expected whole cents up to ${MAX_MICROS} micros, got ${amountMicros}`);
}

/** Once: a file that was carried away must not lie there anew. It is written hidden, noted as ready, and shown. */
function write(config: SepaConfig, dataDir: string, plan: Plan, payouts: readonly Payout[], memory: RailMemory): void {
  const ready = `ready ${plan.batch} ${plan.direction} ${plan.part}`;
  const name = fileNameOf(plan);
  if (memory.get(ready) === undefined) {
    const inOrder = payoutsOf(plan, payouts);
    const xml = plan.direction === 'pay' ? creditTransfers(config, plan, inOrder) : directDebits(config, plan, inOrder);
    writeHidden(dataDir, FOLDER, name, xml);
    memory.put(ready, 'yes');
  }
  show(dataDir, FOLDER, name);
}

function payoutsOf(plan: Plan, payouts: readonly Payout[]): Payout[] {
  const byId = new Map(payouts.map((payout) => [payout.id, payout]));
  return plan.payouts.map(({ id, amountMicros }) => {
    const payout = byId.get(id);
    if (payout?.amountMicros === amountMicros) return payout;
    throw new Error(`payout ${id}: expected it again with ${amountMicros} micros, because its file is not written yet`);
  });
}

function fileNameOf({ batch, direction, part }: Plan): string {
  return `${batch}.${direction === 'pay' ? 'pain.001' : 'pain.008'}${part === 1 ? '' : `-${part}`}.xml`;
}

function filesOf(dataDir: string, batch: string, memory: RailMemory): CarriedFile[] {
  return DIRECTIONS.flatMap((direction) => plansOf(memory, batch, direction)).map((plan) => ({
    path: join(dataDir, FOLDER, fileNameOf(plan)),
    direction: plan.direction,
    payouts: plan.payouts.length,
    sumMicros: sumMicros(plan.payouts.map(({ amountMicros }) => amountMicros)),
    currency: 'EUR',
  }));
}
