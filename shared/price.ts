// Prices: what both layouts of a tariff say alike. In: numbers and texts that a decoder has read. Out: their bounds, and the exact sum of what units cost at prices of
// so many units each. It must never multiply past 2^53, nor round: that is done once, by who asks for the amount.

import { MAX_AMOUNT_MICROS } from './units.ts';

export const MAX_PRICE_MICROS = 1000000000;
export const MAX_PER_UNITS = 1000000;

/** ISO 4217's form; which codes there are is the operator's door to know. */
export function isCurrency(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 65 || code > 90) return false;
  }
  return text.length === 3;
}

/** `whole + rest / per` micros, with `rest` below `per`; above MAX_AMOUNT_MICROS it only says that it is above. */
export interface Sum {
  readonly per: number;
  whole: number;
  rest: number;
}

export function sumPer(per: number): Sum {
  return { per: per, whole: 0, rest: 0 };
}

/** Adds what `units` cost at `priceMicros` per `sum.per`: whole price steps and the rest are multiplied apart. */
export function addPriced(sum: Sum, units: number, priceMicros: number): void {
  const steps = Math.floor(units / sum.per);
  // Of two amounts beyond the bound the sum is no longer exact, and need not be.
  if (priceMicros > 0 && steps > MAX_AMOUNT_MICROS / priceMicros) sum.whole = MAX_AMOUNT_MICROS + 1;
  if (sum.whole > MAX_AMOUNT_MICROS) return;
  const part = (units - steps * sum.per) * priceMicros + sum.rest;
  const carried = Math.floor(part / sum.per);
  sum.whole += steps * priceMicros + carried;
  sum.rest = part - carried * sum.per;
}
