// Which payouts stand in which file, written down before the first byte of it: so that the same payouts are never put into a second one. In: payouts of one batch
// and direction, and the rail's memory. Out: plans, in the order of their files. What is planned is never planned anew.

import { createHash } from 'node:crypto';
import type { Direction, Payout, PayoutId, RailMemory } from '../rail.ts';
import type { SepaConfig } from './config.ts';
import { businessDayAfter, dayOf } from './business-days.ts';

export interface PlannedPayout {
  readonly id: PayoutId;
  readonly amountMicros: number;
  /** For collections: how the mandate is used this time. */
  readonly sequence?: string;
}

/** One message to the bank. */
export interface Plan {
  readonly batch: string;
  readonly direction: Direction;
  readonly part: number;
  readonly createdAtSeconds: number;
  /** The day on which the bank is to act. */
  readonly day: string;
  /** In the order of their ids. */
  readonly payouts: readonly PlannedPayout[];
}

const MAX_PARTS = 99;

/** At most 35 characters: 24 of the batch's id are enough to be one of a kind. */
export function messageIdOf({ batch, direction, part }: Pick<Plan, 'batch' | 'direction' | 'part'>): string {
  return `${batch.slice(0, 24)}${direction === 'pay' ? 'P' : 'C'}${part}`;
}

export function plansOf(memory: RailMemory, batch: string, direction: Direction): Plan[] {
  const plans: Plan[] = [];
  for (let part = 1; part <= MAX_PARTS; part++) {
    const text = memory.get(keyOf(batch, direction, part));
    if (text === undefined) break;
    plans.push(JSON.parse(text) as Plan);
  }
  return plans;
}

function keyOf(batch: string, direction: Direction, part: number): string {
  return `file ${batch} ${direction} ${part}`;
}

/** Plans for what is in none yet, durable when this returns; `refused` are those whose mandate is used up. */
export function planNew(
  config: SepaConfig,
  memory: RailMemory,
  payouts: readonly Payout[],
  nowSeconds: number,
): { readonly plans: readonly Plan[]; readonly refused: ReadonlyMap<PayoutId, string> } {
  const [first] = payouts;
  if (first === undefined) return { plans: [], refused: new Map() };
  const { batch, direction } = first;
  if (payouts.some((one) => one.batch !== batch || one.direction !== direction))
    throw new Error('expected payouts of one batch and direction');
  const known = plansOf(memory, batch, direction);
  const planned = new Set(known.flatMap((plan) => plan.payouts.map(({ id }) => id)));
  const fresh = payouts.filter(({ id }) => !planned.has(id)).sort((a, b) => (a.id < b.id ? -1 : 1));
  const refused = new Map<PayoutId, string>();
  const taken: PlannedPayout[] = [];
  for (const payout of fresh) {
    const entry = direction === 'pay' ? plannedPay(payout) : plannedCollection(memory, payout);
    if (typeof entry === 'string') refused.set(payout.id, entry);
    else taken.push(entry);
  }
  const day = businessDayAfter(dayOf(nowSeconds), direction === 'pay' ? config.payInDays : config.collectInDays).toString();
  const plans = chunksOf(taken, config.maxTransactions).map((chunk, at) => {
    return { batch, direction, part: known.length + at + 1, createdAtSeconds: nowSeconds, day, payouts: chunk };
  });
  if (known.length + plans.length > MAX_PARTS)
    throw new Error(`batch ${batch}: expected at most ${MAX_PARTS} files, raise maxTransactions`);
  for (const plan of plans) memory.put(keyOf(batch, direction, plan.part), JSON.stringify(plan));
  return { plans: [...known, ...plans], refused };
}

function plannedPay({ id, amountMicros }: Payout): PlannedPayout {
  return { id, amountMicros };
}

/** A mandate for one collection is good for one payout only; the first of several is marked as such only once. */
function plannedCollection(memory: RailMemory, { id, amountMicros, destination }: Payout): PlannedPayout | string {
  const { mandateId = '', mandateSequence = 'RCUR' } = destination;
  // A reference may be somebody's name: the memory keeps a hash.
  const key = `mandate ${createHash('sha256').update(mandateId).digest('hex').slice(0, 32)}`;
  const usedBy = memory.get(key);
  if (usedBy === undefined) memory.put(key, id);
  const isFirst = usedBy === undefined || usedBy === id;
  if (isFirst || mandateSequence === 'RCUR' || mandateSequence === 'FNAL') return { id, amountMicros, sequence: mandateSequence };
  if (mandateSequence === 'FRST') return { id, amountMicros, sequence: 'RCUR' };
  return `mandateSequence: expected a mandate for more than one collection, got a one-off one that payout ${usedBy} has used; set another mandateId`;
}

function chunksOf<T>(all: readonly T[], size: number): T[][] {
  const chunks: T[][] = [];
  for (let at = 0; at < all.length; at += size) chunks.push(all.slice(at, at + size));
  return chunks;
}
