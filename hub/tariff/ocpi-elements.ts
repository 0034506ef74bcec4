// OCPI's elements as a tariff's: the prices of the one dimension that a channel meters, by local times and tiers. In: elements that went through their door. Out: elements of which the first that holds
// is in force, as in OCPI, or a sentence that names what a channel cannot charge.

import type { Element, Tier } from '../../shared/rich-tariff.ts';
import type { Times } from '../../shared/times.ts';
import { DAY_MINUTES, EVERY_WEEKDAY, isAlways } from '../../shared/times.ts';
import type { Micros } from '../../shared/units.ts';
import { ALWAYS, dayOf, minuteOf, overlap, timesText, WEEKDAYS, weekdaysOf } from './local-times.ts';
import type { OcpiRestrictions, OcpiTariff } from './ocpi-file.ts';

export type Dimension = 'ENERGY' | 'TIME' | 'PARKING_TIME';

/** One price component: when it applies, and to which units. */
interface Candidate {
  readonly times: Times;
  readonly fromUnits: number;
  readonly untilUnits: number;
  readonly priceMicros: Micros;
}

const NEVER_MET = ['min_current', 'max_current', 'min_power', 'max_power', 'reservation'] as const;
const WH_PER_KWH = 1000;
const MILLION = 1_000_000;

export function elementsOf({ elements }: OcpiTariff, dimension: Dimension, mapped: string[]): Element[] | string {
  const candidates: Candidate[] = [];
  for (const [i, { price_components, restrictions = {} }] of elements.entries()) {
    const own = price_components.filter(({ type }) => type === dimension);
    if (own.length > 1) return `elements.${i}.price_components: expected one price for ${dimension}, got ${own.length}`;
    const [component] = own;
    if (component === undefined) continue;
    const candidate = candidateOf(restrictions, dimension);
    if (typeof candidate === 'string') return `elements.${i}.restrictions.${candidate}`;
    candidates.push({ ...candidate, priceMicros: component.price as Micros });
    if (isUnrestricted(candidates.at(-1) as Candidate)) break; // nothing behind it ever applies
  }
  if (!candidates.some(isUnrestricted)) mapped.push('where no element applies: units cost nothing, as in OCPI');
  return listedBy(candidates);
}

function isUnrestricted({ times, fromUnits, untilUnits }: Candidate): boolean {
  return isAlways(times) && fromUnits === 0 && untilUnits === Infinity;
}

function candidateOf(restrictions: OcpiRestrictions, dimension: Dimension): Omit<Candidate, 'priceMicros'> | string {
  for (const name of NEVER_MET)
    if (restrictions[name] !== undefined)
      return `${name}: a channel knows units and times, and nothing of this; take it out, or keep such sessions elsewhere`;
  const range = dimension === 'ENERGY' ? energyRange(restrictions) : durationRange(restrictions);
  if (typeof range === 'string') return range;
  const times = timesOf(restrictions);
  return typeof times === 'string' ? times : { ...range, times };
}

type UnitRange = Pick<Candidate, 'fromUnits' | 'untilUnits'>;

function energyRange({ min_kwh, max_kwh, min_duration, max_duration }: OcpiRestrictions): UnitRange | string {
  if (min_duration !== undefined || max_duration !== undefined)
    return `${min_duration === undefined ? 'max_duration' : 'min_duration'}: a channel that meters energy does not know how long it lasts`;
  const [fromUnits, untilUnits] = [min_kwh ?? 0, max_kwh].map((kwh) =>
    kwh === undefined ? Infinity : (kwh * WH_PER_KWH) / MILLION,
  );
  if (!Number.isInteger(fromUnits)) return 'min_kwh: expected whole Wh';
  if (untilUnits !== Infinity && !Number.isInteger(untilUnits)) return 'max_kwh: expected whole Wh';
  return rangeOf(fromUnits as number, untilUnits as number, 'max_kwh');
}

function durationRange({ min_kwh, max_kwh, min_duration, max_duration }: OcpiRestrictions): UnitRange | string {
  if (min_kwh !== undefined || max_kwh !== undefined)
    return `${min_kwh === undefined ? 'max_kwh' : 'min_kwh'}: a channel that meters time does not know the energy`;
  return rangeOf(min_duration ?? 0, max_duration ?? Infinity, 'max_duration');
}

function rangeOf(fromUnits: number, untilUnits: number, name: string): UnitRange | string {
  return untilUnits > fromUnits ? { fromUnits, untilUnits } : `${name}: expected more than the minimum`;
}

function timesOf({ start_time, end_time, start_date, end_date, day_of_week }: OcpiRestrictions): Times | string {
  const fromMinute = minuteOf(start_time ?? '00:00') ?? 0;
  const end = minuteOf(end_time ?? '00:00') ?? 0;
  const untilMinute = end === 0 ? DAY_MINUTES : end;
  if (fromMinute === untilMinute) return 'end_time: expected another time than start_time';
  const [fromDay, untilDay] = [start_date, end_date].map((text) => (text === undefined ? 0 : (dayOf(text) ?? -1)));
  if (fromDay === undefined || fromDay < 0) return `start_date: expected a date, got ${start_date}`;
  if (untilDay === undefined || untilDay < 0) return `end_date: expected a date, got ${end_date}`;
  if (untilDay !== 0 && untilDay <= fromDay) return 'end_date: expected a day after start_date; it is the first day that is out';
  const names = (day_of_week ?? []).map((name) => WEEKDAYS.find((day) => name.toLowerCase().startsWith(day)) ?? 'mon');
  const weekdays = names.length === 0 ? EVERY_WEEKDAY : weekdaysOf(names);
  return { weekdays, fromMinute, untilMinute, fromDay, untilDay };
}

function sameTimes(a: Times, b: Times): boolean {
  return timesText(a) === timesText(b);
}

/** One element for each set of times, in the order of their first mention, each with tiers; and one for all other times. */
function listedBy(candidates: readonly Candidate[]): Element[] | string {
  const all: Times[] = [];
  for (const { times } of candidates) if (!isAlways(times) && !all.some((one) => sameTimes(one, times))) all.push(times);
  const isRanged = candidates.some(({ fromUnits, untilUnits }) => fromUnits > 0 || untilUnits < Infinity);
  // Without tiers the first that holds is in force; with them, which tiers hold where two overlap would be a third list.
  if (isRanged && all.some((a, i) => all.some((b, at) => at < i && overlap(a, b))))
    return 'elements: expected times that do not overlap beside restrictions by energy or duration';
  return [...all, ALWAYS].map((times) => ({
    ...times,
    tiers: tiersOf(candidates.filter((one) => isAlways(one.times) || sameTimes(one.times, times))),
  }));
}

/** Of several that apply to a unit the first does. */
function tiersOf(candidates: readonly Candidate[]): Tier[] {
  const begins = new Set([0]);
  for (const { fromUnits, untilUnits } of candidates) for (const at of [fromUnits, untilUnits]) if (at < Infinity) begins.add(at);
  const tiers: Tier[] = [];
  for (const fromUnits of [...begins].sort((a, b) => a - b)) {
    const found = candidates.find((one) => one.fromUnits <= fromUnits && fromUnits < one.untilUnits);
    const priceMicros = found?.priceMicros ?? (0 as Micros);
    if (tiers.at(-1)?.priceMicros !== priceMicros) tiers.push({ fromUnits, priceMicros });
  }
  return tiers;
}
