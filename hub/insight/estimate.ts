// A difference of means with its uncertainty, in plain terms. In: measurements before and after. Out: the difference and where it lies with 95 % certainty. It must never sound surer than
// the data: where they are too few, there are no bounds.

export interface Estimate {
  readonly value: number;
  readonly low: number | null;
  readonly high: number | null;
}

/** Of Student's t, two-sided 95 %, for 1 to 30 degrees of freedom; beyond them the error of the formula is below 0.3 %. */
const T_95 = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11, 2.101,
  2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
];

export function tOf(degrees: number): number {
  return T_95[degrees - 1] ?? 1.96 + 2.4 / degrees;
}

/**
 * Each device is its own control: with two or more, their differences are what varies. With one, its days are: Welch's interval, with the degrees of freedom
 * of the shorter side, which errs to the careful side.
 */
export function differenceOf(
  before: readonly number[],
  after: readonly number[],
  days: { readonly before: readonly number[]; readonly after: readonly number[] },
): Estimate {
  const differences = after.map((n, i) => n - (before[i] as number));
  const value = meanOf(differences);
  if (differences.length > 1) {
    const error = Math.sqrt(varianceOf(differences) / differences.length);
    return within(value, error, differences.length - 1);
  }
  const fewest = Math.min(days.before.length, days.after.length);
  if (fewest < 2) return { value, low: null, high: null };
  const error = Math.sqrt(varianceOf(days.before) / days.before.length + varianceOf(days.after) / days.after.length);
  return within(value, error, fewest - 1);
}

function within(value: number, error: number, degrees: number): Estimate {
  const reach = tOf(degrees) * error;
  return { value, low: value - reach, high: value + reach };
}

function meanOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, n) => sum + n, 0) / numbers.length;
}

function varianceOf(numbers: readonly number[]): number {
  const mean = meanOf(numbers);
  return numbers.reduce((sum, n) => sum + (n - mean) ** 2, 0) / (numbers.length - 1);
}
