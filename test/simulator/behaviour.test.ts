// The machines behave like their machines, and the same seed gives the same day.

import { describe, expect, it } from 'vitest';
import type { Profile } from '../../hub/profiles.ts';
import { PROFILES } from '../../hub/profiles.ts';
import type { Use } from '../../simulator/behaviour.ts';
import { behaviourOf } from '../../simulator/behaviour.ts';
import { seededRandom } from '../../simulator/random.ts';

const DAY_SECONDS = 86_400;

function dayOf(profile: Profile, seed: number): Use[] {
  const next = behaviourOf(profile, seededRandom(seed, 'machine'));
  const uses: Use[] = [];
  for (let seconds = 0; seconds < DAY_SECONDS;) {
    const use = next();
    seconds += use.afterSeconds;
    uses.push(use);
  }
  return uses;
}

const unitOf = (use: Use): number => (use.kind === 'pulses' ? use.units : use.succeeds ? 1 : 0);
const unitsOf = (uses: readonly Use[]): number => uses.reduce((total, use) => total + unitOf(use), 0);

describe.each(PROFILES)('a day of %s', (profile) => {
  it('is the same for the same seed, and another for another', () => {
    expect(dayOf(profile, 7)).toEqual(dayOf(profile, 7));
    expect(dayOf(profile, 7)).not.toEqual(dayOf(profile, 8));
  });

  it('counts whole units and never goes back in time', () => {
    for (const use of dayOf(profile, 3)) {
      expect(Number.isSafeInteger(unitOf(use)) && unitOf(use) >= 0).toBe(true);
      expect(use.afterSeconds).toBeGreaterThan(0);
    }
  });
});

describe('machines', () => {
  it('vending sells in bursts: most gaps are short, most time passes in long ones', () => {
    const gaps = dayOf('vending', 1).map((use) => use.afterSeconds);
    const short = gaps.filter((seconds) => seconds < 40);
    expect(short.length).toBeGreaterThan(gaps.length / 2);
    expect(short.reduce((a, b) => a + b, 0)).toBeLessThan(DAY_SECONDS / 2);
  });

  it('vending fails now and then, and most vends succeed', () => {
    const vends = dayOf('vending', 1).filter((use) => use.kind === 'vend');
    const failed = vends.filter((vend) => !vend.succeeds).length;
    expect(failed).toBeGreaterThan(0);
    expect(failed).toBeLessThan(vends.length / 10);
  });

  it('charging follows a curve: full power first, never above 22 kW, tapering at the end', () => {
    const ticks = dayOf('charging', 1).filter((use) => unitOf(use) > 0);
    const mostWh = Math.max(...ticks.map(unitOf));
    expect(mostWh).toBeLessThanOrEqual(Math.ceil((22_000 * 5) / 3600));
    expect(Math.min(...ticks.map(unitOf))).toBeLessThan(mostWh / 4);
    expect(unitsOf(ticks)).toBeGreaterThan(50_000);
  });

  it('a sensor pays per message, about once a minute', () => {
    const day = dayOf('sensor', 1);
    expect(unitsOf(day)).toBe(day.length);
    expect(day.length).toBeGreaterThan(1300);
    expect(day.length).toBeLessThan(1600);
  });
});
