// A quote: what so many units would cost, with every step said. In: a tariff, a count, a moment. Out: the charge, its tax, and the steps that lead to it. It records nothing. The steps
// are worked out apart from the charge, in unbounded integers, and must come to the same.

import { chargeOf, mostOf, taxOf } from '../../shared/charge.ts';
import type { RichTariff, Tier } from '../../shared/rich-tariff.ts';
import type { Tariff } from '../../shared/tariff.ts';
import type { Units } from '../../shared/units.ts';
import { MAX_AMOUNT_MICROS } from '../../shared/units.ts';
import { elementInForceAt } from '../in-force.ts';
import { decimalText } from './decimal.ts';
import { timesText } from './local-times.ts';
import { momentText } from './moment.ts';

export interface QuoteStep {
  readonly what: string;
  /** What is owed after this step, rounded down for showing. */
  readonly micros: number;
}

export interface Quote {
  readonly units: number;
  readonly unit: string;
  readonly currency: string;
  readonly atSeconds: number;
  readonly steps: readonly QuoteStep[];
  readonly chargeMicros: number;
  readonly taxMicros: number;
  /** The most that so many units could cost, whenever they are used. */
  readonly mostMicros: number | null;
  /** Why no channel can be opened under the tariff at that moment; null if one can. */
  readonly invalid: string | null;
}

/** Or why there is no amount. */
export function quoteOf(tariff: Tariff, units: Units, atSeconds: number): Quote | string {
  const element = tariff.kind === 'rich' ? elementInForceAt(tariff, atSeconds) : 0;
  const chargeMicros = chargeOf(tariff, units === 0 ? [] : [{ element, toUnits: units }], units);
  if (chargeMicros === undefined)
    return `units: ${units} ${tariff.unit} cost more than ${decimalText(MAX_AMOUNT_MICROS)} ${tariff.currency}, the most that can be counted`;
  const steps = tariff.kind === 'rich' ? stepsOf(tariff, element, units) : [flatStep(tariff, units, chargeMicros)];
  const last = steps.at(-1)?.micros ?? 0;
  if (last !== chargeMicros) throw new Error(`the steps of a quote come to ${last} micros, the charge is ${chargeMicros}`);
  return {
    ...{ units, unit: tariff.unit, currency: tariff.currency, atSeconds, steps, chargeMicros },
    taxMicros: taxOf(tariff, chargeMicros),
    mostMicros: mostOf(tariff, units) ?? null,
    invalid: invalidAt(tariff, atSeconds),
  };
}

function invalidAt({ validFromSeconds, validUntilSeconds }: Tariff, atSeconds: number): string | null {
  if (atSeconds < validFromSeconds) return `the tariff is valid from ${momentText(validFromSeconds)}`;
  return atSeconds >= validUntilSeconds ? `the tariff was valid until ${momentText(validUntilSeconds)}` : null;
}

function flatStep(tariff: Exclude<Tariff, RichTariff>, units: number, micros: number): QuoteStep {
  return {
    what: `${units} ${tariff.unit} at ${decimalText(tariff.priceMicros)} per ${tariff.perUnits}, rounded down to millionths`,
    micros,
  };
}

/** An amount as a fraction: `micros / per`. */
interface Owed {
  readonly micros: bigint;
  readonly per: bigint;
}

const shown = ({ micros, per }: Owed): number => Number(micros / per);

function stepsOf(tariff: RichTariff, element: number, units: number): QuoteStep[] {
  const steps: QuoteStep[] = [];
  const say = (what: string, owed: Owed): void => void steps.push({ what, micros: shown(owed) });
  const per = BigInt(tariff.perUnits);
  let owed: Owed = { micros: 0n, per };
  if (units === 0) return [{ what: 'nothing is used, and nothing owed', micros: 0 }];
  const { tiers, ...times } = tariff.elements[element] ?? { tiers: [] };
  if (tariff.elements.length > 1 && 'weekdays' in times) say(`in force, in ${tariff.zone}: the prices ${timesText(times)}`, owed);
  const owedUnits = Math.ceil(units / tariff.stepUnits) * tariff.stepUnits;
  if (owedUnits !== units) say(`steps of ${tariff.stepUnits} that were begun: ${owedUnits} ${tariff.unit}`, owed);
  const free = Math.min(tariff.freeUnits, owedUnits);
  if (free > 0) say(`the first ${free} ${tariff.unit} are free`, owed);
  for (const part of partsOf(tariff, tiers, owedUnits)) {
    owed = { micros: owed.micros + part.micros, per };
    say(part.what, owed);
  }
  const highest = highestOf(tariff, tiers, owedUnits, owed);
  if (highest.micros > owed.micros) say('more units never cost less: what the tier before came to', (owed = highest));
  return [...steps, ...endOf(tariff, owed)];
}

interface Part {
  readonly what: string;
  readonly micros: bigint;
}

function partsOf(tariff: RichTariff, tiers: readonly Tier[], owedUnits: number): Part[] {
  const { unit, perUnits, freeUnits, byVolume } = tariff;
  const partOf = (count: number, { priceMicros }: Tier, why: string): Part => {
    const what = `${count} ${unit} at ${decimalText(priceMicros)} per ${perUnits}${why}`;
    return { what, micros: BigInt(count) * BigInt(priceMicros) };
  };
  if (byVolume) {
    const reached = tiers.filter(({ fromUnits }) => fromUnits < owedUnits).at(-1) as Tier;
    const count = owedUnits - freeUnits;
    return count > 0 ? [partOf(count, reached, `, all at the tier that ${owedUnits} reach`)] : [];
  }
  return tiers.flatMap((tier, i) => {
    const begin = Math.max(freeUnits, tier.fromUnits);
    const count = Math.min(owedUnits, tiers[i + 1]?.fromUnits ?? owedUnits) - begin;
    return count > 0 ? [partOf(count, tier, tiers.length > 1 ? `, in the tier above ${tier.fromUnits}` : '')] : [];
  });
}

/** By volume: of the counts at which a tier ends. */
function highestOf(tariff: RichTariff, tiers: readonly Tier[], owedUnits: number, owed: Owed): Owed {
  if (!tariff.byVolume) return owed;
  const ends = tiers.map(({ fromUnits }) => Math.floor(fromUnits / tariff.stepUnits) * tariff.stepUnits);
  return ends
    .filter((end) => end > 0 && end < owedUnits)
    .map((end) => partsOf(tariff, tiers, end).reduce((sum, { micros }) => sum + micros, 0n))
    .reduce((most, micros) => (micros > most.micros ? { micros, per: owed.per } : most), owed);
}

function endOf(tariff: RichTariff, before: Owed): QuoteStep[] {
  const steps: QuoteStep[] = [];
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
