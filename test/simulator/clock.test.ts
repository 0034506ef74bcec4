// Virtual time keeps its order, whatever is asked of it.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createClock } from '../../simulator/world/clock.ts';

test('what is due runs soonest first, in the order of asking where two are due at once; what is cancelled never runs', () => {
  const wish = fc.record({ ms: fc.integer({ min: 0, max: 50 }), cancelled: fc.boolean() });
  fc.assert(
    fc.property(fc.array(wish, { maxLength: 200 }), (wishes) => {
      const clock = createClock();
      const ran: Array<{ atMs: number; place: number }> = [];
      const timers = wishes.map(({ ms }, place) => clock.after(ms, () => ran.push({ atMs: clock.nowMs, place })));
      wishes.forEach(({ cancelled }, place) => {
        if (cancelled) clock.cancel(timers[place] as number);
      });
      clock.passTo(1000);
      const expected = wishes
        .map(({ ms, cancelled }, place) => ({ atMs: ms, place, cancelled }))
        .filter((one) => !one.cancelled)
        .sort((a, b) => a.atMs - b.atMs || a.place - b.place)
        .map(({ atMs, place }) => ({ atMs, place }));
      expect(ran).toEqual(expected);
      expect(clock.pending()).toBe(0);
    }),
  );
});

test('near and far ones keep one order, also those that are asked for between two passes and those that are asked for by others', () => {
  const wish = fc.record({
    ms: fc.integer({ min: 0, max: 40_000 }),
    then: fc.integer({ min: -1, max: 20_000 }),
    pass: fc.integer({ min: 0, max: 30_000 }),
  });
  fc.assert(
    fc.property(fc.array(wish, { maxLength: 100 }), (wishes) => {
      const clock = createClock();
      const asked: Array<{ atMs: number; place: number }> = [];
      const ran: Array<{ atMs: number; place: number }> = [];
      const ask = (ms: number, then: number): void => {
        const place = asked.length;
        asked.push({ atMs: clock.nowMs + ms, place });
        clock.after(ms, () => {
          ran.push({ atMs: clock.nowMs, place });
          if (then >= 0) ask(then, -1);
        });
      };
      for (const { ms, then, pass } of wishes) {
        ask(ms, then);
        expect(clock.nextMs()).toBeGreaterThanOrEqual(clock.nowMs);
        if (pass % 3 === 0) clock.passTo(clock.nowMs + pass);
      }
      clock.passTo(10_000_000);
      expect(ran).toEqual([...asked].sort((a, b) => a.atMs - b.atMs || a.place - b.place));
      expect(clock.pending()).toBe(0);
    }),
  );
});

test('a clock whose timers are mostly cancelled forgets them, and goes on', () => {
  const clock = createClock();
  let ran = 0;
  for (let round = 0; round < 5000; round++) {
    const timer = clock.after(1_000_000, () => ran++);
    clock.after(1, () => ran++);
    clock.cancel(timer);
    clock.step();
  }
  clock.passTo(10_000_000);
  expect(ran).toBe(5000);
});

test('a callback that asks for more is served in the same pass, and time never runs backwards', () => {
  const clock = createClock();
  const seen: number[] = [];
  const again = (): void => {
    seen.push(clock.nowMs);
    if (seen.length < 5) clock.after(10, again);
  };
  clock.after(5, again);
  clock.passTo(100);
  expect(seen).toEqual([5, 15, 25, 35, 45]);
  clock.passTo(50);
  expect(clock.nowMs).toBe(100);
});
