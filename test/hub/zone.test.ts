// Wall clocks: in every zone and at any moment what Node's own formatting shows, and back.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { QUARTER_SECONDS } from '../../hub/till.ts';
import { zoneNamed } from '../../hub/zone.ts';

const ZONES = Intl.supportedValuesOf('timeZone');
const quarterOf = (iso: string): number => Math.floor(Date.parse(iso) / 1000 / QUARTER_SECONDS);
const quarters = fc.integer({ min: quarterOf('1973-01-01'), max: quarterOf('2060-01-01') });

function shownQuarter(zone: string, quarter: number): number {
  const text = new Date(quarter * QUARTER_SECONDS * 1000).toLocaleString('sv-SE', { timeZone: zone });
  return quarterOf(`${text.replace(' ', 'T')}Z`);
}

describe('the wall clock of a zone', () => {
  test('shows what Node shows', () => {
    fc.assert(
      fc.property(fc.constantFrom(...ZONES), fc.array(quarters, { minLength: 1, maxLength: 6 }), (name, moments) => {
        const zone = zoneNamed(name);
        for (const quarter of moments) expect(zone.localOf(quarter)).toBe(shownQuarter(name, quarter));
      }),
      { numRuns: 60 },
    );
  });

  test.each([
    ['the hour that never comes', 'Europe/Berlin', '2026-03-29T02:30Z', '2026-03-29T01:00Z'],
    ['the hour that comes twice', 'Europe/Berlin', '2026-10-25T02:30Z', '2026-10-25T00:30Z'],
    ['a quarter that is no half hour', 'Asia/Kathmandu', '2026-01-01T00:00Z', '2025-12-31T18:15Z'],
    ['half an hour of summer', 'Australia/Lord_Howe', '2026-10-04T02:30Z', '2026-10-03T15:30Z'],
  ])('%s leads back to the first moment at which it is reached', (_, name, local, utc) => {
    expect(zoneNamed(name).utcOf(quarterOf(local))).toBe(quarterOf(utc));
  });

  test('is the same on both sides of a change, and one second before it the other', () => {
    const berlin = zoneNamed('Europe/Berlin');
    expect(berlin.localOf(quarterOf('2026-03-29T00:45Z'))).toBe(quarterOf('2026-03-29T01:45Z'));
    expect(berlin.localOf(quarterOf('2026-03-29T01:00Z'))).toBe(quarterOf('2026-03-29T03:00Z'));
    expect(berlin.localOf(quarterOf('2026-03-29T00:45Z'))).toBe(quarterOf('2026-03-29T01:45Z'));
  });
});
