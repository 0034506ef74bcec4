// Walking a syntax tree: children, ancestors, functions and the names that statements declare. In: acorn's nodes. Out: visits, and sets of names.

import type { AnyNode, BlockStatement, Pattern, Program, Statement } from 'acorn';

export function childrenOf(node: AnyNode): AnyNode[] {
  const children: AnyNode[] = [];
  for (const value of Object.values(node) as unknown[]) {
    for (const item of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (typeof item === 'object' && item !== null && 'type' in item) children.push(item as AnyNode);
    }
  }
  return children;
}

/** Every node, outside in; `ancestors` ends with the node's parent. */
export function walk(
  node: AnyNode,
  visit: (node: AnyNode, ancestors: readonly AnyNode[]) => void,
  ancestors: AnyNode[] = [],
): void {
  visit(node, ancestors);
  ancestors.push(node);
  for (const child of childrenOf(node)) walk(child, visit, ancestors);
  ancestors.pop();
}

export type FunctionNode = Extract<AnyNode, { type: 'FunctionDeclaration' | 'FunctionExpression' | 'ArrowFunctionExpression' }>;

export function isFunction(node: AnyNode): node is FunctionNode {
  return node.type === 'FunctionDeclaration' || node.type === 'FunctionExpression' || node.type === 'ArrowFunctionExpression';
}

function isPropertyName(node: AnyNode, parent: AnyNode | undefined): boolean {
  if (parent?.type === 'MemberExpression') return parent.property === node && !parent.computed;
  return parent?.type === 'Property' && parent.key === node && parent.value !== node;
}

function isBinding(node: AnyNode, parent: AnyNode | undefined): boolean {
  if (parent === undefined) return false;
  if (parent.type === 'VariableDeclarator') return parent.id === node;
  if (parent.type === 'CatchClause') return parent.param === node;
  return isFunction(parent) && (parent.id === node || parent.params.some((one) => one === node));
}

/** True for an identifier that names a variable, where it is made or where it is used. */
export function isVariable(node: AnyNode, parent: AnyNode | undefined): boolean {
  return node.type === 'Identifier' && !isPropertyName(node, parent);
}

/** True for an identifier that uses a variable. */
export function isReference(node: AnyNode, parent: AnyNode | undefined): boolean {
  return isVariable(node, parent) && !isBinding(node, parent);
}

/** The names that a pattern binds; only plain identifiers are allowed on the board. */
export function namesIn(pattern: Pattern): string[] {
  return pattern.type === 'Identifier' ? [pattern.name] : [];
}

/** The names that one statement of a list declares for its neighbours. */
export function declaredBy(statement: AnyNode): string[] {
  if (statement.type === 'FunctionDeclaration') return statement.id === null ? [] : [statement.id.name];
  if (statement.type === 'VariableDeclaration') return statement.declarations.flatMap((one) => namesIn(one.id));
  return [];
}

/** A call whose callee is written on the spot: `(function(){...})()`. */
export function calledOnTheSpot(node: FunctionNode, parent: AnyNode | undefined): boolean {
  return parent?.type === 'CallExpression' && parent.callee === node;
}

/** Whether a call of it makes functions that may outlive the call. */
export function makesFunctions(node: FunctionNode): boolean {
  let found = false;
  walk(node.body, (inner, ancestors) => {
    if (isFunction(inner) && !calledOnTheSpot(inner, ancestors[ancestors.length - 1])) found = true;
  });
  return found;
}

/** `var` declares for the whole function, wherever it stands. */
function variablesOf(node: AnyNode): string[] {
  const own = node.type === 'VariableDeclaration' && node.kind === 'var' ? declaredBy(node) : [];
  return [...own, ...childrenOf(node).flatMap((child) => (isFunction(child) ? [] : variablesOf(child)))];
}

/** The names that a node declares for what stands in it. */
export function namesOwnedBy(node: AnyNode): string[] {
  if (isFunction(node)) return [...node.params.flatMap(namesIn), ...variablesOf(node.body)];
  if (node.type === 'BlockStatement') return node.body.flatMap(declaredBy);
  if (node.type === 'ForStatement') return node.init ? declaredBy(node.init) : [];
  if (node.type === 'ForOfStatement') return declaredBy(node.left);
  return node.type === 'CatchClause' && node.param ? namesIn(node.param) : [];
}

/** The bundle's one function, which is called on the spot. */
export function calledFunction(program: Program): FunctionNode & { body: BlockStatement } {
  const first = program.body[0];
  const callee =
    first?.type === 'ExpressionStatement' && first.expression.type === 'CallExpression' ? first.expression.callee : undefined;
  if (callee === undefined || !isFunction(callee) || callee.body.type !== 'BlockStatement') {
    throw new Error('expected the bundle as one function called on the spot');
  }
  return callee as FunctionNode & { body: BlockStatement };
}

export function statementsOf(program: Program): readonly Statement[] {
  return calledFunction(program).body.body;
}

/** The functions that statements declare by name. */
export function globalFunctions(statements: readonly AnyNode[]): Map<string, FunctionNode> {
  const declarators = statements.flatMap((one) => (one.type === 'VariableDeclaration' ? one.declarations : []));
  return new Map(
    declarators.flatMap(({ id, init }) =>
      id.type === 'Identifier' && init && isFunction(init) ? [[id.name, init] as const] : [],
    ),
  );
}
