// Gate rule for order: Espruino hoists nothing, so a function or a variable exists only after its statement has run. In: the tree. Out: every
// use of a name, in code that runs at once or is called meanwhile, before the statement that makes it.

import type { AnyNode } from 'acorn';
import type { Fault } from './gate-scope.ts';
import type { FunctionNode } from './tree.ts';
import { calledOnTheSpot, declaredBy, isFunction, isReference, walk } from './tree.ts';

interface Use {
  readonly node: AnyNode;
  readonly name: string;
  readonly called: boolean;
}

/** Names that a function declares for itself hide those outside. */
function ownNames(node: FunctionNode): Set<string> {
  const names = new Set(node.params.flatMap((one) => (one.type === 'Identifier' ? [one.name] : [])));
  walk(node.body, (inner) => {
    for (const name of declaredBy(inner)) names.add(name);
  });
  return names;
}

/** `own` of every function, worked out once: minified code calls many functions on the spot. */
const OWN = new WeakMap<FunctionNode, Set<string>>();

/** A function called on the spot, an inner block or a loop may have a name of its own that is the same. */
function hides(node: AnyNode, name: string): boolean {
  if (isFunction(node)) {
    const own = OWN.get(node) ?? ownNames(node);
    OWN.set(node, own);
    return own.has(name);
  }
  if (node.type === 'BlockStatement') return node.body.some((inner) => declaredBy(inner).includes(name));
  if (node.type === 'ForStatement') return node.init?.type === 'VariableDeclaration' && declaredBy(node.init).includes(name);
  if (node.type === 'ForOfStatement') return node.left.type === 'VariableDeclaration' && declaredBy(node.left).includes(name);
  return node.type === 'CatchClause' && node.param?.type === 'Identifier' && node.param.name === name;
}

/** Names used by code that runs when `root` runs: not what stands in functions that are only made there. */
function usesIn(root: AnyNode): Use[] {
  const uses: Use[] = [];
  const visit = (node: AnyNode, ancestors: readonly AnyNode[]): void => {
    const parent = ancestors[ancestors.length - 1];
    if (node.type !== 'Identifier' || !isReference(node, parent)) return;
    const made = ancestors.some((one, at) => isFunction(one) && one !== root && !calledOnTheSpot(one, ancestors[at - 1]));
    if (made || ancestors.some((one) => (one !== root || !isFunction(one)) && hides(one, node.name))) return;
    uses.push({ node, name: node.name, called: parent?.type === 'CallExpression' && parent.callee === node });
  };
  walk(root, visit);
  return uses;
}

/** One list of statements: which statement makes which name, and which functions it holds. */
interface Scope {
  readonly statements: readonly AnyNode[];
  readonly madeAt: ReadonlyMap<string, number>;
  readonly functions: ReadonlyMap<string, FunctionNode>;
}

function scopeOf(statements: readonly AnyNode[]): Scope {
  const madeAt = new Map<string, number>();
  const functions = new Map<string, FunctionNode>();
  statements.forEach((statement, at) => {
    for (const name of declaredBy(statement)) {
      madeAt.set(name, at);
      if (statement.type === 'FunctionDeclaration') functions.set(name, statement);
    }
    if (statement.type !== 'VariableDeclaration') return;
    for (const { id, init } of statement.declarations) {
      if (id.type === 'Identifier' && init && isFunction(init)) functions.set(id.name, init);
    }
  });
  return { statements, madeAt, functions };
}

/** The uses that running a statement leads to, through the functions of the same list that it calls. */
function reachedFrom(scope: Scope, statement: AnyNode): Use[] {
  const reached: Use[] = [];
  const entered = new Set<FunctionNode>();
  const follow = (root: AnyNode, hidden: ReadonlySet<string>): void => {
    for (const use of usesIn(root)) {
      if (hidden.has(use.name)) continue;
      reached.push(use);
      const callee = use.called ? scope.functions.get(use.name) : undefined;
      if (callee === undefined || entered.has(callee)) continue;
      entered.add(callee);
      follow(callee, ownNames(callee));
    }
  };
  if (!isFunction(statement)) follow(statement, new Set());
  return reached;
}

function scopeFaults(scope: Scope): Fault[] {
  const faults: Fault[] = [];
  scope.statements.forEach((statement, at) => {
    for (const use of reachedFrom(scope, statement)) {
      const madeAt = scope.madeAt.get(use.name);
      if (madeAt === undefined || madeAt <= at) continue;
      faults.push({ node: use.node, sentence: `${use.name} before the statement that makes it has run; declare it earlier` });
    }
  });
  return faults;
}

export function orderFaults(root: AnyNode): Fault[] {
  const faults: Fault[] = [];
  walk(root, (node) => {
    if (node.type === 'Program' || node.type === 'BlockStatement') faults.push(...scopeFaults(scopeOf(node.body)));
  });
  return faults;
}
