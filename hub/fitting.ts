// Which lines go into a batch: those of which no side is held back, and with which no payout would be more than its rail moves at once. In: lines one by one, in their order; they may be a million. Out: yes
// or no for each, and what each side comes to. The same lines in the same order get the same answers, so a second pass chooses what the first has counted.

import type { BatchLine } from './batch.ts';
import { sumMicros } from './ledger.ts';
import type { Way, Ways } from './payout-way.ts';
import { wholeUnits } from './payout-way.ts';
import type { RailName } from './rails/rail.ts';
import type { Side } from './side.ts';
import { sideKeyOf, sidesOf } from './side.ts';
import { decimalText } from './tariff/decimal.ts';

/** Not yet: an account's lines stay out of the batch. */
export interface Held extends Side {
  readonly rail: RailName;
  readonly dueMicros: number;
  /** What is missing. */
  readonly why: string;
}

export interface Gross {
  readonly side: Side;
  micros: number;
}

export interface Fitting {
  /** To be asked for every line, once and in order. */
  readonly takes: (line: BatchLine) => boolean;
  /** How many it has taken. */
  count(): number;
  /** What the lines that it has taken sum to, for each side with a rail. */
  readonly gross: ReadonlyMap<string, Gross>;
  /** Sides that have more lines than one payout may move: they are paid, and the rest waits. */
  left(): readonly Held[];
}

export function openFitting(ways: Ways, held: ReadonlyMap<string, Held>): Fitting {
  const gross = new Map<string, Gross>();
  const left = new Map<string, Held>();
  let count = 0;
  const isFull = (way: Way, micros: number): boolean => {
    const totalMicros = (gross.get(sideKeyOf(way))?.micros ?? 0) + way.carriedMicros + micros;
    return way.rail !== undefined && wholeUnits(totalMicros, way.unitMicros) > way.mostMicros;
  };
  return {
    gross,
    count: () => count,
    left: () => [...left.values()],
    takes(line) {
      const micros = line.toMicros - line.fromMicros;
      const routed = sidesOf(line).flatMap((side) => ways(side) ?? []);
      if (routed.some((way) => held.has(sideKeyOf(way)))) return false;
      const full = routed.find((way) => isFull(way, micros));
      if (full !== undefined) {
        leave(left, full, micros);
        return false;
      }
      for (const way of routed) add(gross, way, micros);
      count++;
      return true;
    },
  };
}

function add(gross: Map<string, Gross>, way: Way, micros: number): void {
  const { account, direction, currency } = way;
  const sum = gross.get(sideKeyOf(way));
  if (sum === undefined) gross.set(sideKeyOf(way), { side: { account, direction, currency }, micros });
  else sum.micros = sumMicros([sum.micros, micros]);
}

function leave(left: Map<string, Held>, full: Way, micros: number): void {
  const { account, direction, currency, name, mostMicros } = full;
  const dueMicros = sumMicros([left.get(sideKeyOf(full))?.dueMicros ?? 0, micros]);
  const why = `rail ${name} moves at most ${decimalText(mostMicros)} ${currency} at once: the rest waits for the next batch`;
  left.set(sideKeyOf(full), { account, direction, currency, rail: name, dueMicros, why });
}
