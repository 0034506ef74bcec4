// Currencies in the smallest amounts that providers take. In: a currency. Out: how many decimals its amounts have, and micros as such amounts, exactly. It never rounds: what is
// not a multiple of the unit is a fault of the caller.

const MICROS_DECIMALS = 6;

/** Without decimals, as Stripe lists them: https://docs.stripe.com/currencies (2026-11). */
const ZERO_DECIMALS = ['BIF', 'CLP', 'DJF', 'GNF', 'JPY', 'KMF', 'KRW', 'MGA', 'PYG', 'RWF', 'VND', 'VUV', 'XAF', 'XOF', 'XPF'];
/** With three, of which the last must be 0. */
const THREE_DECIMALS = ['BHD', 'JOD', 'KWD', 'OMR', 'TND'];
/** Written with two decimals, which must be 00. */
const WHOLE_ONLY = ['ISK', 'UGX'];
/** PayPal takes these without decimals: https://developer.paypal.com/api/rest/reference/currency-codes (2026-11). */
const PAYPAL_WHOLE = ['HUF', 'JPY', 'TWD'];
export const PAYPAL_CURRENCIES =
  'AUD BRL CAD CNY CZK DKK EUR HKD HUF ILS JPY MYR MXN TWD NZD NOK PHP PLN GBP SGD SEK CHF THB USD'.split(' ');

export interface MinorUnit {
  readonly decimals: number;
  /** What amounts must be a multiple of. */
  readonly unitMicros: number;
}

export function stripeUnitOf(currency: string): MinorUnit {
  if (ZERO_DECIMALS.includes(currency)) return { decimals: 0, unitMicros: 1_000_000 };
  if (THREE_DECIMALS.includes(currency)) return { decimals: 3, unitMicros: 10_000 };
  return { decimals: 2, unitMicros: WHOLE_ONLY.includes(currency) ? 1_000_000 : 10_000 };
}

export function paypalUnitOf(currency: string): MinorUnit {
  return PAYPAL_WHOLE.includes(currency) ? { decimals: 0, unitMicros: 1_000_000 } : { decimals: 2, unitMicros: 10_000 };
}

/** As a count of the smallest amount. */
export function minorOf(amountMicros: number, { decimals }: MinorUnit): number {
  const perMinor = 10 ** (MICROS_DECIMALS - decimals);
  if (amountMicros % perMinor !== 0) throw new Error(`expected a multiple of ${perMinor} micros, got ${amountMicros}`);
  return amountMicros / perMinor;
}

/** As a decimal number. */
export function decimalTextOf(amountMicros: number, unit: MinorUnit): string {
  const digits = String(minorOf(amountMicros, unit)).padStart(unit.decimals + 1, '0');
  return unit.decimals === 0 ? digits : `${digits.slice(0, -unit.decimals)}.${digits.slice(-unit.decimals)}`;
}

/** A decimal number as micros; `undefined` for what is none, or is finer than a micro. */
export function microsOfText(text: string): number | undefined {
  const match = /^(\d{1,9})(?:\.(\d{1,6}))?$/.exec(text);
  return match === null ? undefined : Number(match[1]) * 1_000_000 + Number((match[2] ?? '').padEnd(MICROS_DECIMALS, '0'));
}
