// Gate rules for what lives where: Espruino has one variable per `for`, not one per turn, and a `var` exists only once its statement ran. In: the
// tree. Out: findings by node.

import type { AnyNode } from 'acorn';
import { isFunction, isReference, namesIn, walk } from './tree.ts';

export interface Fault {
  readonly node: AnyNode;
  readonly sentence: string;
}

function headOf(node: AnyNode): AnyNode | null | undefined {
  if (node.type === 'ForStatement') return node.init;
  return node.type === 'ForInStatement' || node.type === 'ForOfStatement' ? node.left : undefined;
}

/** A function inside a loop that uses a variable of the loop's head: every turn's function would see the last turn's value. */
function loopClosures(node: AnyNode): Fault[] {
  const head = headOf(node);
  if (head?.type !== 'VariableDeclaration' || head.kind === 'var') return [];
  const names = new Set(head.declarations.flatMap((one) => namesIn(one.id)));
  const faults: Fault[] = [];
  walk(node, (inner, ancestors) => {
    if (inner.type !== 'Identifier' || !names.has(inner.name) || !isReference(inner, ancestors[ancestors.length - 1])) return;
    if (!ancestors.some(isFunction)) return;
    faults.push({
      node: inner,
      sentence: `a function that captures the loop variable ${inner.name}, which all turns share; copy it to a let in the body`,
    });
  });
  return faults;
}

const BLOCKS = [
  'BlockStatement',
  'IfStatement',
  'SwitchCase',
  'ForStatement',
  'ForInStatement',
  'ForOfStatement',
  'WhileStatement',
];

interface BlockVar {
  readonly name: string;
  readonly block: AnyNode;
  readonly home: AnyNode;
}

/** The `var` of a branch or a loop body, which may not exist when the branch was not taken. */
function blockVars(root: AnyNode): BlockVar[] {
  const found: BlockVar[] = [];
  walk(root, (node, ancestors) => {
    if (node.type !== 'VariableDeclaration' || node.kind !== 'var') return;
    const homeAt = ancestors.findLastIndex((one) => isFunction(one) || one.type === 'Program');
    const home = ancestors[homeAt] as AnyNode;
    const between = ancestors.slice(homeAt + 1).filter((one) => 'body' in home && one !== home.body);
    const block = between.find((one) => BLOCKS.includes(one.type) && headOf(one) !== node);
    if (block === undefined) return;
    for (const one of node.declarations) for (const name of namesIn(one.id)) found.push({ name, block, home });
  });
  return found;
}

/** Uses outside every block that makes the variable. */
function escapes(home: AnyNode, name: string, blocks: readonly AnyNode[]): Fault[] {
  const faults: Fault[] = [];
  walk(home, (node, ancestors) => {
    if (node.type !== 'Identifier' || node.name !== name || !isReference(node, ancestors[ancestors.length - 1])) return;
    if (ancestors.some((one) => blocks.includes(one))) return;
    faults.push({ node, sentence: `${name} outside the block whose \`var\` makes it; declare it before the block` });
  });
  return faults;
}

export function scopeFaults(root: AnyNode): Fault[] {
  const faults: Fault[] = [];
  walk(root, (node) => void faults.push(...loopClosures(node)));
  const variables = blockVars(root);
  const isSame = (one: BlockVar, other: BlockVar): boolean => one.home === other.home && one.name === other.name;
  for (const variable of variables.filter((one, at) => variables.findIndex((other) => isSame(one, other)) === at)) {
    const blocks = variables.filter((other) => isSame(variable, other)).map((one) => one.block);
    faults.push(...escapes(variable.home, variable.name, blocks));
  }
  return faults;
}
