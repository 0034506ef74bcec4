// Calls that the minifier leaves alone: it puts a function that is called once where it is called. One that makes others would leave all the scopes around it held, and one
// that is made on demand would be in memory with what calls it. In: a script whose functions are constants, and the names of those on demand. Out: the same with marks.

import { parse } from 'acorn';
import { applied } from './edits.ts';
import { globalFunctions, makesFunctions, statementsOf, walk } from './tree.ts';

export const KEEP_CALL = '/*@__NOINLINE__*/';

export function withKeptCalls(code: string, onDemand: readonly string[]): string {
  const program = parse(code, { ecmaVersion: 2022 });
  const functions = globalFunctions(statementsOf(program));
  const makers = [...functions].filter(([, one]) => makesFunctions(one)).map(([name]) => name);
  const kept = new Set([...makers, ...onDemand]);
  const places: number[] = [];
  walk(program, (node) => {
    if (node.type === 'CallExpression' && node.callee.type === 'Identifier' && kept.has(node.callee.name))
      places.push(node.start);
  });
  return applied(
    code,
    places.map((at) => ({ start: at, end: at, text: KEEP_CALL })),
  );
}
