// The steps by which units come to their charge, in words. In: a tariff, which units belong to which of its elements, a count, and the charge. Out: steps with what is owed after each. They are worked out apart
// from the charge, in unbounded integers, and must come to the same: a difference is an exception and never shown.

import type { Segment } from '../../shared/charge.ts';
import { isTimed } from '../../shared/charge.ts';
import type { Element, RichTariff, Tier } from '../../shared/rich-tariff.ts';
import type { Tariff } from '../../shared/tariff.ts';
import { MAX_AMOUNT_MICROS } from '../../shared/units.ts';
import { decimalText } from './decimal.ts';
import { timesText } from './local-times.ts';

export interface PriceStep {
  readonly what: string;
  /** What is owed after this step, rounded down for showing. */
  readonly micros: number;
}

export function stepsOf(tariff: Tariff, segments: readonly Segment[], units: number, chargeMicros: number): PriceStep[] {
  const steps = tariff.kind === 'rich' ? richSteps(tariff, segments, units) : [flatStep(tariff, units)];
  const last = steps.at(-1)?.micros ?? 0;
  if (last !== chargeMicros) throw new Error(`the steps of a price come to ${last} micros, the charge is ${chargeMicros}`);
  return steps;
}

function flatStep({ unit, priceMicros, perUnits }: Exclude<Tariff, RichTariff>, units: number): PriceStep {
  const what = `${units} ${unit} at ${decimalText(priceMicros)} per ${perUnits}, rounded down to millionths`;
  return { what, micros: Number((BigInt(units) * BigInt(priceMicros)) / BigInt(perUnits)) };
}

/** An amount as a fraction: `micros / per`. */
interface Owed {
  readonly micros: bigint;
  readonly per: bigint;
}

const shown = ({ micros, per }: Owed): number => Number(micros / per);

/** Units from one count to another that are priced by one element. */
interface Stretch {
  readonly element: Element;
  readonly from: number;
  readonly to: number;
}

function richSteps(tariff: RichTariff, segments: readonly Segment[], units: number): PriceStep[] {
  const steps: PriceStep[] = [];
  const say = (what: string, owed: Owed): void => void steps.push({ what, micros: shown(owed) });
  const per = BigInt(tariff.perUnits);
  let owed: Owed = { micros: 0n, per };
  if (units === 0) return [{ what: 'nothing is used, and nothing owed', micros: 0 }];
  const owedUnits = steppedUp(units, tariff);
  if (owedUnits !== units) say(`steps of ${tariff.stepUnits} that were begun: ${owedUnits} ${tariff.unit}`, owed);
  const free = Math.min(tariff.freeUnits, owedUnits);
  if (free > 0) say(`the first ${free} ${tariff.unit} are free`, owed);
  const plan = isTimed(tariff) ? segments : [{ element: 0, toUnits: units }];
  let inForce: Element | undefined;
  for (const stretch of stretchesOf(tariff, plan, owedUnits)) {
    if (isTimed(tariff) && stretch.element !== inForce)
      say(`in force, in ${tariff.zone}: the prices ${timesText(stretch.element)}`, owed);
    inForce = stretch.element;
    for (const part of partsOf(tariff, stretch, owedUnits)) {
      owed = { micros: owed.micros + part.micros, per };
      say(part.what, owed);
    }
  }
  const highest = highestOf(tariff, plan, owedUnits, owed);
  if (highest.micros > owed.micros) say('more units never cost less: what the tier before came to', (owed = highest));
  return [...steps, ...endOf(tariff, owed)];
}

function steppedUp(units: number, { stepUnits }: RichTariff): number {
  return Math.ceil(units / stepUnits) * stepUnits;
}

/** A step that was begun is owed whole, under the prices of its first unit. */
function stretchesOf(tariff: RichTariff, segments: readonly Segment[], owedUnits: number): Stretch[] {
  let from = tariff.freeUnits;
  return segments.flatMap(({ element, toUnits }) => {
    const stretch = { element: tariff.elements[element] as Element, from, to: Math.min(owedUnits, steppedUp(toUnits, tariff)) };
    if (stretch.to <= from) return [];
    from = stretch.to;
    return [stretch];
  });
}

interface Part {
  readonly what: string;
  readonly micros: bigint;
}

function partsOf(tariff: RichTariff, { element: { tiers }, from, to }: Stretch, owedUnits: number): Part[] {
  const { unit, perUnits, byVolume } = tariff;
  const partOf = (count: number, { priceMicros }: Tier, why: string): Part => {
    const what = `${count} ${unit} at ${decimalText(priceMicros)} per ${perUnits}${why}`;
    return { what, micros: BigInt(count) * BigInt(priceMicros) };
  };
  if (byVolume) {
    const reached = tiers.filter(({ fromUnits }) => fromUnits < owedUnits).at(-1) as Tier;
    return [partOf(to - from, reached, `, all at the tier that ${owedUnits} reach`)];
  }
  return tiers.flatMap((tier, i) => {
    const begin = Math.max(from, tier.fromUnits);
    const count = Math.min(to, tiers[i + 1]?.fromUnits ?? to) - begin;
    return count > 0 ? [partOf(count, tier, tiers.length > 1 ? `, in the tier above ${tier.fromUnits}` : '')] : [];
  });
}

/** By volume: of the counts at which a tier of any element ends. */
function highestOf(tariff: RichTariff, segments: readonly Segment[], owedUnits: number, owed: Owed): Owed {
  if (!tariff.byVolume) return owed;
  const begins = tariff.elements.flatMap(({ tiers }) => tiers.map(({ fromUnits }) => fromUnits));
  return begins
    .map((begin) => Math.floor(begin / tariff.stepUnits) * tariff.stepUnits)
    .filter((end) => end > 0 && end < owedUnits)
    .map((end) => stretchesOf(tariff, segments, end).flatMap((stretch) => partsOf(tariff, stretch, end)))
    .map((parts) => parts.reduce((sum, { micros }) => sum + micros, 0n))
    .reduce((most, micros) => (micros > most.micros ? { micros, per: owed.per } : most), owed);
}

function endOf(tariff: RichTariff, before: Owed): PriceStep[] {
  const steps: PriceStep[] = [];
  const { per } = before;
  let owed = before;
  const say = (what: string, next: Owed): void => {
    owed = next;
    steps.push({ what, micros: shown(owed) });
  };
  const of = (micros: number): Owed => ({ micros: BigInt(micros) * per, per });
  const { baseMicros, maximumMicros, minimumMicros, taxMillionths, taxIncluded } = tariff;
  const rate = `${decimalText(taxMillionths * 100).replace(/\.?0+$/, '')} % tax`;
  if (baseMicros > 0) say('the base fee, from the first unit on', { micros: owed.micros + of(baseMicros).micros, per });
  if (maximumMicros < MAX_AMOUNT_MICROS && owed.micros > of(maximumMicros).micros) say('at most', of(maximumMicros));
  if (owed.micros < of(minimumMicros).micros) say('at least', of(minimumMicros));
  if (taxMillionths > 0 && !taxIncluded)
    say(`with ${rate}`, { micros: owed.micros * BigInt(1_000_000 + taxMillionths), per: per * 1_000_000n });
  say(taxMillionths > 0 && taxIncluded ? `rounded down to millionths; ${rate} is in it` : 'rounded down to millionths', owed);
  return steps;
}
