// What a payment runs through stands apart and comes first. Apart: the minifier puts a function that is called once where it is called, and the board then makes it anew at
// each call, which saves memory and costs time. First: the interpreter looks for a name from the first global on. In: a script whose functions are constants of one list,
// and the functions that a payment begins with. Out: the same script in that order, with marks at calls that the minifier may not open: also those of functions that
// make others, for what such a function leaves behind holds all the scopes around it.

import type { AnyNode, ArrowFunctionExpression, Program } from 'acorn';
import { parse } from 'acorn';
import { statementsOf } from './passing.ts';
import { calledOnTheSpot, isFunction, isReference, walk } from './tree.ts';

const MARK = '/*@__NOINLINE__*/';

export interface Payment {
  /** The functions that a payment begins with. */
  readonly entries: readonly string[];
  /** Those that it seldom comes to. */
  readonly rare: readonly string[];
}

function functionsIn(code: string): Map<string, ArrowFunctionExpression> {
  const found = new Map<string, ArrowFunctionExpression>();
  walk(parse(code, { ecmaVersion: 2022 }), (node) => {
    if (node.type !== 'VariableDeclarator' || node.id.type !== 'Identifier') return;
    if (node.init?.type === 'ArrowFunctionExpression') found.set(node.id.name, node.init);
  });
  return found;
}

function makesFunctions(arrow: ArrowFunctionExpression): boolean {
  let found = false;
  walk(arrow.body, (inner, ancestors) => {
    if (isFunction(inner) && !calledOnTheSpot(inner, ancestors[ancestors.length - 1])) found = true;
  });
  return found;
}

function reachedFrom({ entries, rare }: Payment, functions: ReadonlyMap<string, ArrowFunctionExpression>): Set<string> {
  const reached = new Set<string>();
  const go = (name: string): void => {
    const arrow = functions.get(name);
    if (arrow === undefined || reached.has(name) || rare.includes(name)) return;
    reached.add(name);
    walk(arrow.body, (inner, ancestors) => {
      if (inner.type === 'Identifier' && isReference(inner, ancestors[ancestors.length - 1])) go(inner.name);
    });
  };
  const missing = [...entries, ...rare].find((name) => !functions.has(name));
  if (missing !== undefined)
    throw new Error(`the firmware has no function ${missing} any more, which the build names as one of a payment`);
  entries.forEach(go);
  return reached;
}

function marked(code: string, apart: ReadonlySet<string>): string {
  const places: number[] = [];
  walk(parse(code, { ecmaVersion: 2022 }), (node) => {
    if (node.type === 'CallExpression' && node.callee.type === 'Identifier' && apart.has(node.callee.name))
      places.push(node.start);
  });
  return places.sort((a, b) => b - a).reduce((text, at) => text.slice(0, at) + MARK + text.slice(at), code);
}

/** Functions only run when all are made, so their order is free. */
function inOrder(code: string, first: ReadonlySet<string>): string {
  const statements = statementsOf(parse(code, { ecmaVersion: 2022 }) as Program);
  const textOf = (one: { start: number; end: number }): string => code.slice(one.start, one.end);
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

export function withPaymentApart(code: string, paying: Payment | undefined): string {
  if (paying === undefined) return code;
  const functions = functionsIn(code);
  const hot = reachedFrom(paying, functions);
  const making = [...functions].filter(([, arrow]) => makesFunctions(arrow)).map(([name]) => name);
  return marked(inOrder(code, hot), new Set([...hot, ...making]));
}
