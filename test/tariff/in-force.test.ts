// Which element is in force when: by Temporal in the hub, by Intl here, minute by minute; and on the days on which clocks change.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { elementInForceAt, elementsInForce } from '../../hub/in-force.ts';
import type { RichTariff } from '../../shared/rich-tariff.ts';
import { DAY_MINUTES, elementAt } from '../../shared/times.ts';
import { tariffWith } from './timed-tariff.ts';

const ZONES = [
  'Europe/Berlin',
  'America/St_Johns',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'America/Sao_Paulo',
  'Pacific/Apia',
  'UTC',
];

/** Night, office hours, one date, and all else. */
function variedIn(zone: string): RichTariff {
  return tariffWith(zone, [
    { fromMinute: 1320, untilMinute: 360 },
    { weekdays: 31, fromMinute: 9 * 60 + 15, untilMinute: 17 * 60 },
    { fromDay: 20_811, untilDay: 20_813 },
    { weekdays: 96, fromMinute: 120, untilMinute: 180 },
  ]);
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Day and minute on the wall clock, as Intl shows them. */
function wallClock(zone: string, seconds: number): { day: number; minute: number } {
  const shape = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' } as const;
  const format = formats.get(zone) ?? new Intl.DateTimeFormat('en', { timeZone: zone, hourCycle: 'h23', ...shape });
  formats.set(zone, format);
  const parts = new Map(format.formatToParts(seconds * 1000).map(({ type, value }) => [type as string, Number(value)]));
  const of = (name: string): number => parts.get(name) as number;
  return { day: Date.UTC(of('year'), of('month') - 1, of('day')) / 86_400_000, minute: of('hour') * 60 + of('minute') };
}

function shownAt(tariff: RichTariff, seconds: number): number {
  const { day, minute } = wallClock(tariff.zone, seconds);
  return elementAt(tariff.elements, day, minute);
}

const moments = fc.integer({ min: 1_700_000_000, max: 1_860_000_000 });

describe('an element is in force', () => {
  it('when the wall clock of its zone says so, in any zone, at any moment', () => {
    fc.assert(
      fc.property(fc.constantFrom(...ZONES), moments, (zone, seconds) => {
        const tariff = variedIn(zone);
        expect(elementInForceAt(tariff, seconds)).toBe(shownAt(tariff, seconds));
      }),
      { numRuns: 4000 },
    );
  });

  it('in a span, when it is so at some second of it', () => {
    fc.assert(
      fc.property(fc.constantFrom(...ZONES), moments, fc.integer({ min: 0, max: 4 * 86_400 }), (zone, from, length) => {
        const tariff = variedIn(zone);
        const seen = new Set([shownAt(tariff, from), shownAt(tariff, from + length)]);
        // All zones of today keep to whole minutes, and so do elements.
        for (let at = Math.ceil(from / 60) * 60; at <= from + length; at += 60) seen.add(shownAt(tariff, at));
        expect(elementsInForce(tariff, from, from + length)).toEqual([...seen].sort());
      }),
      { numRuns: 150 },
    );
  });
});

describe('when clocks change', () => {
  const tariff = tariffWith('Europe/Berlin', [{ fromMinute: 120, untilMinute: 180 }]);
  const at = (text: string): number => Date.parse(text) / 1000;

  it('an hour that does not come is never in force', () => {
    expect(elementsInForce(tariff, at('2026-03-28T12:00:00Z'), at('2026-03-29T12:00:00Z'))).toEqual([1]);
    expect(elementInForceAt(tariff, at('2026-03-29T00:59:59Z'))).toBe(1); // 01:59:59
    expect(elementInForceAt(tariff, at('2026-03-29T01:00:00Z'))).toBe(1); // 03:00:00
  });

  it('an hour that comes twice is in force both times', () => {
    const shown = ['2026-10-24T23:59:59Z', '2026-10-25T00:00:00Z', '2026-10-25T01:00:00Z', '2026-10-25T01:59:59Z'];
    expect(shown.map((text) => elementInForceAt(tariff, at(text)))).toEqual([1, 0, 0, 0]);
    expect(elementInForceAt(tariff, at('2026-10-25T02:00:00Z'))).toBe(1); // 03:00:00
  });

  it('a day without midnight begins at its first moment', () => {
    // In Beirut clocks went from 24:00 to 01:00 on 2024-03-30: the night from Saturday to Sunday.
    const sunday = tariffWith('Asia/Beirut', [{ weekdays: 64, fromMinute: 0, untilMinute: DAY_MINUTES }]);
    expect(elementInForceAt(sunday, at('2024-03-30T21:59:59Z'))).toBe(1);
    expect(elementInForceAt(sunday, at('2024-03-30T22:00:00Z'))).toBe(0);
  });
});
