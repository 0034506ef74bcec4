// Segments: which units of a channel were accepted while which element of its tariff was in force. In: where a channel stands, and a moment. Out: its segments, grown at
// their end. So a price that differs by time is still a function of units, which anybody can compute again. No clock: the moment is given, and it is the hub's.

import type { Segment } from '../shared/charge.ts';
import { cheapestOf } from '../shared/charge.ts';
import type { RichTariff } from '../shared/rich-tariff.ts';

export interface TimedSegment extends Segment {
  /** When the units before its first were accepted, or the channel opened; and when its last were. */
  readonly fromSeconds: number;
  readonly untilSeconds: number;
  /** Several elements were in force meanwhile, and the cheapest was taken: then it holds one acceptance and does not grow. */
  readonly chosen: boolean;
}

/** What a channel under prices that differ by time has beside its counts. */
export interface Timed {
  readonly openedAtSeconds: number;
  readonly segments: readonly TimedSegment[];
}

/** The elements of a tariff that are in force at some moment from the first second to the last, in their order. */
export type InForce = (tariff: RichTariff, fromSeconds: number, untilSeconds: number) => readonly number[];

/** `units` are accepted now. A clock that was set back stands still, here, until it has caught up. */
export function grownTo(units: number, timed: Timed, tariff: RichTariff, nowSeconds: number, inForce: InForce): Timed {
  const { segments, openedAtSeconds } = timed;
  const last = segments.at(-1);
  const fromSeconds = last?.untilSeconds ?? openedAtSeconds;
  const untilSeconds = Math.max(nowSeconds, fromSeconds);
  const elements = inForce(tariff, fromSeconds, untilSeconds);
  const chosen = elements.length > 1;
  const element = cheapestOf(tariff, elements, last?.toUnits ?? 0, units);
  if (last !== undefined && !chosen && !last.chosen && element === last.element) {
    return { openedAtSeconds, segments: [...segments.slice(0, -1), { ...last, toUnits: units, untilSeconds }] };
  }
  return { openedAtSeconds, segments: [...segments, { element, toUnits: units, fromSeconds, untilSeconds, chosen }] };
}
