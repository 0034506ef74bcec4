// Makes the bundle small, in bytes and in variables: a function costs the interpreter five variables for as long as it can be reached. In: the readable
// bundle, which the gate has passed. Out: the same program, minified. It must never move a use above its declaration: nothing is hoisted there,
// and the gate looks at the result again.

import type { AnyNode, Program } from 'acorn';
import { parse } from 'acorn';
import type { MinifyOptions } from 'terser';
import { minify } from 'terser';
import type { Edit } from './edits.ts';
import { applied } from './edits.ts';
import type { Resident } from './on-demand.ts';
import { MAKER_NAME, PLACE_NAME, withMarks } from './on-demand.ts';
import { KEEP_CALL, withKeptCalls } from './kept-calls.ts';
import { withNumbersForWords } from './inner-words.ts';
import { withSaidOften } from './said-often.ts';
import type { FunctionNode } from './tree.ts';
import { globalFunctions, isFunction, isReference, statementsOf, walk } from './tree.ts';

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

/** A property that begins as undefined is one that is not there yet: it takes no memory until it is set. */
function withoutUndefined(code: string): string {
  const edits: Edit[] = [];
  walk(parse(code, { ecmaVersion: 2022 }), (node) => {
    if (node.type !== 'ObjectExpression') return;
    node.properties.forEach((one, place) => {
      if (one.type !== 'Property' || one.value.type !== 'UnaryExpression' || one.value.operator !== 'void') return;
      edits.push({ start: one.start, end: node.properties[place + 1]?.start ?? one.end, text: '' });
    });
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
  const looks: AnyNode[] = [];
  walk(program, (node, ancestors) => {
    if (node.type === 'Identifier' && lists.has(node.name) && isReference(node, ancestors[ancestors.length - 1]))
      looks.push(node);
  });
  for (const { start, end } of looks) {
    const name = code.slice(start, end);
    const isOnly = looks.filter((one) => code.slice(one.start, one.end) === name).length === 1;
    edits.push({ start, end, text: `${isOnly ? '' : KEEP_CALL}${name}()` });
  }
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
  const statements = statementsOf(parse(code, { ecmaVersion: 2022 }));
  return code.slice(statements[0]?.start, statements[statements.length - 1]?.end);
}

async function minified(code: string, options: MinifyOptions): Promise<string> {
  const result = await minify(code, { ecma: 2015, format: { ecma: 5, ascii_only: true, semicolons: true }, ...options });
  if (result.code === undefined) throw new Error('the minifier gave nothing');
  return result.code;
}

function checkNames(code: string, { from, without }: Resident): void {
  const functions = globalFunctions(statementsOf(parse(code, { ecmaVersion: 2022 })));
  const missing = [...from, ...without].find((name) => !functions.has(name));
  if (missing !== undefined) throw new Error(`the firmware has no function ${missing} any more, which the build names`);
}

/**
 * With `resident` it is for what has a board to itself: its names become the board's globals, which saves a variable in each function, and all functions but these are marked to
 * be made on demand. They are known by the names of the sources until then.
 */
export async function shrunk(readable: string, resident?: Resident): Promise<string> {
  const arrows = withPassingLists(withoutUndefined(withNumbersForWords(withArrows(readable))));
  const compress = {
    ecma: 2015 as const,
    passes: 5,
    toplevel: true,
    unsafe_arrows: true,
    unsafe_comps: true,
    pure_getters: true,
    keep_fargs: false,
    hoist_funs: false,
    reduce_funcs: resident !== undefined,
    sequences: 200,
  };
  if (resident !== undefined) checkNames(arrows, resident);
  const kept = withKeptCalls(arrows, resident === undefined ? [] : resident.without);
  const compressed = await minified(kept, { compress, mangle: false });
  const marked = resident === undefined ? { code: compressed, marks: [] } : withMarks(compressed, resident);
  const said = resident === undefined ? marked.code : withSaidOften(marked.code, marked.marks);
  const mangle = { toplevel: true, reserved: [...PINS, MAKER_NAME, PLACE_NAME, ...marked.marks] };
  const code = withEarlyVariables(await minified(said, { compress: false, mangle }));
  return resident === undefined ? code : opened(code);
}
