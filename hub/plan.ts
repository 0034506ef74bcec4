// What a batch would hold and move: which lines are in it, which payouts it makes, and what is held back with what is missing. In: lines that are due, where accounts are
// routed, what they carry, and the rails with their fees. Out: a plan. It changes nothing and asks nobody: the same input makes the same plan, so a dry run shows
// what a settlement would do.

import type { AccountId } from '../shared/identity.ts';
import type { BatchLine } from './batch.ts';
import { sumMicros } from './ledger.ts';
import type { Destination, Direction, PayoutId, Rail, RailName } from './rails/rail.ts';
import { feeMicrosOf } from './rails/rail.ts';
import type { Carried, Side } from './store-payouts.ts';
import type { Terms } from './terms.ts';

/** Not yet: an account's lines stay out of the batch. */
export interface Held extends Side {
  readonly rail: RailName;
  readonly dueMicros: number;
  /** What is missing. */
  readonly why: string;
}

export interface PlannedPayout extends Side {
  readonly rail: RailName;
  readonly grossMicros: number;
  readonly carriedMicros: number;
  readonly unitMicros: number;
  readonly amountMicros: number;
  readonly feeMicros: number;
  readonly replaces: readonly PayoutId[];
  readonly destination: Destination;
}

export interface Plan {
  readonly lines: readonly BatchLine[];
  readonly payouts: readonly PlannedPayout[];
  readonly held: readonly Held[];
}

export interface PlanInput {
  readonly lines: readonly BatchLine[];
  /** Sides with something lost that waits for another payout. */
  readonly lost: readonly Side[];
  /** `undefined`: through the hub's own books. */
  readonly railOf: (account: AccountId, direction: Direction) => RailName | undefined;
  readonly carriedOf: (side: Side) => Carried;
  /** What rails make destinations of: IBANs, addresses, whatever they ask for by name. */
  readonly particularsOf: (account: AccountId) => Readonly<Record<string, string>>;
  readonly terms: Terms;
  /** Whatever the fee, and whatever was lost a moment ago. */
  readonly all: boolean;
  readonly nowSeconds: number;
}

/** A side with all that does not depend on which lines are in. */
interface Way extends Side {
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

type Ways = (side: Side) => Way | undefined;

export function planOf(input: PlanInput): Plan {
  const ways = waysOf(input);
  const held = new Map<string, Held>();
  for (;;) {
    const before = held.size;
    const { lines, gross, left } = linesThatFit(input, ways, held);
    const payouts = payoutsOf(input, ways, gross, held);
    if (held.size > before) continue; // what one side holds back, its other side does not get either
    return { lines, payouts, held: [...held.values(), ...left] };
  }
}

const keyOf = ({ account, direction, currency }: Side): string => `${currency}${direction}${account}`;

/** The payouts that a line needs: to its payee, from its payer, both or none. */
export function sidesOf({ payer, payee, currency }: Pick<BatchLine, 'payer' | 'payee' | 'currency'>): readonly [Side, Side] {
  return [
    { account: payee, direction: 'pay', currency },
    { account: payer, direction: 'collect', currency },
  ];
}

/** Lines that neither wait for a payout nor for a collection: their parties clear directly. */
export function* directLines(lines: Iterable<BatchLine>, payouts: readonly Side[]): Iterable<BatchLine> {
  const waiting = new Set(payouts.map(keyOf));
  for (const line of lines) if (waiting.size === 0 || !sidesOf(line).some((side) => waiting.has(keyOf(side)))) yield line;
}

function waysOf(input: PlanInput): Ways {
  const known = new Map<string, Way | undefined>();
  return (side) => {
    const key = keyOf(side);
    if (known.has(key)) return known.get(key);
    const name = input.railOf(side.account, side.direction);
    const way = name === undefined ? undefined : wayOf(input, side, name);
    known.set(key, way);
    return way;
  };
}

function wayOf({ terms, carriedOf, particularsOf }: PlanInput, side: Side, name: RailName): Way {
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

interface Fitting {
  readonly lines: readonly BatchLine[];
  readonly gross: ReadonlyMap<string, { readonly side: Side; micros: number }>;
  /** Sides that have more lines than one payout may move: they are paid, and the rest waits. */
  readonly left: readonly Held[];
}

/** Lines of which no side is held back and no payout would be more than its rail moves at once. */
function linesThatFit(input: PlanInput, ways: Ways, held: ReadonlyMap<string, Held>): Fitting {
  const gross = new Map<string, { side: Side; micros: number }>();
  const left = new Map<string, Held>();
  const lines = input.lines.filter((line) => {
    const micros = line.toMicros - line.fromMicros;
    const routed = sidesOf(line).flatMap((side) => {
      const way = ways(side);
      return way === undefined ? [] : [way];
    });
    if (routed.some((way) => held.has(keyOf(way)))) return false;
    const full = routed.find((way) => {
      const totalMicros = (gross.get(keyOf(way))?.micros ?? 0) + way.carriedMicros + micros;
      return way.rail !== undefined && wholeUnits(totalMicros, way.unitMicros) > way.mostMicros;
    });
    if (full !== undefined) {
      const { account, direction, currency, name } = full;
      const dueMicros = sumMicros([left.get(keyOf(full))?.dueMicros ?? 0, micros]);
      const why = `rail ${name} moves at most ${full.mostMicros} micros at once: the rest waits for the next batch`;
      left.set(keyOf(full), { account, direction, currency, rail: name, dueMicros, why });
      return false;
    }
    for (const { account, direction, currency } of routed) {
      const side = { account, direction, currency };
      gross.set(keyOf(side), { side, micros: sumMicros([gross.get(keyOf(side))?.micros ?? 0, micros]) });
    }
    return true;
  });
  return { lines, gross, left: [...left.values()] };
}

/** A payout per side, or a reason why not: then the side is held. */
function payoutsOf(input: PlanInput, ways: Ways, gross: Fitting['gross'], held: Map<string, Held>): PlannedPayout[] {
  const sides = new Map(gross);
  for (const side of dueAgain(input, ways)) if (!sides.has(keyOf(side))) sides.set(keyOf(side), { side, micros: 0 });
  const payouts: PlannedPayout[] = [];
  for (const [key, { side, micros }] of sides) {
    if (held.has(key)) continue;
    const way = ways(side);
    if (way === undefined) continue;
    const planned = payoutOn(way, micros, input);
    if (typeof planned === 'string')
      held.set(key, { ...side, rail: way.name, dueMicros: micros + way.carriedMicros, why: planned });
    else if (planned !== undefined) payouts.push(planned);
  }
  for (const payout of tooDearTogether(payouts, input)) {
    const { account, direction, currency, rail } = payout;
    const why = `rail ${rail} takes ${input.terms.rails.get(rail)?.fee.perBatchMicros ?? 0} micros per batch, which is more than its share of what waits`;
    held.set(keyOf(payout), { account, direction, currency, rail, dueMicros: payout.grossMicros + payout.carriedMicros, why });
  }
  return payouts;
}

/** What was lost long enough ago to be tried again without new lines. */
function dueAgain({ lost, carriedOf, all, nowSeconds, terms }: PlanInput, ways: Ways): Side[] {
  return lost.filter((side) => {
    if (ways(side) === undefined) return false;
    return all || carriedOf(side).lost.some(({ lostAtSeconds }) => lostAtSeconds + terms.retryAfterSeconds <= nowSeconds);
  });
}

/** What can be moved of an amount, rounded down: the rest is carried. */
function wholeUnits(micros: number, unitMicros: number): number {
  return micros - (micros % unitMicros);
}

/** `undefined` where nothing is to be moved. */
function payoutOn(way: Way, grossMicros: number, { terms, all }: PlanInput): PlannedPayout | string | undefined {
  const { account, direction, currency, name, rail, unitMicros, carriedMicros, replaces, destination, fault } = way;
  const totalMicros = sumMicros([grossMicros, carriedMicros]);
  if (totalMicros === 0) return undefined;
  if (fault !== undefined || rail === undefined) return fault ?? `rail ${name} is not configured`;
  const amountMicros = wholeUnits(totalMicros, unitMicros);
  if (amountMicros === 0) return `${totalMicros} micros are less than ${unitMicros}, the least that rail ${name} moves`;
  const feeMicros = feeMicrosOf(rail.fee, amountMicros);
  const { minMicros, maxFeeShareMillionths } = terms.thresholdOf(name, currency);
  if (!all && amountMicros < minMicros) return `${amountMicros} micros are less than the threshold of ${minMicros}`;
  if (!all && isDearer(feeMicros, amountMicros, maxFeeShareMillionths)) {
    return `a fee of ${feeMicros} micros is more than ${maxFeeShareMillionths} millionths of ${amountMicros}`;
  }
  const sums = { grossMicros, carriedMicros, unitMicros, amountMicros, feeMicros };
  return { account, direction, currency, rail: name, ...sums, replaces, destination };
}

/** Exact beyond 2^53: both products may be large. */
export function isDearer(feeMicros: number, amountMicros: number, maxShareMillionths: number): boolean {
  return BigInt(feeMicros) * 1_000_000n > BigInt(amountMicros) * BigInt(maxShareMillionths);
}

/** Payouts of rails whose fee per batch, on top of the others, is more than its share of what they move in a currency. */
function tooDearTogether(payouts: readonly PlannedPayout[], { terms, all }: PlanInput): PlannedPayout[] {
  if (all) return [];
  const groups = new Map<string, PlannedPayout[]>();
  for (const payout of payouts) {
    const key = `${payout.rail} ${payout.currency}`;
    groups.set(key, [...(groups.get(key) ?? []), payout]);
  }
  return [...groups.values()].flatMap((group) => {
    const [{ rail, currency }] = group as [PlannedPayout];
    const perBatchMicros = terms.rails.get(rail)?.fee.perBatchMicros ?? 0;
    const feeMicros = sumMicros([perBatchMicros, ...group.map((one) => one.feeMicros)]);
    const amountMicros = sumMicros(group.map((one) => one.amountMicros));
    return isDearer(feeMicros, amountMicros, terms.thresholdOf(rail, currency).maxFeeShareMillionths) ? group : [];
  });
}
