// What cumulative units cost under any tariff. In: a tariff, which units belong to which of its elements, and a count. Out: the exact charge: 0 for no units, never
// falling as they grow, rounded once, down, on the cumulative count (`grossOf` is the one place). It must never look at a clock: time has done its part
// when the segments were made.

import type { Sum } from './price.ts';
import { addPriced, sumPer } from './price.ts';
import type { RichTariff, Tier } from './rich-tariff.ts';
import type { Tariff } from './tariff.ts';
import { amountOf } from './tariff.ts';
import type { Micros, Units } from './units.ts';
import { MAX_AMOUNT_MICROS } from './units.ts';

/** The units of a channel up to `toUnits` that no segment before holds are priced by this element of the tariff. [W-37] */
export interface Segment {
  readonly element: number;
  readonly toUnits: number;
}

/** Of channels whose tariff has one price list for all times. */
export const NO_SEGMENTS: readonly Segment[] = [];

/** Prices differ by time, so it matters when units were accepted. */
export function isTimed(tariff: Tariff): boolean {
  return tariff.kind === 'rich' && tariff.elements.length > 1;
}

/** Units are owed in steps: one that was begun is owed whole, where its first unit belongs. */
function stepped(units: number, stepUnits: number): number {
  return Math.ceil(units / stepUnits) * stepUnits;
}

/** The price of the unit after `units`. */
function priceAfter(tiers: readonly Tier[], units: number): number {
  let i = tiers.length - 1;
  while (i > 0 && (tiers[i] as Tier).fromUnits > units) i--;
  return (tiers[i] as Tier).priceMicros;
}

/** Each unit at the price of its own tier. */
function addGraduated(sum: Sum, tiers: readonly Tier[], from: number, to: number): void {
  for (let i = 0; i < tiers.length; i++) {
    const tier = tiers[i] as Tier;
    const next = tiers[i + 1];
    const begin = Math.max(from, tier.fromUnits);
    const end = next === undefined ? to : Math.min(to, next.fromUnits);
    if (end > begin) addPriced(sum, end - begin, tier.priceMicros);
  }
}

/** A price list per element, and which units belong to which. */
interface Plan {
  readonly tariff: RichTariff;
  readonly lists: readonly (readonly Tier[])[];
  readonly segments: readonly Segment[];
}

/** What the first `units` cost, if it ended there: `units` is whole steps. */
function pricedAt(plan: Plan, units: number): Sum {
  const tariff = plan.tariff;
  const sum = sumPer(tariff.perUnits);
  let from = tariff.freeUnits;
  for (let i = 0; i < plan.segments.length && from < units; i++) {
    const segment = plan.segments[i] as Segment;
    const tiers = plan.lists[segment.element] as readonly Tier[];
    const to = Math.min(units, stepped(segment.toUnits, tariff.stepUnits));
    if (to <= from) continue;
    if (tariff.byVolume) addPriced(sum, to - from, priceAfter(tiers, units - 1));
    else addGraduated(sum, tiers, from, to);
    from = to;
  }
  return sum;
}

function isMore(a: Sum, b: Sum): boolean {
  return a.whole > b.whole || (a.whole === b.whole && a.rest > b.rest);
}

/**
 * By volume, a cheaper tier could make more units cost less; a charge never falls, so it is the most of all counts up to `units`. Within tiers the sum only grows:
 * the most is at `units`, or at the last whole step before some tier begins.
 */
function highestUpTo(plan: Plan, units: number): Sum {
  let highest = pricedAt(plan, units);
  if (!plan.tariff.byVolume) return highest;
  const step = plan.tariff.stepUnits;
  for (let e = 0; e < plan.lists.length; e++) {
    const tiers = plan.lists[e] as readonly Tier[];
    for (let i = 1; i < tiers.length; i++) {
      const last = Math.floor((tiers[i] as Tier).fromUnits / step) * step;
      if (last >= units) break;
      const sum = pricedAt(plan, last);
      if (isMore(sum, highest)) highest = sum;
    }
  }
  return highest;
}

/** With base, minimum and maximum; false if it is past what can be counted. */
function bound(sum: Sum, tariff: RichTariff): boolean {
  sum.whole += tariff.baseMicros;
  if (tariff.maximumMicros < MAX_AMOUNT_MICROS && sum.whole >= tariff.maximumMicros) {
    sum.whole = tariff.maximumMicros;
    sum.rest = 0;
  }
  if (sum.whole < tariff.minimumMicros) {
    sum.whole = tariff.minimumMicros;
    sum.rest = 0;
  }
  return sum.whole <= MAX_AMOUNT_MICROS;
}

const MILLION = 1000000;

/**
 * The one place where a charge is rounded: floor((whole + rest / per) * (1 + tax)), tax being left out where the tariff's amounts are gross already. The product is taken
 * apart so that each piece is exact: whole = a million * a + b, b * tax = a million * c + d.
 */
function grossOf(sum: Sum, taxMillionths: number): Micros | undefined {
  const a = Math.floor(sum.whole / MILLION);
  const b = sum.whole - a * MILLION;
  const c = Math.floor((b * taxMillionths) / MILLION);
  const d = b * taxMillionths - c * MILLION;
  const part = d * sum.per + sum.rest * (MILLION + taxMillionths);
  const gross = sum.whole + a * taxMillionths + c + Math.floor(part / (sum.per * MILLION));
  return gross <= MAX_AMOUNT_MICROS ? (gross as Micros) : undefined;
}

function richChargeOf(plan: Plan, units: number): Micros | undefined {
  const tariff = plan.tariff;
  if (units === 0) return 0 as Micros;
  const sum = highestUpTo(plan, stepped(units, tariff.stepUnits));
  return bound(sum, tariff) ? grossOf(sum, tariff.taxIncluded ? 0 : tariff.taxMillionths) : undefined;
}

function listsOf(tariff: RichTariff): (readonly Tier[])[] {
  return tariff.elements.map((element) => element.tiers);
}

/** True if each segment goes on where the one before it ends, under an element that there is, and the last reaches `units`. */
function reaches(tariff: RichTariff, segments: readonly Segment[], units: number): boolean {
  let reached = 0;
  for (let i = 0; i < segments.length; i++) {
    const segment = segments[i] as Segment;
    if (segment.toUnits <= reached || tariff.elements[segment.element] === undefined) return false;
    reached = segment.toUnits;
  }
  return reached >= units;
}

/**
 * What cumulative `units` cost: exact, or `undefined` above MAX_AMOUNT_MICROS, and where segments are needed and do not reach `units`. [W-21] [W-36]
 * Segments are looked at only if prices differ by time.
 */
export function chargeOf(tariff: Tariff, segments: readonly Segment[], units: Units): Micros | undefined {
  if (tariff.kind !== 'rich') return amountOf(tariff, units);
  const lists = listsOf(tariff);
  if (!isTimed(tariff)) return richChargeOf({ tariff: tariff, lists: lists, segments: [{ element: 0, toUnits: units }] }, units);
  if (!reaches(tariff, segments, units)) return undefined;
  return richChargeOf({ tariff: tariff, lists: lists, segments: segments }, units);
}

/** All elements as one price list, each unit at the dearest of its prices. */
function dearestOf(lists: readonly (readonly Tier[])[]): Tier[] {
  const dearest: Tier[] = [];
  let from = 0;
  while (from >= 0) {
    let price = 0;
    let next = -1;
    for (let e = 0; e < lists.length; e++) {
      const tiers = lists[e] as readonly Tier[];
      price = Math.max(price, priceAfter(tiers, from));
      for (let i = 0; i < tiers.length; i++) {
        const begins = (tiers[i] as Tier).fromUnits;
        if (begins > from && (next < 0 || begins < next)) next = begins;
      }
    }
    dearest.push({ fromUnits: from, priceMicros: price as Micros });
    from = next;
  }
  return dearest;
}

/** The most that `units` can come to cost, whenever they are accepted: what a limit is worth. [W-37] */
export function mostOf(tariff: Tariff, units: Units): Micros | undefined {
  if (tariff.kind !== 'rich') return amountOf(tariff, units);
  const segments = [{ element: 0, toUnits: units }];
  return richChargeOf({ tariff: tariff, lists: [dearestOf(listsOf(tariff))], segments: segments }, units);
}

/**
 * The element among `candidates` under which the units after `from` and up to `to` cost least, at the tiers that they reach; of equals the first. So is it chosen where several were in
 * force since the units before were accepted: a rule that the payer can rely on. [W-37]
 */
export function cheapestOf(tariff: RichTariff, candidates: readonly number[], from: number, to: number): number {
  const lists = listsOf(tariff);
  const begin = Math.max(tariff.freeUnits, stepped(from, tariff.stepUnits));
  const end = stepped(to, tariff.stepUnits);
  let cheapest = candidates[0] as number;
  let least: Sum | undefined;
  for (let i = 0; i < candidates.length; i++) {
    const element = candidates[i] as number;
    const tiers = lists[element] as readonly Tier[];
    const sum = sumPer(tariff.perUnits);
    if (!tariff.byVolume) addGraduated(sum, tiers, begin, end);
    else if (end > begin) addPriced(sum, end - begin, priceAfter(tiers, end - 1));
    if (least === undefined || isMore(least, sum)) {
      least = sum;
      cheapest = element;
    }
  }
  return cheapest;
}

/** The part of a charge that is tax: floor(charge * rate / (1 + rate)). What is left is the net amount. [W-38] */
export function taxOf(tariff: Tariff, chargeMicros: number): Micros {
  if (tariff.kind !== 'rich') return 0 as Micros;
  const rate = tariff.taxMillionths;
  const whole = Math.floor(chargeMicros / (MILLION + rate));
  const rest = chargeMicros - whole * (MILLION + rate);
  return (whole * rate + Math.floor((rest * rate) / (MILLION + rate))) as Micros;
}
