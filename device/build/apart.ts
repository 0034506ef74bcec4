// Calls that the minifier may not open: it puts a function that is called once where it is called, and the board then makes it anew at each call. That saves memory, and
// costs time; and what such a function leaves behind holds all the scopes around it. In: a script whose functions are constants of one list, and the functions that a payment
// runs through. Out: the same with marks at the calls of these, of what they call, and of functions that make others.

import type { ArrowFunctionExpression } from 'acorn';
import { parse } from 'acorn';
import { calledOnTheSpot, isFunction, isReference, walk } from './tree.ts';

const MARK = '/*@__NOINLINE__*/';

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

function reachedFrom(entries: readonly string[], functions: ReadonlyMap<string, ArrowFunctionExpression>): Set<string> {
  const reached = new Set<string>();
  const go = (name: string): void => {
    const arrow = functions.get(name);
    if (arrow === undefined || reached.has(name)) return;
    reached.add(name);
    walk(arrow.body, (inner, ancestors) => {
      if (inner.type === 'Identifier' && isReference(inner, ancestors[ancestors.length - 1])) go(inner.name);
    });
  };
  for (const entry of entries) {
    if (!functions.has(entry)) throw new Error(`the firmware has no function ${entry} any more, which the build names as one of a payment`);
    go(entry);
  }
  return reached;
}

/** `paying`: the functions that a payment begins with. */
export function withCallsApart(code: string, paying: readonly string[]): string {
  const functions = functionsIn(code);
  const apart = reachedFrom(paying, functions);
  for (const [name, arrow] of functions) if (makesFunctions(arrow)) apart.add(name);
  const places: number[] = [];
  walk(parse(code, { ecmaVersion: 2022 }), (node) => {
    if (node.type === 'CallExpression' && node.callee.type === 'Identifier' && apart.has(node.callee.name)) places.push(node.start);
  });
  return places.sort((a, b) => b - a).reduce((text, at) => text.slice(0, at) + MARK + text.slice(at), code);
}
