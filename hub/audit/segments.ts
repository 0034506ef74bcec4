// The segments of a channel against the tariff that its device has signed and the rules of clocks: each begins where the one before it ends, and its element is the one that was in force meanwhile, or the cheapest of several. In: a
// channel's segments. Out: faults. That units were accepted when a segment says so, nobody has signed: there the hub's word begins, held by the chain of records alone.

import { cheapestOf } from '../../shared/charge.ts';
import type { RichTariff } from '../../shared/rich-tariff.ts';
import { elementsInForce } from '../in-force.ts';
import type { TimedSegment } from '../segment.ts';

/** Longer than any channel lives; what somebody has edited must not keep the audit busy for ever. */
const MAX_SPAN_SECONDS = 100 * 366 * 86_400;

export function* faultsOfSegments(
  tariff: RichTariff,
  segments: readonly TimedSegment[],
  openedAtSeconds: number,
): IterableIterator<string> {
  let last: Pick<TimedSegment, 'untilSeconds' | 'toUnits'> = { untilSeconds: openedAtSeconds, toUnits: 0 };
  for (const [at, segment] of segments.entries()) {
    const fault = timesFault(segment, last) ?? elementFault(tariff, segment, last.toUnits);
    if (fault !== undefined) yield `segment ${at}, up to unit ${segment.toUnits}: ${fault}`;
    last = segment;
  }
}

function timesFault(
  { fromSeconds, untilSeconds, toUnits }: TimedSegment,
  last: Pick<TimedSegment, 'untilSeconds' | 'toUnits'>,
): string | undefined {
  if (toUnits <= last.toUnits) return `expected more than the ${last.toUnits} units before it`;
  if (fromSeconds !== last.untilSeconds)
    return `expected it to begin at ${last.untilSeconds}, where what is before it ends, the row says ${fromSeconds}`;
  const isSpan = untilSeconds >= fromSeconds && untilSeconds - fromSeconds <= MAX_SPAN_SECONDS;
  return isSpan ? undefined : `expected it to end after ${fromSeconds} and within a hundred years, the row says ${untilSeconds}`;
}

/** As `grownTo` has chosen it. */
function elementFault(tariff: RichTariff, segment: TimedSegment, fromUnits: number): string | undefined {
  const { element, toUnits, fromSeconds, untilSeconds, chosen } = segment;
  const inForce = elementsInForce(tariff, fromSeconds, untilSeconds);
  if (chosen !== inForce.length > 1)
    return `${inForce.length === 1 ? 'one element was' : `${inForce.length} elements were`} in force ${whenOf(tariff, segment)}, the row says ${chosen ? 'several' : 'one'}`;
  const due = cheapestOf(tariff, inForce, fromUnits, toUnits);
  return element === due ? undefined : `element ${due} was to be taken ${whenOf(tariff, segment)}, the row says ${element}`;
}

/** The rules of clocks come with Node and change: who reads a fault has to know by which. */
function whenOf({ zone }: RichTariff, { fromSeconds, untilSeconds }: TimedSegment): string {
  return `from ${fromSeconds} to ${untilSeconds} in ${zone}, by the time zones of ${process.versions.tz ?? 'this system'}`;
}
