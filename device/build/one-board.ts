// A board has one Board: what its members do is done by functions of their own, and nobody holds, hands on or asks the object that has them all. In: the readable bundle, in which
// everything of type Board is called `board`. Out: the same without boards. It must never leave a call that hands on one argument more or fewer than is taken.

import type { AnyNode, Expression, Property, SpreadElement } from 'acorn';
import { parse } from 'acorn';
import type { Edit } from './edits.ts';
import { applied } from './edits.ts';
import { isFunction, namesIn, walk } from './tree.ts';

/** The one that main.ts gives to the firmware. */
const THE_BOARD = 'espruinoBoard';
const NAME = 'board';

function isBoard(node: AnyNode): boolean {
  if (node.type === 'Identifier') return node.name === NAME || node.name === THE_BOARD;
  return node.type === 'MemberExpression' && !node.computed && node.property.type === 'Identifier' && node.property.name === NAME;
}

/** What a member is called from here on. */
function functionOf(member: string): string {
  return `${NAME}$${member}`;
}

function keyOf(one: Property | SpreadElement): string {
  return one.type === 'Property' && one.key.type === 'Identifier' ? one.key.name : '';
}

/** Takes out items of a list, with the commas that part them from what stays. */
function without<T extends AnyNode>(items: readonly T[], goes: (item: T) => boolean): Edit[] {
  const edits: Edit[] = [];
  let kept = 0;
  items.forEach((item, place) => {
    const next = items[place + 1];
    if (!goes(item)) kept++;
    else if (next !== undefined) edits.push({ start: item.start, end: next.start, text: '' });
    else edits.push({ start: kept > 0 ? (items[place - 1] as T).end : item.start, end: item.end, text: '' });
  });
  return edits;
}

type Members = ReadonlyMap<string, Expression>;

function isUndefined(node: AnyNode): boolean {
  return node.type === 'UnaryExpression' && node.operator === 'void';
}

/** Whether a member is there, as far as that is known here: what a call answers is not. */
function isThere(value: Expression): boolean | undefined {
  if (isUndefined(value)) return false;
  return isFunction(value) || value.type === 'Identifier' ? true : undefined;
}

/** The members as constants. */
function membersApart(code: string, init: Expression): string {
  if (init.type !== 'ObjectExpression') throw new Error(`expected ${THE_BOARD} as an object`);
  const texts = init.properties.map((one) => {
    if (one.type !== 'Property') throw new Error(`expected ${THE_BOARD} without a spread`);
    return `${functionOf(keyOf(one))} = ${code.slice(one.value.start, one.value.end)}`;
  });
  return texts.join(', ');
}

/** A member compared with undefined: whether that holds. */
function comparison(node: AnyNode, members: Members): boolean | undefined {
  if (node.type !== 'BinaryExpression' || !isUndefined(node.right) || node.left.type !== 'MemberExpression') return undefined;
  const { object, property } = node.left;
  const value = isBoard(object) && property.type === 'Identifier' ? members.get(property.name) : undefined;
  const there = value === undefined ? undefined : isThere(value);
  return there === undefined ? undefined : there === (node.operator === '!==');
}

function editsAt(node: AnyNode, code: string, members: Members): Edit[] {
  if (node.type === 'VariableDeclarator' && node.init && node.id.type === 'Identifier') {
    if (node.id.name === THE_BOARD) return [{ start: node.start, end: node.end, text: membersApart(code, node.init) }];
    if (isBoard(node.init)) return [{ start: node.init.start, end: node.init.end, text: '0' }];
  }
  if (node.type === 'MemberExpression' && isBoard(node.object) && node.property.type === 'Identifier') {
    const { name } = node.property;
    if (!members.has(name)) throw new Error(`${THE_BOARD} has no member ${name}`);
    return [{ start: node.start, end: node.end, text: functionOf(name) }];
  }
  if (node.type === 'ObjectExpression') return without(node.properties, (one) => keyOf(one) === NAME);
  if (node.type === 'CallExpression') return without(node.arguments, isBoard);
  return isFunction(node) ? without(node.params, isBoard) : [];
}

/** Every function that takes a board is handed one at the same place. */
function checkCalls(program: AnyNode): void {
  const taken = new Map<string, readonly string[]>();
  walk(program, (node) => {
    if (node.type === 'FunctionDeclaration' && node.id !== null) taken.set(node.id.name, node.params.flatMap(namesIn));
  });
  walk(program, (node) => {
    if (node.type !== 'CallExpression' || node.callee.type !== 'Identifier') return;
    const { name } = node.callee;
    const places = taken.get(name)?.map((one) => one === NAME);
    const isWrong = node.arguments.some((one, place) => isBoard(one) !== (places?.[place] ?? false));
    if (isWrong || places?.slice(node.arguments.length).includes(true) === true) {
      throw new Error(`expected a call of ${name} to hand on a board where it takes one`);
    }
  });
}

export function withOneBoard(code: string): string {
  const program = parse(code, { ecmaVersion: 2022 });
  const members = new Map<string, Expression>();
  walk(program, (node) => {
    if (node.type !== 'VariableDeclarator' || node.id.type !== 'Identifier' || node.id.name !== THE_BOARD) return;
    if (node.init?.type !== 'ObjectExpression') return;
    for (const one of node.init.properties) if (one.type === 'Property') members.set(keyOf(one), one.value);
  });
  if (members.size === 0) throw new Error(`the firmware has no ${THE_BOARD} any more, which the build names`);
  checkCalls(program);
  const edits: Edit[] = [];
  walk(program, (node, ancestors) => {
    if (comparison(ancestors[ancestors.length - 1] ?? node, members) !== undefined) return;
    const holds = comparison(node, members);
    if (holds === undefined) edits.push(...editsAt(node, code, members));
    else edits.push({ start: node.start, end: node.end, text: `${holds}` });
  });
  return applied(code, edits);
}
