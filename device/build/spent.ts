// What only the start needs is forgotten when it is over: on the board a function that can be reached takes four variables and more for ever. In: a script whose
// names are global, the last statement of which starts everything. Out: the same with one statement more, which deletes the functions that nothing left behind can call.
// It must never delete what a function that outlives the start names: whatever is not surely spent stays.

import type { AnyNode, Program } from 'acorn';
import { parse } from 'acorn';
import type { FunctionNode } from './tree.ts';
import { calledOnTheSpot, childrenOf, declaredBy, isFunction, isReference, namesIn, walk } from './tree.ts';

/** `var` declares for the whole function, wherever it stands. */
function variablesOf(node: AnyNode): string[] {
  const own = node.type === 'VariableDeclaration' && node.kind === 'var' ? declaredBy(node) : [];
  return [...own, ...childrenOf(node).flatMap((child) => (isFunction(child) ? [] : variablesOf(child)))];
}

/** The names that a node declares for what stands in it. */
function ownNames(node: AnyNode): string[] {
  if (isFunction(node)) return [...node.params.flatMap(namesIn), ...variablesOf(node.body)];
  if (node.type === 'BlockStatement') return node.body.flatMap(declaredBy);
  if (node.type === 'ForStatement') return node.init ? declaredBy(node.init) : [];
  if (node.type === 'ForOfStatement') return declaredBy(node.left);
  return node.type === 'CatchClause' && node.param ? namesIn(node.param) : [];
}

/** The names that a statement calls while it runs, and those that it only names, or that stand in functions it makes. */
interface Names {
  readonly called: Set<string>;
  readonly kept: Set<string>;
}

function globalsIn(root: AnyNode): Names {
  const names: Names = { called: new Set(), kept: new Set() };
  walk(root, (node, ancestors) => {
    const parent = ancestors[ancestors.length - 1];
    if (node.type !== 'Identifier' || !isReference(node, parent)) return;
    if (ancestors.some((one) => ownNames(one).includes(node.name))) return;
    const isMade = ancestors.some((one, at) => isFunction(one) && one !== root && !calledOnTheSpot(one, ancestors[at - 1]));
    const isCalled = parent?.type === 'CallExpression' && parent.callee === node;
    (isCalled && !isMade ? names.called : names.kept).add(node.name);
  });
  return names;
}

function functionsOf(program: Program): Map<string, FunctionNode> {
  const found = new Map<string, FunctionNode>();
  for (const statement of program.body) {
    if (statement.type !== 'VariableDeclaration') continue;
    for (const { id, init } of statement.declarations) {
      if (id.type === 'Identifier' && init && isFunction(init)) found.set(id.name, init);
    }
  }
  return found;
}

/** The functions that run at the start and can never run again. */
function spentIn(program: Program): string[] {
  const functions = functionsOf(program);
  const starting = new Set<string>();
  const lasting = new Set<string>();
  const last = (name: string): void => {
    const node = functions.get(name);
    if (node === undefined || lasting.has(name)) return;
    lasting.add(name);
    const { called, kept } = globalsIn(node);
    for (const one of [...called, ...kept]) last(one);
  };
  const start = ({ called, kept }: Names): void => {
    for (const name of kept) last(name);
    for (const name of called) {
      const node = functions.get(name);
      if (node === undefined || starting.has(name)) continue;
      starting.add(name);
      start(globalsIn(node));
    }
  };
  for (const statement of program.body) {
    if (statement.type !== 'VariableDeclaration') start(globalsIn(statement));
    // The making of a function runs nothing.
    else for (const { init } of statement.declarations) if (init && !isFunction(init)) start(globalsIn(init));
  }
  return [...starting].filter((name) => !lasting.has(name));
}

export function withoutSpent(code: string): string {
  const spent = spentIn(parse(code, { ecmaVersion: 2022 }));
  return `${code.replace(/;?\s*$/, ';')}"${spent.join()}".split(",").forEach(n=>{delete global[n]});`;
}
