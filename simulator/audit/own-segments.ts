// Prices that differ by time, reckoned again: which elements of its tariff were in force when units of a channel were accepted, as the auditor saw it happen. In: what each commit
// added, and the segments in the books. Out: a sentence for units that stand under an element that was not in force, or not the cheapest that was [W-37].

import type { Segment } from '../../shared/charge.ts';
import type { RichTariff } from '../../shared/rich-tariff.ts';
import { elementAt, elementsWithin } from './local-time.ts';
import { cheapestElements } from './second-charge.ts';

/** Units that one commit added. By the hub's clock, which for this never goes back. */
export interface Acceptance {
  readonly toUnits: number;
  /** In force at some moment since the acceptance before it, or the opening. */
  readonly elements: readonly number[];
  /** In force when it was accepted. */
  readonly atEnd: number;
}

/** What a channel under such a tariff has beside its counts. */
export interface OwnTimes {
  lastSeconds: number;
  readonly acceptances: Acceptance[];
}

export function noteAcceptance(times: OwnTimes, tariff: RichTariff, toUnits: number, hubSeconds: number): void {
  const untilSeconds = Math.max(times.lastSeconds, hubSeconds);
  const elements = elementsWithin(tariff, times.lastSeconds, untilSeconds);
  const acceptance = { toUnits, elements, atEnd: elementAt(tariff, untilSeconds) };
  const last = times.acceptances.at(-1);
  times.lastSeconds = untilSeconds;
  // As long as nothing changes, one says it all.
  if (last !== undefined && isOnly(last, acceptance.atEnd) && isOnly(acceptance, acceptance.atEnd)) times.acceptances.pop();
  times.acceptances.push(acceptance);
}

const isOnly = ({ elements }: Acceptance, element: number): boolean => elements.length === 1 && elements[0] === element;

/** `undefined` where each unit stands under the element that the rules say. */
export function segmentsFault(tariff: RichTariff, { acceptances }: OwnTimes, segments: readonly Segment[]): string | undefined {
  let from = 0;
  let at = 0;
  for (const { toUnits, elements, atEnd } of acceptances) {
    for (let isFirst = true; from < toUnits; isFirst = false) {
      while (segments[at] !== undefined && (segments[at] as Segment).toUnits <= from) at++;
      const segment = segments[at];
      if (segment === undefined) return `units above ${from} were accepted, and no segment holds them`;
      const to = Math.min(segment.toUnits, toUnits);
      // Of one commit the first voucher spans the time since the last one; those behind it span none.
      const due = isFirst ? cheapestElements(tariff, elements, from, to).slice(0, 1) : [atEnd];
      if (!due.includes(segment.element))
        return `units ${from + 1} to ${to} stand under element ${segment.element}, and ${due.join()} was due of ${elements.join()}`;
      from = to;
    }
  }
  return undefined;
}
