// Numbers that grow for as long as a board lives. In: a whole number. Out: the same, in a form that takes the same memory however large it becomes: the interpreter keeps a whole number
// up to 8191 in the variable of the field that holds it and takes one more from there on; a result of `Math.floor` has one of its own from the start, and what is added to it has, too.

export function wide(n: number): number {
  return Math.floor(n);
}
