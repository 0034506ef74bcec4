// What a scenario says: fleet, use, prices, weather, faults, how long, and what must hold. In: plain values as read from a file. Out: a scenario with every
// field filled in, or sentences that name the field, what was expected and what came. A misspelt field is an error: a fault that is not
// injected because of a typing mistake would look like a fault survived.

import { z } from 'zod';
import { PROFILES } from '../hub/profiles.ts';
import { isRoot } from '../shared/topics.ts';
import { MAX_CHAIN_UNITS, MAX_UNITS } from '../shared/units.ts';
import type { AccountSpec } from './scenario-accounts.ts';
import { accountSchema } from './scenario-accounts.ts';
import { faultsSchema } from './scenario-faults.ts';
import type { RailSpec } from './scenario-rails.ts';
import { railSchema } from './scenario-rails.ts';
import { returnsSchema } from './scenario-returns.ts';
import { tariffSchema } from './scenario-tariff.ts';
import { duration, share } from './scenario-values.ts';

const positive = z.number().positive();

const curveSchema = z.strictObject({
  /** Weights of the 24 hours, UTC; 1 is the rate as given, 0 is closed. */
  hours: z.array(z.number().min(0)).length(24).optional(),
  /** Weights of the days, Monday first. */
  days: z.array(z.number().min(0)).length(7).optional(),
});

const behaviourSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('bursts'),
    every: duration,
    most: z.int().min(1).max(1000).default(5),
    gap: duration.default(10_000),
    failureShare: share.default(0.04),
    curve: curveSchema.optional(),
  }),
  z.strictObject({
    kind: z.literal('charging'),
    pause: duration.default(600_000),
    leastWh: positive.default(5_000),
    mostWh: positive.default(40_000),
    powerWatts: positive.default(22_000),
    tick: duration.default(5_000),
    curve: curveSchema.optional(),
  }),
  z.strictObject({ kind: z.literal('interval'), every: duration, jitterShare: share.default(0.1) }),
  z.strictObject({
    kind: z.literal('arrivals'),
    every: duration,
    units: z.int().min(1).max(1_000_000).default(1),
    curve: curveSchema.optional(),
  }),
]);

const walletSchema = z.strictObject({
  /** Granted at enrolment; then, when the balance falls below, so many more. */
  grantUnits: z.int().min(0),
  topUpUnits: z.int().min(1).optional(),
  belowUnits: z.int().min(0).default(0),
  lookEvery: duration.default(3_600_000),
});

const placeSchema = z.strictObject({
  latitude: z.number().min(-90).max(90),
  longitude: z.number().min(-180).max(180),
  radiusKm: z.number().min(0).default(1),
});

const groupSchema = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]{0,30}$/, 'expected lower-case letters, digits and dashes, such as hall-3'),
  profile: z.enum(PROFILES),
  count: z.int().min(1).max(100_000),
  payer: z.string().min(1).max(50).default('customer'),
  /** So many payers share the group's devices. */
  payers: z.int().min(1).default(1),
  payee: z.string().min(1).max(50).default('operator'),
  behaviour: behaviourSchema,
  tariff: tariffSchema.optional(),
  limitUnits: z.int().min(1).max(MAX_UNITS).optional(),
  chainUnits: z.int().min(1).max(MAX_CHAIN_UNITS).optional(),
  issueEvery: duration.optional(),
  keepalive: duration.default(60_000),
  wallet: walletSchema.optional(),
  place: placeSchema.optional(),
});

const networkSchema = z.strictObject({
  delay: z.strictObject({ least: duration.default(5), mean: duration.default(30) }).prefault({}),
  loss: share.default(0),
  duplicate: share.default(0),
  reorder: share.default(0),
  flip: share.default(0),
});

const hubSchema = z.strictObject({
  /** Who reads vouchers: the hub's fast way, its judge alone, or the one or the other in each of its lives. */
  front: z.enum(['fast', 'aedes', 'either']).default('fast'),
  root: z.string().refine(isRoot, 'expected 1 to 8 lower-case letters or digits').default('t'),
  claimEvery: duration.default(5_000),
  settleEvery: duration.default(86_400_000),
  /** Messages that arrive within it are committed together. */
  turn: duration.default(2),
});

const assertionsSchema = z.strictObject({
  /** Of everything metered, at the end. */
  settledShareAtLeast: share.optional(),
  lostUnitsAtMost: z.int().min(0).optional(),
  vouchersAtLeast: z.int().min(0).optional(),
  latencyP99AtMost: duration.optional(),
  chargedMicrosAtLeast: z.int().min(0).optional(),
  rejectedAtMost: z.int().min(0).optional(),
});

export const scenarioSchema = z.strictObject({
  name: z.string().min(1).max(80),
  about: z.string().max(2000).optional(),
  start: z.iso.datetime().default('2026-03-02T00:00:00Z'),
  duration,
  seed: z.int().min(0).default(1),
  groups: z.array(groupSchema).min(1),
  /** Payers with terms. */
  accounts: z.array(accountSchema).default([]),
  /** Who is paid and collected from outside of the hub's own books. */
  rails: z.array(railSchema).max(3).default([]),
  /** What customers want back. */
  returns: returnsSchema.optional(),
  hub: hubSchema.prefault({}),
  network: networkSchema.prefault({}),
  faults: faultsSchema.prefault({}),
  /** How often the auditor goes through all books, beside what it checks at every step. */
  auditEvery: duration.default(3_600_000),
  assertions: assertionsSchema.prefault({}),
});

export type Scenario = z.output<typeof scenarioSchema>;
export type Group = Scenario['groups'][number];
export type BehaviourSpec = Group['behaviour'];
export type Curve = NonNullable<z.output<typeof curveSchema>>;
export type Faults = Scenario['faults'];

/** Everything that is wrong, one sentence each. */
export type Parsed =
  { readonly kind: 'scenario'; readonly scenario: Scenario } | { readonly kind: 'faults'; readonly faults: readonly string[] };

export function parseScenario(value: unknown): Parsed {
  const parsed = scenarioSchema.safeParse(value);
  if (!parsed.success) return { kind: 'faults', faults: parsed.error.issues.map(sentenceOf) };
  const faults = faultsBetween(parsed.data);
  return faults.length > 0 ? { kind: 'faults', faults } : { kind: 'scenario', scenario: parsed.data };
}

/** What no field says alone. */
function faultsBetween({ groups, accounts, rails }: Scenario): string[] {
  const twice = (names: readonly string[]): string | undefined => names.find((name, i) => names.indexOf(name) !== i);
  const group = twice(groups.map(({ name }) => name));
  const account = twice(accounts.map(({ payer }) => payer));
  const payers = new Set(groups.map(({ payer }) => payer));
  const rail = twice(rails.map(({ name }) => name));
  return [
    ...(group === undefined ? [] : [`groups: expected each name once, got "${group}" twice`]),
    ...(account === undefined ? [] : [`accounts: expected each payer once, got "${account}" twice`]),
    ...(rail === undefined ? [] : [`rails: expected each name once, got "${rail}" twice`]),
    ...rails.flatMap((one, i) => routeFaults(one, groups, `rails[${i}]`)),
    ...accounts.flatMap(({ payer, budgets }, i) => [
      ...(payers.has(payer)
        ? []
        : [`accounts[${i}].payer: expected a payer of a group, one of ${[...payers].join(', ')}; got "${payer}"`]),
      ...budgets.flatMap((budget, at) => budgetFault(budget, groups, `accounts[${i}].budgets[${at}]`)),
    ]),
  ];
}

function routeFaults({ payees, payers }: RailSpec, groups: readonly Group[], path: string): string[] {
  const unknown = (names: readonly string[], what: 'payee' | 'payer'): string[] =>
    names
      .filter((name) => !groups.some((group) => group[what] === name))
      .map((name) => `${path}.${what}s: expected a ${what} of a group, got "${name}"`);
  return [...unknown(payees, 'payee'), ...unknown(payers, 'payer')];
}

function budgetFault({ device, payee }: AccountSpec['budgets'][number], groups: readonly Group[], path: string): string[] {
  if (device !== undefined && payee !== undefined) return [`${path}: expected a device, a payee or neither, got both`];
  if (payee !== undefined && !groups.some((group) => group.payee === payee))
    return [`${path}.payee: expected a payee of a group, got "${payee}"`];
  const isLabel = groups.some(({ name, count }) => {
    const ordinal = Number(device?.slice(name.length + 1));
    return device?.startsWith(`${name}-`) === true && Number.isInteger(ordinal) && ordinal >= 1 && ordinal <= count;
  });
  return device === undefined || isLabel
    ? []
    : [`${path}.device: expected a device of a group, such as ${groups[0]?.name}-1, got "${device}"`];
}

function sentenceOf(issue: z.core.$ZodIssue): string {
  const path = issue.path.reduce<string>(
    (at, key) => at + (typeof key === 'number' ? `[${key}]` : `${at === '' ? '' : '.'}${String(key)}`),
    '',
  );
  if (issue.code === 'unrecognized_keys') {
    return `${path === '' ? 'scenario' : path}: there is no field ${issue.keys.map((key) => `"${key}"`).join(', ')} here; mind the spelling`;
  }
  return `${path === '' ? 'scenario' : path}: ${issue.message}`;
}
