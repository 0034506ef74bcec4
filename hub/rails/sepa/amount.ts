// Euros and cents between the books and a bank's messages. In: micros, or the text of an amount. Out: the other, exactly; a text that is no amount gives
// `undefined`. It must never pass through a float.

export const CENT_MICROS = 10_000;
/** The scheme's limit: 999,999,999.99. */
export const MAX_MICROS = 999_999_999_990_000;

export function eurosOf(amountMicros: number): string {
  const cents = amountMicros / CENT_MICROS;
  if (!Number.isSafeInteger(cents) || cents < 0) throw new Error(`expected whole cents, got ${amountMicros} micros`);
  return `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`;
}

/** As the schema allows it: up to five decimals, of which all beyond cents must be zero. */
export function microsOf(text: string): number | undefined {
  const match = /^\+?(\d{1,12})(?:\.(\d{0,2})0*)?$/.exec(text.trim());
  if (match === null) return undefined;
  return Number(match[1]) * 1_000_000 + Number((match[2] ?? '').padEnd(2, '0')) * CENT_MICROS;
}
