// A scenario as a file that can be read again: what was made smaller is written down for a person. In: a scenario with every field filled in. Out: YAML, with
// durations as people write them. Reading it gives the same scenario.

import { stringify } from 'yaml';
import type { Scenario } from './scenario.ts';

/** Fields whose numbers are milliseconds, wherever they stand. */
const DURATIONS = new Set([
  'after',
  'auditEvery',
  'claimEvery',
  'duration',
  'every',
  'gap',
  'issueEvery',
  'keepalive',
  'lasts',
  'latencyP99AtMost',
  'least',
  'lookEvery',
  'mean',
  'messagesAfter',
  'pause',
  'retryAfter',
  'sendEvery',
  'settleEvery',
  'takes',
  'tick',
  'turn',
]);

export function scenarioText(scenario: Scenario): string {
  return stringify(withDurations(scenario, ''));
}

function withDurations(value: unknown, name: string): unknown {
  if (Array.isArray(value)) return value.map((one) => withDurations(one, ''));
  if (typeof value === 'number') return DURATIONS.has(name) ? `${value}ms` : value;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withDurations(one, key)]));
}
