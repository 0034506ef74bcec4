// People come when the curve says that the place is open, and as often as the mean says.

import { describe, expect, it } from 'vitest';
import { behaviourBy, nextArrival, weightAt } from '../../simulator/arrivals.ts';
import { seededRandom } from '../../simulator/random.ts';

const MONDAY_SECONDS = Date.parse('2026-03-02T00:00:00Z') / 1000;
const HOUR = 3600;
const openAt = (...hours: number[]): number[] => Array.from({ length: 24 }, (_, hour) => (hours.includes(hour) ? 1 : 0));

describe('curves', () => {
  it('begin their week on Monday', () => {
    const days = [7, 1, 2, 3, 4, 5, 6];
    expect(weightAt({ days }, MONDAY_SECONDS)).toBe(7);
    expect(weightAt({ days }, MONDAY_SECONDS - 1)).toBe(6);
    expect(weightAt({ days, hours: openAt(0) }, MONDAY_SECONDS + HOUR)).toBe(0);
  });

  it('let nobody come while closed, and everybody in the open hours', () => {
    const random = seededRandom(1, 'shop');
    let at = MONDAY_SECONDS;
    let arrivals = 0;
    const end = MONDAY_SECONDS + 20 * 24 * HOUR;
    for (;;) {
      at += nextArrival(600, { hours: openAt(9, 10, 17) }, random, at);
      if (at >= end) break;
      arrivals++;
      expect([9, 10, 17]).toContain(Math.floor(at / HOUR) % 24);
    }
    // 20 days of three open hours at six an hour are 360 on average; five standard deviations are 95.
    expect(Math.abs(arrivals - 360)).toBeLessThan(95);
  });

  it('double the rate where the weight is two', () => {
    const count = (weight: number): number => {
      const random = seededRandom(5, 'rate');
      let arrivals = 0;
      for (let at = MONDAY_SECONDS; at < MONDAY_SECONDS + 1000 * HOUR; arrivals++) {
        at += nextArrival(HOUR, { hours: new Array<number>(24).fill(weight) }, random, at);
      }
      return arrivals;
    };
    expect(count(2) / count(1)).toBeCloseTo(2, 0);
  });

  it('of nothing but zeros end all the same', () => {
    expect(nextArrival(1, { hours: openAt() }, seededRandom(1, 'closed'), MONDAY_SECONDS)).toBeGreaterThan(6 * 24 * HOUR);
  });
});

describe('behaviours', () => {
  const now = (): number => MONDAY_SECONDS;

  it('a car gets what it needs, never faster than its power', () => {
    const spec = { kind: 'charging', pause: 600_000, leastWh: 1000, mostWh: 1000, powerWatts: 7200, tick: 10_000 } as const;
    const behaviour = behaviourBy(spec, seededRandom(2, 'car'), now);
    const first = behaviour();
    expect(first).toMatchObject({ kind: 'pulses', units: 0 });
    let delivered = 0;
    for (let use = behaviour(); use.kind === 'pulses' && use.units > 0; use = behaviour()) {
      expect(use.units).toBeLessThanOrEqual(21);
      delivered += use.units;
    }
    expect(delivered).toBeGreaterThanOrEqual(1000);
    expect(delivered).toBeLessThan(1021);
  });

  it('an interval is kept within its jitter, and the field does not begin as one', () => {
    const spec = { kind: 'interval', every: 60_000, jitterShare: 0.1 } as const;
    const firsts = Array.from({ length: 50 }, (_, i) => behaviourBy(spec, seededRandom(i, 'node'), now)().afterSeconds);
    expect(Math.max(...firsts) - Math.min(...firsts)).toBeGreaterThan(40);
    const behaviour = behaviourBy(spec, seededRandom(1, 'node'), now);
    behaviour();
    for (let i = 0; i < 100; i++) expect(Math.abs(behaviour().afterSeconds - 60)).toBeLessThanOrEqual(6);
  });
});
