// Micros as a decimal number, exactly, with two digits behind the point or more. In: an amount that is not below zero. Out: text.

const MICROS = 1_000_000n;

export function decimalOf(amountMicros: number | bigint): string {
  const amount = BigInt(amountMicros);
  const rest = String(amount % MICROS).padStart(6, '0');
  return `${amount / MICROS}.${rest.slice(0, 2)}${rest.slice(2).replace(/0+$/, '')}`;
}
