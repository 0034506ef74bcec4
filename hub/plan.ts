// What a batch would hold and move: which lines are in it, which payouts it makes, and what is held back with what is missing. In: lines that are due, where accounts are
// routed, what they carry, and the rails with their fees. Out: a plan. It changes nothing and asks nobody: the same input makes the same plan, so a dry run shows
// what a settlement would do.

import type { BatchLine } from './batch.ts';
import type { Fitting, Held } from './fitting.ts';
import { openFitting } from './fitting.ts';
import { sumMicros } from './ledger.ts';
import type { Way, WayInput, Ways } from './payout-way.ts';
import { waysOf, wholeUnits } from './payout-way.ts';
import type { Destination, PayoutId, RailName } from './rails/rail.ts';
import { feeMicrosOf } from './rails/rail.ts';
import type { Side } from './side.ts';
import { sideKeyOf } from './side.ts';
import { decimalText } from './tariff/decimal.ts';

export interface PlannedPayout extends Side {
  readonly rail: RailName;
  readonly grossMicros: number;
  readonly carriedMicros: number;
  readonly unitMicros: number;
  readonly amountMicros: number;
  readonly feeMicros: number;
  readonly replaces: readonly PayoutId[];
  readonly destination: Destination;
}

export interface Plan {
  /** Those that are in, to be gone through as often as wanted: each time they are chosen again. */
  readonly lines: Iterable<BatchLine>;
  readonly lineCount: number;
  /** Chooses the same lines for somebody else: a new choice for each pass, to be asked for every line that is due, in order. It reads nothing. */
  readonly choice: () => (line: BatchLine) => boolean;
  readonly payouts: readonly PlannedPayout[];
  readonly held: readonly Held[];
}

export interface PlanInput extends WayInput {
  /** Gone through as often as sides turn out to be held back, and never held. */
  readonly lines: Iterable<BatchLine>;
  /** Sides with something lost that waits for another payout. */
  readonly lost: readonly Side[];
  /** Whatever the fee, and whatever was lost a moment ago. */
  readonly all: boolean;
  readonly nowSeconds: number;
}

export function planOf(input: PlanInput): Plan {
  const ways = waysOf(input);
  const held = new Map<string, Held>();
  for (;;) {
    const before = held.size;
    const fitting = openFitting(ways, held);
    for (const line of input.lines) fitting.takes(line);
    const payouts = payoutsOf(input, ways, fitting.gross, held);
    if (held.size > before) continue; // what one side holds back, its other side does not get either
    const choice = (): ((line: BatchLine) => boolean) => openFitting(ways, held).takes;
    const lines = { [Symbol.iterator]: () => chosen(input.lines, choice()) };
    return { lines, lineCount: fitting.count(), choice, payouts, held: [...held.values(), ...fitting.left()] };
  }
}

function* chosen(lines: Iterable<BatchLine>, isIn: (line: BatchLine) => boolean): Generator<BatchLine> {
  for (const line of lines) if (isIn(line)) yield line;
}

/** A payout per side, or a reason why not: then the side is held. */
function payoutsOf(input: PlanInput, ways: Ways, gross: Fitting['gross'], held: Map<string, Held>): PlannedPayout[] {
  const sides = new Map(gross);
  for (const side of dueAgain(input, ways)) if (!sides.has(sideKeyOf(side))) sides.set(sideKeyOf(side), { side, micros: 0 });
  const payouts: PlannedPayout[] = [];
  for (const [key, { side, micros }] of sides) {
    if (held.has(key)) continue;
    const way = ways(side);
    if (way === undefined) continue;
    const planned = payoutOn(way, micros, input);
    if (typeof planned === 'string')
      held.set(key, { ...side, rail: way.name, dueMicros: micros + way.carriedMicros, why: planned });
    else if (planned !== undefined) payouts.push(planned);
  }
  for (const payout of tooDearTogether(payouts, input)) {
    const { account, direction, currency, rail } = payout;
    const perBatch = decimalText(input.terms.rails.get(rail)?.fee.perBatchMicros ?? 0);
    const why = `rail ${rail} takes ${perBatch} ${currency} per batch, which is more than its share of what waits`;
    held.set(sideKeyOf(payout), {
      account,
      direction,
      currency,
      rail,
      dueMicros: payout.grossMicros + payout.carriedMicros,
      why,
    });
  }
  return payouts;
}

/** What was lost long enough ago to be tried again without new lines. */
function dueAgain({ lost, carriedOf, all, nowSeconds, terms }: PlanInput, ways: Ways): Side[] {
  return lost.filter((side) => {
    if (ways(side) === undefined) return false;
    return all || carriedOf(side).lost.some(({ lostAtSeconds }) => lostAtSeconds + terms.retryAfterSeconds <= nowSeconds);
  });
}

/** `undefined` where nothing is to be moved. */
function payoutOn(way: Way, grossMicros: number, { terms, all }: PlanInput): PlannedPayout | string | undefined {
  const { account, direction, currency, name, rail, unitMicros, carriedMicros, replaces, destination, fault } = way;
  const totalMicros = sumMicros([grossMicros, carriedMicros]);
  if (totalMicros === 0) return undefined;
  if (fault !== undefined || rail === undefined) return fault ?? `rail ${name} is not configured`;
  const amountMicros = wholeUnits(totalMicros, unitMicros);
  if (amountMicros === 0)
    return `${decimalText(totalMicros)} ${currency} is less than ${decimalText(unitMicros)}, the least that rail ${name} moves`;
  const feeMicros = feeMicrosOf(rail.fee, amountMicros);
  const { minMicros, maxFeeShareMillionths } = terms.thresholdOf(name, currency);
  if (!all && amountMicros < minMicros)
    return `${decimalText(amountMicros)} ${currency} is less than the threshold of ${decimalText(minMicros)}`;
  if (!all && isDearer(feeMicros, amountMicros, maxFeeShareMillionths)) {
    return `a fee of ${decimalText(feeMicros)} ${currency} is more than ${maxFeeShareMillionths / 10_000} % of ${decimalText(amountMicros)}`;
  }
  const sums = { grossMicros, carriedMicros, unitMicros, amountMicros, feeMicros };
  return { account, direction, currency, rail: name, ...sums, replaces, destination };
}

/** Exact beyond 2^53: both products may be large. */
export function isDearer(feeMicros: number, amountMicros: number, maxShareMillionths: number): boolean {
  return BigInt(feeMicros) * 1_000_000n > BigInt(amountMicros) * BigInt(maxShareMillionths);
}

/** Payouts of rails whose fee per batch, on top of the others, is more than its share of what they move in a currency. */
function tooDearTogether(payouts: readonly PlannedPayout[], { terms, all }: PlanInput): PlannedPayout[] {
  if (all) return [];
  const groups = new Map<string, PlannedPayout[]>();
  for (const payout of payouts) {
    const key = `${payout.rail} ${payout.currency}`;
    groups.set(key, [...(groups.get(key) ?? []), payout]);
  }
  return [...groups.values()].flatMap((group) => {
    const [{ rail, currency }] = group as [PlannedPayout];
    const perBatchMicros = terms.rails.get(rail)?.fee.perBatchMicros ?? 0;
    const feeMicros = sumMicros([perBatchMicros, ...group.map((one) => one.feeMicros)]);
    const amountMicros = sumMicros(group.map((one) => one.amountMicros));
    return isDearer(feeMicros, amountMicros, terms.thresholdOf(rail, currency).maxFeeShareMillionths) ? group : [];
  });
}
