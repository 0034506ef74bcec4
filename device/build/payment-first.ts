// What a payment runs through comes first, for the interpreter looks for a name from the first global on. In: a script whose functions are constants of one list, and the
// functions that a payment begins with. Out: the same script in that order, with marks at the calls of functions that make others: the minifier puts a function that is
// called once where it is called, and what such a one leaves behind would hold all the scopes around it.

import type { AnyNode, ArrowFunctionExpression, Node } from 'acorn';
import { parse } from 'acorn';
import { statementsOf } from './passing.ts';
import { isReference, makesFunctions, walk } from './tree.ts';

const KEEP_CALL = '/*@__NOINLINE__*/';

type Functions = ReadonlyMap<string, ArrowFunctionExpression>;

function functionsIn(code: string): Functions {
  const found = new Map<string, ArrowFunctionExpression>();
  walk(parse(code, { ecmaVersion: 2022 }), (node) => {
    if (node.type !== 'VariableDeclarator' || node.id.type !== 'Identifier') return;
    if (node.init?.type === 'ArrowFunctionExpression') found.set(node.id.name, node.init);
  });
  return found;
}

function reachedFrom(entries: readonly string[], functions: Functions): Set<string> {
  const reached = new Set<string>();
  const go = (name: string): void => {
    const arrow = functions.get(name);
    if (arrow === undefined || reached.has(name)) return;
    reached.add(name);
    walk(arrow.body, (inner, ancestors) => {
      if (inner.type === 'Identifier' && isReference(inner, ancestors[ancestors.length - 1])) go(inner.name);
    });
  };
  entries.forEach(go);
  return reached;
}

/** Functions run when all of them are made, so their order is free. */
function inOrder(code: string, first: ReadonlySet<string>): string {
  const statements = statementsOf(parse(code, { ecmaVersion: 2022 }));
  const textOf = ({ start, end }: Node): string => code.slice(start, end);
  const isFirst = (one: AnyNode): boolean =>
    one.type === 'VariableDeclaration' &&
    one.declarations.every(
      ({ id, init }) => id.type === 'Identifier' && first.has(id.name) && init?.type === 'ArrowFunctionExpression',
    );
  const start = statements[0]?.start ?? 0;
  const end = statements[statements.length - 1]?.end ?? 0;
  const sorted = [...statements.filter(isFirst), ...statements.filter((one) => !isFirst(one))];
  return code.slice(0, start) + sorted.map(textOf).join('\n') + code.slice(end);
}

function withMakersApart(code: string): string {
  const makers = new Set([...functionsIn(code)].filter(([, arrow]) => makesFunctions(arrow)).map(([name]) => name));
  const places: number[] = [];
  walk(parse(code, { ecmaVersion: 2022 }), (node) => {
    if (node.type === 'CallExpression' && node.callee.type === 'Identifier' && makers.has(node.callee.name))
      places.push(node.start);
  });
  return places.sort((a, b) => b - a).reduce((text, at) => text.slice(0, at) + KEEP_CALL + text.slice(at), code);
}

export function withPaymentFirst(code: string, paying: readonly string[]): string {
  const functions = functionsIn(code);
  const missing = paying.find((name) => !functions.has(name));
  if (missing !== undefined) {
    throw new Error(`the firmware has no function ${missing} any more, which the build names as one of a payment`);
  }
  return paying.length === 0 ? code : withMakersApart(inOrder(code, reachedFrom(paying, functions)));
}
