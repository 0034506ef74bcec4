// Makes the bundle small, in bytes and in variables: a function costs the interpreter five variables for as long as it can be reached. In: the readable
// bundle, which the gate has passed. Out: the same program, minified. It must never move a use above its declaration: nothing is hoisted there,
// and the gate looks at the result again.

import type { Program } from 'acorn';
import { parse } from 'acorn';
import { minify } from 'terser';
import type { Group } from './passing.ts';
import { withPassing } from './passing.ts';
import { withPaymentFirst } from './payment-first.ts';
import { withoutSpent } from './spent.ts';
import type { FunctionNode } from './tree.ts';
import { isFunction, isReference, walk } from './tree.ts';

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

function applied(code: string, edits: readonly Edit[]): string {
  let out = '';
  let at = 0;
  for (const edit of [...edits].sort((a, b) => a.start - b.start)) {
    out += code.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return out + code.slice(at);
}

function usesThis(node: FunctionNode): boolean {
  let found = false;
  walk(node.body, (inner) => {
    if (inner.type === 'ThisExpression' || (inner.type === 'Identifier' && inner.name === 'arguments')) found = true;
  });
  return found;
}

/** `function f(a) {...}` as `const f = (a) => {...};`: shorter, and the same where nothing is hoisted and nobody says `this`. */
function withArrows(code: string): string {
  const program: Program = parse(code, { ecmaVersion: 2022 });
  const edits: Edit[] = [];
  walk(program, (node) => {
    if (!isFunction(node) || node.type === 'ArrowFunctionExpression' || usesThis(node)) return;
    const params = node.params.map((one) => code.slice(one.start, one.end)).join(',');
    const declared = node.type === 'FunctionDeclaration';
    if (!declared && node.id !== null && node.id !== undefined) return;
    const head = declared ? `const ${node.id?.name ?? ''}=(${params})=>` : `((${params})=>`;
    edits.push({ start: node.start, end: node.body.start, text: head });
    edits.push({ start: node.end, end: node.end, text: declared ? ';' : ')' });
  });
  return applied(code, edits);
}

/** A list of constants takes two variables and more an item for as long as it is held: it is made anew for each look instead. */
function withPassingLists(code: string): string {
  const program = parse(code, { ecmaVersion: 2022 });
  const lists = new Set<string>();
  const edits: Edit[] = [];
  walk(program, (node, ancestors) => {
    if (node.type !== 'VariableDeclarator' || ancestors.filter(isFunction).length > 1) return;
    const { id, init } = node;
    const isList =
      init?.type === 'ArrayExpression' && init.elements.length > 3 && init.elements.every((one) => one?.type === 'Literal');
    const isRecord =
      init?.type === 'ObjectExpression' &&
      init.properties.every((one) => one.type === 'Property' && one.value.type === 'Literal');
    if (id.type !== 'Identifier' || !init || !(isList || (isRecord && init.properties.length > 2))) return;
    lists.add(id.name);
    edits.push({ start: init.start, end: init.end, text: `()=>{return ${code.slice(init.start, init.end)};}` });
  });
  walk(program, (node, ancestors) => {
    if (node.type !== 'Identifier' || !lists.has(node.name) || !isReference(node, ancestors[ancestors.length - 1])) return;
    edits.push({ start: node.end, end: node.end, text: '()' });
  });
  return applied(code, edits);
}

/** The minifier declares its own helper variables below their first use, which only a hoisting interpreter forgives: they move up. */
function withEarlyVariables(code: string): string {
  const edits: Edit[] = [];
  walk(parse(code, { ecmaVersion: 2022 }), (node, ancestors) => {
    if (node.type !== 'VariableDeclaration' || node.kind !== 'var' || node.declarations.some((one) => one.init)) return;
    const owner = [...ancestors].reverse().find(isFunction);
    if (owner === undefined || owner.body.type !== 'BlockStatement') return;
    const names = node.declarations.map((one) => code.slice(one.start, one.end)).join(',');
    edits.push({ start: owner.body.start + 1, end: owner.body.start + 1, text: `let ${names};` });
    edits.push({ start: node.start, end: node.end, text: '' });
  });
  return applied(code, edits);
}

/** Pins have such names at a board's console. */
const PINS = Array.from({ length: 40 }, (_, pin) => [`D${pin}`, `A${pin}`]).flat();

/** The bundle's one function called on the spot, without it: what it declared becomes global, and no function there has a scope to hold. */
function opened(code: string): string {
  const body = /^\(\(\)=>\{([^]*)\}\)\(\);?\s*$/.exec(code)?.[1];
  if (body === undefined) throw new Error('expected the bundle as one function called on the spot');
  return body;
}

export interface Shrinking {
  readonly passing: readonly Group[];
  /** The functions that a payment begins with. */
  readonly paying: readonly string[];
  /** Its names become the board's globals, which saves a variable in each function; for what has a board to itself. */
  readonly global: boolean;
}

export async function shrunk(readable: string, { passing, paying, global }: Shrinking): Promise<string> {
  const result = await minify(withPaymentFirst(withPassing(withPassingLists(withArrows(readable)), passing), paying), {
    ecma: 2015,
    compress: {
      ecma: 2015,
      passes: 5,
      toplevel: true,
      unsafe_arrows: true,
      unsafe_comps: true,
      pure_getters: true,
      keep_fargs: false,
      hoist_funs: false,
      sequences: 200,
    },
    mangle: { toplevel: true, reserved: PINS },
    format: { ecma: 5, ascii_only: true, semicolons: true },
  });
  if (result.code === undefined) throw new Error('the minifier gave nothing');
  const code = withEarlyVariables(result.code);
  return global ? withoutSpent(opened(code)) : code;
}
