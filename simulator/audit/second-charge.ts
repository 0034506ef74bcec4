// A second opinion on what units cost, written from the text of rules [W-36] to [W-38] and from nothing else: rational numbers of unbounded integers, and, for small counts, a loop
// over every unit. In: a tariff, segments, a count. Out: micros, or `undefined` where the rules define no charge. It must share no arithmetic with shared/: the auditor's own
// reckoning and the tests of both rest on it.

import type { Segment } from '../../shared/charge.ts';
import type { RichTariff } from '../../shared/rich-tariff.ts';
import type { FlatTariff, Tariff } from '../../shared/tariff.ts';

const BOUND = 9_000_000_000_000_000n;
const MILLION = 1_000_000n;
/** So many units are looked at one by one. */
export const LOOPED_UNITS = 300;

function roundedUp(units: number, step: number): number {
  return units % step === 0 ? units : units - (units % step) + step;
}

/** Which element the unit in this place belongs to: that of the first unit of its step. */
function elementOf(tariff: RichTariff, segments: readonly Segment[], unit: number): number {
  if (tariff.elements.length === 1) return 0;
  const first = unit - 1 - ((unit - 1) % tariff.stepUnits) + 1;
  const segment = segments.find(({ toUnits }) => first <= toUnits);
  if (segment === undefined) throw new Error(`no segment holds unit ${first}`);
  return segment.element;
}

/** The price of one unit, when `reached` units are owed in all. */
function priceOf(tariff: RichTariff, segments: readonly Segment[], unit: number, reached: number): bigint {
  if (unit <= tariff.freeUnits) return 0n;
  const place = tariff.byVolume ? reached : unit;
  const tiers = tariff.elements[elementOf(tariff, segments, unit)]?.tiers ?? [];
  const tier = tiers.filter(({ fromUnits }) => fromUnits < place).at(-1);
  return BigInt(tier?.priceMicros ?? 0);
}

function loopedSum(tariff: RichTariff, segments: readonly Segment[], reached: number): bigint {
  let sum = 0n;
  for (let unit = 1; unit <= reached; unit++) sum += priceOf(tariff, segments, unit, reached);
  return sum;
}

function stretchedSum(tariff: RichTariff, segments: readonly Segment[], reached: number): bigint {
  return rangeSum(tariff, segments, 0, reached);
}

/** Between these places no price changes, so one unit stands for all of a stretch. */
function rangeSum(tariff: RichTariff, segments: readonly Segment[], after: number, reached: number): bigint {
  const places = [after, tariff.freeUnits, reached];
  for (const { toUnits } of segments) places.push(roundedUp(toUnits, tariff.stepUnits));
  for (const { tiers } of tariff.elements) for (const { fromUnits } of tiers) places.push(fromUnits);
  const sorted = [...new Set(places.filter((place) => place >= after && place <= reached))].sort((a, b) => a - b);
  return sorted.slice(1).reduce((sum, to, i) => {
    const from = sorted[i] as number;
    return sum + BigInt(to - from) * priceOf(tariff, segments, from + 1, reached);
  }, 0n);
}

/** By volume: every whole number of steps up to what is reached, or, of many, those around where tiers begin. */
function reachable(tariff: RichTariff, reached: number): number[] {
  if (!tariff.byVolume) return [reached];
  const step = tariff.stepUnits;
  if (reached <= LOOPED_UNITS) return Array.from({ length: reached / step }, (_, i) => (i + 1) * step);
  const begins = tariff.elements.flatMap(({ tiers }) => tiers.map(({ fromUnits }) => roundedUp(fromUnits, step)));
  const around = begins.flatMap((place) => [place - 2 * step, place - step, place, place + step]);
  return [...around.filter((place) => place > 0 && place < reached), reached];
}

export function secondCharge(tariff: RichTariff, segments: readonly Segment[], units: number): number | undefined {
  if (units === 0) return 0;
  if (tariff.elements.length > 1 && (segments.at(-1)?.toUnits ?? 0) < units) return undefined;
  const reached = roundedUp(units, tariff.stepUnits);
  const sumOf = reached <= LOOPED_UNITS ? loopedSum : stretchedSum;
  const sums = reachable(tariff, reached).map((count) => sumOf(tariff, segments, count));
  const highest = sums.reduce((most, sum) => (sum > most ? sum : most), 0n);
  // All over `per`: the amounts, too.
  const per = BigInt(tariff.perUnits);
  let owed = highest + BigInt(tariff.baseMicros) * per;
  const maximum = BigInt(tariff.maximumMicros) * per;
  const minimum = BigInt(tariff.minimumMicros) * per;
  if (BigInt(tariff.maximumMicros) === BOUND) {
    if (owed / per > BOUND) return undefined;
  } else if (owed > maximum) owed = maximum;
  if (owed < minimum) owed = minimum;
  const tax = tariff.taxIncluded ? 0n : BigInt(tariff.taxMillionths);
  const charge = (owed * (MILLION + tax)) / (per * MILLION);
  return charge > BOUND ? undefined : Number(charge);
}

/** Under a tariff of either layout; of the first it is floor(units * price / perUnits), with no bound but memory. */
export function ownCharge(tariff: Tariff, segments: readonly Segment[], units: number): number | undefined {
  return tariff.kind === 'rich' ? secondCharge(tariff, segments, units) : flatCharge(tariff, units);
}

function flatCharge({ priceMicros, perUnits }: FlatTariff, units: number): number {
  return Number((BigInt(units) * BigInt(priceMicros)) / BigInt(perUnits));
}

/** The most that so many units can come to cost. */
export function ownMost(tariff: Tariff, units: number): number | undefined {
  return tariff.kind === 'rich' ? secondMost(tariff, units) : flatCharge(tariff, units);
}

/**
 * Of the elements those under which the steps that the units above `from` and up to `to` begin cost least, all of these: micros times `perUnits`, exact [W-37].
 */
export function cheapestElements(tariff: RichTariff, candidates: readonly number[], from: number, to: number): number[] {
  const [begin, end] = [roundedUp(from, tariff.stepUnits), roundedUp(to, tariff.stepUnits)];
  const costs = candidates.map((element) => {
    const all = [{ element, toUnits: end }];
    return rangeSum(tariff, all, begin, end);
  });
  const least = costs.reduce((low, cost) => (cost < low ? cost : low));
  return candidates.filter((_, i) => costs[i] === least);
}

export function secondMost(tariff: RichTariff, units: number): number | undefined {
  const begins = new Set(tariff.elements.flatMap(({ tiers }) => tiers.map(({ fromUnits }) => fromUnits)));
  const tiers = [...begins]
    .sort((a, b) => a - b)
    .map((fromUnits) => {
      const prices = tariff.elements.map((element) => element.tiers.filter((tier) => tier.fromUnits <= fromUnits).at(-1));
      const [dearest] = prices.map((tier) => tier?.priceMicros as number).sort((a, b) => b - a);
      return { fromUnits, priceMicros: dearest as never };
    });
  const [always] = tariff.elements.slice(-1);
  if (always === undefined) throw new Error('a tariff without elements');
  return secondCharge({ ...tariff, elements: [{ ...always, tiers }] }, [], units);
}

export function secondTax(tariff: RichTariff, charge: number): number {
  return Number((BigInt(charge) * BigInt(tariff.taxMillionths)) / (MILLION + BigInt(tariff.taxMillionths)));
}
