// The way that an account's money goes: its rail, where that sends to, what is carried in, and why nothing can go that way at all. In: where accounts are routed, what they carry, and the rails. Out: a way
// for each side, made once. It knows nothing of lines.

import type { AccountId } from '../shared/identity.ts';
import type { Destination, Direction, PayoutId, Rail, RailName } from './rails/rail.ts';
import type { Side } from './side.ts';
import { sideKeyOf } from './side.ts';
import type { Carried } from './store-payouts.ts';
import type { Terms } from './terms.ts';

/** A side with all that does not depend on which lines are in. */
export interface Way extends Side {
  readonly name: RailName;
  readonly rail: Rail | undefined;
  readonly unitMicros: number;
  readonly destination: Destination;
  readonly carriedMicros: number;
  readonly replaces: readonly PayoutId[];
  readonly mostMicros: number;
  /** Why nothing can go this way at all. */
  readonly fault: string | undefined;
}

export interface WayInput {
  /** `undefined`: through the hub's own books. */
  readonly railOf: (account: AccountId, direction: Direction) => RailName | undefined;
  readonly carriedOf: (side: Side) => Carried;
  /** What rails make destinations of: IBANs, addresses, whatever they ask for by name. */
  readonly particularsOf: (account: AccountId) => Readonly<Record<string, string>>;
  readonly terms: Terms;
}

/** `undefined` for a side that is settled in the hub's own books. A side that was asked for once is not read again. */
export type Ways = (side: Side) => Way | undefined;

export function waysOf(input: WayInput): Ways {
  const known = new Map<string, Way | undefined>();
  return (side) => {
    const key = sideKeyOf(side);
    if (known.has(key)) return known.get(key);
    const name = input.railOf(side.account, side.direction);
    const way = name === undefined ? undefined : wayOf(input, side, name);
    known.set(key, way);
    return way;
  };
}

/** What can be moved of an amount, rounded down: the rest is carried. */
export function wholeUnits(micros: number, unitMicros: number): number {
  return micros - (micros % unitMicros);
}

function wayOf({ terms, carriedOf, particularsOf }: WayInput, side: Side, name: RailName): Way {
  const rail = terms.rails.get(name);
  const unitMicros = rail?.unitMicros(side.currency);
  const destination = rail?.destinationOf(particularsOf(side.account), side.direction) ?? {};
  const mostMicros = rail?.maxMicros ?? 0;
  const { remainderMicros, lost } = carriedOf(side);
  let carriedMicros = remainderMicros;
  const replaces: PayoutId[] = [];
  for (const { id, amountMicros } of lost) {
    if (wholeUnits(carriedMicros + amountMicros, unitMicros ?? 1) > mostMicros) continue; // in a later payout
    carriedMicros += amountMicros;
    replaces.push(id);
  }
  const fault = faultOf(side, name, rail, unitMicros, destination);
  const common = { ...side, name, rail, unitMicros: unitMicros ?? 1, carriedMicros, replaces, mostMicros, fault };
  return { ...common, destination: typeof destination === 'string' ? {} : destination };
}

function faultOf(
  { direction, currency }: Side,
  name: RailName,
  rail: Rail | undefined,
  unitMicros: number | undefined,
  destination: Destination | string,
): string | undefined {
  if (rail === undefined) return `rail ${name} is not configured`;
  if (!rail.directions.includes(direction)) return `rail ${name} does not ${direction}`;
  if (unitMicros === undefined) return `rail ${name} does not move ${currency}`;
  return typeof destination === 'string' ? destination : undefined;
}
