// What rails take from the world, as tests have it: a clock that goes when told, and a memory that lasts as long as the test.

import type { RailWorld } from '../../hub/rails/attempts.ts';
import type { FeeModel, RailMemory } from '../../hub/rails/rail.ts';

export const NO_FEE: FeeModel = { perBatchMicros: 0, fixedMicros: 0, shareMillionths: 0, minMicros: 0, maxMicros: undefined };

export interface TestClock extends RailWorld {
  pass(ms: number): void;
}

export function testClock(): TestClock {
  let nowMs = Date.UTC(2026, 10, 21);
  return {
    nowMs: () => nowMs,
    random: () => 0.5,
    pass: (ms) => void (nowMs += ms),
  };
}

export function memoryOf(known: Readonly<Record<string, string>> = {}): RailMemory & { readonly entries: Map<string, string> } {
  const entries = new Map(Object.entries(known));
  return { entries, get: (key) => entries.get(key), put: (key, value) => void entries.set(key, value) };
}
