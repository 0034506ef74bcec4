// The items of an invoice: what a payer has used, by device and payee, in words that he can read, and in whole amounts of the currency. In: a payout and its parts. Out: items whose amounts sum to
// the payout's amount, exactly. Each amount is what the parts up to it sum to, rounded down, less what stands above it: so none is off by more than one, and nothing is lost between them.

import { decimalText } from '../tariff/decimal.ts';
import { minorOf, stripeUnitOf } from './minor-units.ts';
import type { Payout, PayoutPart } from './rail.ts';

export interface InvoiceItem {
  readonly description: string;
  /** In the smallest amounts of the currency. */
  readonly minor: number;
}

/** Stripe takes 250 on one invoice. */
const MAX_ITEMS = 200;

export function itemsOf(payout: Payout, parts: readonly PayoutPart[]): InvoiceItem[] {
  const { amountMicros, currency, batch } = payout;
  const shown = parts.length > MAX_ITEMS ? parts.slice(0, MAX_ITEMS - 1) : parts;
  const rows = shown.map((part) => ({ description: wordsOf(part, currency), micros: part.amountMicros }));
  const rest = parts.slice(shown.length);
  if (rest.length > 0)
    rows.push({ description: `${rest.length} more devices`, micros: rest.reduce((sum, part) => sum + part.amountMicros, 0) });
  if (rows.length === 0) rows.push({ description: `usage, settled in batch ${batch}`, micros: amountMicros });
  return inWholeAmounts(rows, payout);
}

function wordsOf({ device, payee, unit, units, amountMicros }: PayoutPart, currency: string): string {
  return `${device}: ${units} ${unit} of ${payee} for ${decimalText(amountMicros)} ${currency}`;
}

/** What the parts come short of the amount was left of earlier ones and stands first; what they exceed it by is left for later ones. */
function inWholeAmounts(
  rows: ReadonlyArray<{ description: string; micros: number }>,
  { amountMicros, currency }: Payout,
): InvoiceItem[] {
  const unit = stripeUnitOf(currency);
  const sum = rows.reduce((total, { micros }) => total + micros, 0);
  let micros = Math.max(0, amountMicros - sum);
  let given = 0;
  return rows.map((row, at) => {
    micros += row.micros;
    const whole = at === rows.length - 1 ? amountMicros : Math.min(amountMicros, micros - (micros % unit.unitMicros));
    const item = { description: row.description, minor: minorOf(whole - given, unit) };
    given = whole;
    return item;
  });
}
