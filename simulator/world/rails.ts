// The rails of a world: routes before the hub's first start, counterparts, and the terms by which the hub's process settles. In: a scenario's rails. Out: for each process rails of its own, which fall silent with it; and
// the sides that are paid or collected from, for the auditor.

import type { RoutedSide } from '../audit/payouts.ts';
import { routedSide } from '../audit/payouts.ts';
import { accountIdOf } from '../../hub/ids.ts';
import type { Store } from '../../hub/store.ts';
import type { Terms } from '../../hub/terms.ts';
import { termsWith } from '../../hub/terms.ts';
import type { RailSpec } from '../scenario-rails.ts';
import type { Member } from './cast.ts';
import type { Counterpart, RailUser } from './counterpart.ts';
import type { HubParts } from './hub-parts.ts';

/** Payers that are prepaid are collected from by nobody, however they are routed. */
export function sidesOf(
  counterparts: readonly Counterpart[],
  members: readonly Member[],
  prepaid: ReadonlySet<string>,
): RoutedSide[] {
  return counterparts.flatMap((counterpart) => {
    const { payees, payers } = counterpart.spec;
    const paid = new Set(members.filter(({ payee }) => payees.includes(payee)).map(({ payee }) => payee));
    const asked = new Set(members.filter(({ group }) => payers.includes(group.payer)).map(({ payer }) => payer));
    return [
      ...[...paid].map((name) => routedSide(counterpart, name, 'pay')),
      ...[...asked].filter((name) => !prepaid.has(name)).map((name) => routedSide(counterpart, name, 'collect')),
    ];
  });
}

/** Before the hub's first start. */
export function routeAll(store: Store, specs: readonly RailSpec[], members: readonly Member[], nowSeconds: number): void {
  for (const { name, payees, payers } of specs) {
    const paid = new Set(members.filter(({ payee }) => payees.includes(payee)).map(({ payee }) => payee));
    const asked = new Set(members.filter(({ group }) => payers.includes(group.payer)).map(({ payer }) => payer));
    for (const payee of paid) store.routes.route(accountIdOf(payee), 'pay', name, nowSeconds);
    for (const payer of asked) store.routes.route(accountIdOf(payer), 'collect', name, nowSeconds);
  }
}

/** For one process of the hub. */
export function termsFor(counterparts: readonly Counterpart[], user: RailUser, parts: HubParts): Terms {
  const rails = counterparts.map((counterpart) => parts.rail(counterpart.rail(user)));
  const least = new Map(counterparts.map(({ spec }) => [spec.name as string, spec.leastMicros]));
  const retryAfterSeconds = Math.min(86_400, ...counterparts.map(({ spec }) => Math.ceil(spec.retryAfter / 1000)));
  return termsWith(rails, {
    retryAfterSeconds,
    thresholdOf: (rail) => ({ minMicros: least.get(rail) ?? 0, maxFeeShareMillionths: 50_000 }),
  });
}
