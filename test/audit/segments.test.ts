// Segments against the tariff and the clocks: what the hub itself makes passes, and an element or a time that cannot have been is named.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { faultsOfSegments } from '../../hub/audit/segments.ts';
import { elementsInForce } from '../../hub/in-force.ts';
import type { Timed, TimedSegment } from '../../hub/segment.ts';
import { grownTo } from '../../hub/segment.ts';
import { BY_TIME } from './business.ts';

const OPENED = 1_800_000_000;

/** As the judge would: units accepted at moments, in their order. */
function segmentsOf(steps: ReadonlyArray<readonly [units: number, seconds: number]>): readonly TimedSegment[] {
  let timed: Timed = { openedAtSeconds: OPENED, segments: [] };
  let [units, at] = [0, OPENED];
  for (const [more, later] of steps) timed = grownTo((units += more), timed, BY_TIME, (at += later), elementsInForce);
  return timed.segments;
}

const steps = fc.array(fc.tuple(fc.integer({ min: 1, max: 50 }), fc.integer({ min: -500, max: 100_000 })), {
  minLength: 1,
  maxLength: 12,
});
const faultsIn = (segments: readonly TimedSegment[]): string[] => [...faultsOfSegments(BY_TIME, segments, OPENED)];

test('what the hub makes passes, whatever its clock does', () => {
  fc.assert(
    fc.property(steps, (some) => {
      expect(faultsIn(segmentsOf(some))).toEqual([]);
    }),
  );
});

test('another element, another time, or a choice that was none is found in all that the hub makes', () => {
  fc.assert(
    fc.property(steps, fc.nat(), fc.constantFrom('element', 'from', 'chosen', 'units'), (some, where, what) => {
      const segments = segmentsOf(some);
      const at = where % segments.length;
      const changed = segments.map((segment, i) => {
        if (i !== at) return segment;
        if (what === 'element') return { ...segment, element: 1 - segment.element };
        if (what === 'from') return { ...segment, fromSeconds: segment.fromSeconds - 1 };
        if (what === 'chosen') return { ...segment, chosen: !segment.chosen };
        return { ...segment, toUnits: segments[i - 1]?.toUnits ?? 0 };
      });
      expect(faultsIn(changed).length).toBeGreaterThan(0);
    }),
  );
});

test('the sentence names the segment, what was due and by which rules of clocks', () => {
  const [segment] = segmentsOf([[5, 10]]) as [TimedSegment];
  expect(faultsIn([{ ...segment, element: 1 - segment.element }])[0]).toMatch(
    /^segment 0, up to unit 5: element [01] was to be taken from 1800000000 to 1800000010 in Europe\/Berlin, by the time zones of .*, the row says [01]$/,
  );
  expect(faultsIn([{ ...segment, untilSeconds: 9e14 }])[0]).toMatch(/within a hundred years, the row says 900000000000000$/);
});
