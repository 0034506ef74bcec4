// The figure of several measurements. In: numbers, at least one. Out: the middle one, or the mean of the two in the middle. One measurement that another program has disturbed does not move it.

export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  if (sorted.length === 0) throw new Error('expected at least one number');
  return ((sorted[Math.floor(middle)] as number) + (sorted[Math.ceil(middle) - 1] as number)) / 2;
}
