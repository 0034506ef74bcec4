// What is bought together. In: a scope, and what a basket is. Out: pairs of products with support, confidence and lift, and how sure the lift is. A basket is every product of which one
// payer's account (or one site) has bought something within one window of time: the hub knows neither people nor checkouts. Windows follow each other without
// overlap, so what is bought across a window's edge counts as apart.

import type { Store } from '../store.ts';
import type { Till } from '../till.ts';
import type { Scope } from './scope.ts';
import { walk } from './walk.ts';

export interface BasketTerms {
  /** Whose purchases make one basket. */
  readonly per: 'payer' | 'site';
  readonly windowQuarters: number;
  /** Pairs that fewer baskets hold are not shown. */
  readonly leastBaskets: number;
}

export interface Pair {
  readonly a: string;
  readonly b: string;
  /** Baskets that hold both. */
  readonly baskets: number;
  /** Their share of all baskets. */
  readonly support: number;
  /** Of the baskets with one, how many have the other. */
  readonly confidenceAToB: number;
  readonly confidenceBToA: number;
  /** How many times more often than if neither knew of the other; 1: no tie. */
  readonly lift: number;
  /** Where the lift lies with 95 % certainty, if baskets are independent. */
  readonly liftLow: number;
  readonly liftHigh: number;
}

export interface Together {
  readonly baskets: number;
  /** Baskets with more than one product. */
  readonly mixed: number;
  readonly products: number;
  readonly pairs: readonly Pair[];
  readonly notes: readonly string[];
}

/** Every pair has a counter. */
const MOST_PRODUCTS = 2000;

interface Counts {
  baskets: number;
  mixed: number;
  /** By product, and by product times products plus the higher one. */
  readonly ones: Float64Array;
  readonly twos: Float64Array;
}

/** A sentence when there is more than can be counted. */
export function boughtTogether(store: Store, scope: Scope, terms: BasketTerms): Together | string {
  const products = [...new Set(scope.tills.map(({ place }) => place.product).filter((product) => product !== null))].sort();
  if (products.length > MOST_PRODUCTS) {
    return `expected at most ${MOST_PRODUCTS} products, got ${products.length}; choose a --site or a --payee`;
  }
  const counts: Counts = {
    baskets: 0,
    mixed: 0,
    ones: new Float64Array(products.length),
    twos: new Float64Array(products.length ** 2),
  };
  const isCut = countBaskets(store, scope, terms, products, counts);
  const unnamed = scope.tills.some(({ place }) => place.product === null);
  return {
    baskets: counts.baskets,
    mixed: counts.mixed,
    products: products.length,
    pairs: pairsOf(products, counts, terms.leastBaskets),
    notes: [
      ...scope.notes,
      ...(isCut ? ['quarter hours that are not kept any more are left out'] : []),
      ...(unnamed ? ['devices whose product nobody has named are left out'] : []),
    ],
  };
}

/** True if days had to be left out. */
function countBaskets(store: Store, scope: Scope, terms: BasketTerms, products: readonly string[], counts: Counts): boolean {
  const owners = new Map<string, number>();
  const ownerOf = ({ payer, place }: Till): string | null => (terms.per === 'payer' ? payer : place.site);
  const ownerIndex = new Int32Array(scope.counts.length).fill(-1);
  const productIndex = new Int32Array(scope.counts.length).fill(-1);
  const numbers = new Map(products.map((product, index) => [product, index]));
  for (const till of scope.tills) {
    const owner = ownerOf(till);
    if (owner === null || till.place.product === null) continue;
    ownerIndex[till.till] = owners.get(owner) ?? owners.size;
    owners.set(owner, ownerIndex[till.till] as number);
    productIndex[till.till] = numbers.get(till.place.product) ?? -1;
  }
  const open: number[][] = Array.from({ length: owners.size }, () => []);
  // Numbers of tills, and no pairs of them: there may be millions in a quarter hour's time.
  let pending: number[] = [];
  let window = -1;
  let isCut = false;
  const onSale = (till: number, units: number): void => {
    if ((productIndex[till] as number) >= 0 && units > 0) pending.push(till);
  };
  const close = (): void => {
    for (const basket of open) if (basket.length > 0) countBasket(basket.splice(0), products.length, counts);
  };
  // A quarter hour's rows come before the quarter hour itself: which window they are of is known then.
  walk(store, scope, 'fine', onSale, (moment) => {
    if (moment.kind === 'day') isCut = true;
    else {
      const next = Math.floor(moment.quarter / terms.windowQuarters);
      if (next !== window) close();
      window = next;
      for (const till of pending) (open[ownerIndex[till] as number] as number[]).push(productIndex[till] as number);
    }
    pending = [];
  });
  close();
  return isCut;
}

function countBasket(bought: readonly number[], products: number, counts: Counts): void {
  const basket = [...new Set(bought)].sort((a, b) => a - b);
  counts.baskets++;
  if (basket.length > 1) counts.mixed++;
  basket.forEach((a, at) => {
    counts.ones[a] = (counts.ones[a] as number) + 1;
    for (const b of basket.slice(at + 1)) counts.twos[a * products + b] = (counts.twos[a * products + b] as number) + 1;
  });
}

function pairsOf(products: readonly string[], { baskets, ones, twos }: Counts, leastBaskets: number): Pair[] {
  const pairs: Pair[] = [];
  products.forEach((a, i) => {
    products.forEach((b, j) => {
      const both = twos[i * products.length + j] as number;
      if (j > i && both >= leastBaskets) pairs.push({ a, b, ...measuresOf(both, ones[i] as number, ones[j] as number, baskets) });
    });
  });
  return pairs.sort((one, other) => other.liftLow - one.liftLow || other.baskets - one.baskets || (one.a < other.a ? -1 : 1));
}

const CERTAINTY_95 = 1.96;

/** The interval is that of the lift's logarithm, by the delta method over the four cells that a basket can be in. */
export function measuresOf(both: number, withA: number, withB: number, baskets: number): Omit<Pair, 'a' | 'b'> {
  const [p, pa, pb] = [both / baskets, withA / baskets, withB / baskets];
  const lift = p / (pa * pb);
  const square = p * (1 / p - 1 / pa - 1 / pb) ** 2 + (pa - p) / pa ** 2 + (pb - p) / pb ** 2;
  const spread = Math.exp(CERTAINTY_95 * Math.sqrt(Math.max(0, square - 1) / baskets));
  return {
    baskets: both,
    support: p,
    confidenceAToB: both / withA,
    confidenceBToA: both / withB,
    lift,
    liftLow: lift / spread,
    liftHigh: lift * spread,
  };
}
