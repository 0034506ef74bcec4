// Functions that exist in passing: what is needed only below a few entries, such as hearing the hub or reading the record at boot, is made when one of
// them is called and gone when it returns. On the board each function that can be reached takes five variables and more. In: a script whose functions are
// constants of one list, and groups of entries. Out: the same program. It must never hide a function whose closures outlive the call.

import type { ArrowFunctionExpression, Program, Statement } from 'acorn';
import { parse } from 'acorn';
import { isFunction, isReference, makesFunctions, namesIn, walk } from './tree.ts';

export interface Group {
  readonly entries: readonly string[];
  /** Functions that make others, but let go of them before they return. */
  readonly harmless: readonly string[];
}

interface Entry {
  readonly statement: Statement;
  readonly arrow: ArrowFunctionExpression;
}

/** Of the bundle's one function. */
export function statementsOf(program: Program): readonly Statement[] {
  const first = program.body[0];
  const callee =
    first?.type === 'ExpressionStatement' && first.expression.type === 'CallExpression' ? first.expression.callee : undefined;
  if (callee === undefined || !isFunction(callee) || callee.body.type !== 'BlockStatement') {
    throw new Error('expected the bundle as one function called on the spot');
  }
  return callee.body.body;
}

function functionsOf(statements: readonly Statement[]): Map<string, Entry> {
  const found = new Map<string, Entry>();
  for (const statement of statements) {
    if (statement.type !== 'VariableDeclaration' || statement.declarations.length !== 1) continue;
    const { id, init } = statement.declarations[0] ?? {};
    if (id !== undefined && init?.type === 'ArrowFunctionExpression')
      for (const name of namesIn(id)) found.set(name, { statement, arrow: init });
  }
  return found;
}

function namesUsed(node: Statement): Set<string> {
  const found = new Set<string>();
  walk(node, (inner, ancestors) => {
    if (inner.type === 'Identifier' && isReference(inner, ancestors[ancestors.length - 1])) found.add(inner.name);
  });
  return found;
}

/** The functions that can be reached from `starts` without passing through one of `closed`. */
function reached(
  starts: Iterable<string>,
  uses: ReadonlyMap<string, ReadonlySet<string>>,
  closed: ReadonlySet<string>,
): Set<string> {
  const seen = new Set<string>();
  const go = (name: string): void => {
    if (seen.has(name) || closed.has(name)) return;
    const used = uses.get(name);
    if (used === undefined) return;
    seen.add(name);
    for (const one of used) go(one);
  };
  for (const name of starts) go(name);
  return seen;
}

/** What the entries alone lead to, without those that would not let go, and without what these need. */
function guestsOf(group: Group, statements: readonly Statement[], functions: ReadonlyMap<string, Entry>): Set<string> {
  const uses = new Map([...functions].map(([name, { statement }]) => [name, namesUsed(statement)]));
  const named = new Set([...functions.values()].map(({ statement }) => statement));
  const starts = new Set(statements.filter((one) => !named.has(one)).flatMap((one) => [...namesUsed(one)]));
  const closed = new Set(group.entries);
  const below = reached(group.entries, uses, new Set());
  for (const [name, { arrow }] of functions) {
    if (below.has(name) && !closed.has(name) && !group.harmless.includes(name) && makesFunctions(arrow)) starts.add(name);
  }
  const outside = reached(starts, uses, closed);
  return new Set([...below].filter((name) => !outside.has(name) && !closed.has(name)));
}

function grouped(code: string, group: Group, place: number): string {
  const statements = statementsOf(parse(code, { ecmaVersion: 2022 }));
  const functions = functionsOf(statements);
  const missing = group.entries.find((name) => !functions.has(name));
  if (missing !== undefined)
    throw new Error(`the firmware has no function ${missing} any more, which device/build/passing.ts names`);
  const inside = new Set([...guestsOf(group, statements, functions), ...group.entries]);
  const nameOf = new Map([...functions].map(([name, { statement }]) => [statement, name]));
  const textOf = (one: Statement): string => code.slice(one.start, one.end);
  const host = `passing${place}`;
  const longest = Math.max(...group.entries.map((name) => functions.get(name)?.arrow.params.length ?? 0));
  const given = (count: number): string => Array.from({ length: count }, (_, i) => `,given${i}`).join('');
  const calls = group.entries.map((name, at) => {
    const call = `${name}(${given(functions.get(name)?.arrow.params.length ?? 0).slice(1)})`;
    return at === group.entries.length - 1 ? call : `which===${at}?${call}:`;
  });
  const body = statements
    .filter((one) => inside.has(nameOf.get(one) ?? ''))
    .map(textOf)
    .join('');
  const made = `const ${host}=(which${given(longest)})=>{${body}return ${calls.join('')};};`;
  const doors = group.entries.map((name, at) => {
    const params = given(functions.get(name)?.arrow.params.length ?? 0);
    return `const ${name}=(${params.slice(1)})=>{return ${host}(${at}${params});};`;
  });
  const first = statements[0]?.start ?? 0;
  const last = statements[statements.length - 1]?.end ?? 0;
  const rest = statements.map((one) =>
    inside.has(nameOf.get(one) ?? '') ? (group.entries[0] === nameOf.get(one) ? made + doors.join('') : '') : textOf(one),
  );
  return code.slice(0, first) + rest.join('\n') + code.slice(last);
}

export function withPassing(code: string, groups: readonly Group[]): string {
  return groups.reduce((text, group, place) => grouped(text, group, place), code);
}
