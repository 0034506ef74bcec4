// What the functions on demand say often and at length: names of Espruino's own, large numbers. Said once, in a variable, each use takes the variable's name. In: a script
// whose functions on demand are marked. Out: the same with the variables, where they make the file shorter. What stays in memory keeps its words: they are found faster there.

import type { AnyNode, Program } from 'acorn';
import { parse } from 'acorn';
import type { Edit } from './edits.ts';
import { applied } from './edits.ts';
import type { FunctionNode } from './tree.ts';
import { globalFunctions, isReference, statementsOf, walk } from './tree.ts';

/** A variable costs memory, a few of the interpreter's variables: so much must it save in the file. */
const WORTH_BYTES = 40;
/** A name of two letters, a number's token or a name's brackets: what a use costs afterwards. */
const NAME_BYTES = 2;

/** Shorter numbers are tokens of three bytes. */
const TOKEN_DIGITS = 5;

interface Saying {
  /** The variable's value. */
  readonly text: string;
  readonly uses: Edit[];
  savedBytes: number;
}

/** `x.name` may become `x[variable]`, `String.fromCharCode` and a large number the variable. */
function sayingIn(node: AnyNode, code: string): { text: string; start: number; end: number; isMember: boolean } | undefined {
  if (node.type === 'Literal' && typeof node.value === 'number' && node.end - node.start > TOKEN_DIGITS) {
    return { text: code.slice(node.start, node.end), start: node.start, end: node.end, isMember: false };
  }
  if (node.type !== 'MemberExpression' || node.computed || node.property.type !== 'Identifier') return undefined;
  const whole = code.slice(node.start, node.end);
  if (whole === 'String.fromCharCode') return { text: whole, start: node.start, end: node.end, isMember: false };
  return {
    text: JSON.stringify(node.property.name),
    start: code.lastIndexOf('.', node.property.start),
    end: node.end,
    isMember: true,
  };
}

function sayingsIn(functions: readonly FunctionNode[], code: string): Map<string, Saying> {
  const sayings = new Map<string, Saying>();
  for (const one of functions) {
    walk(one.body, (node) => {
      const found = sayingIn(node, code);
      if (found === undefined) return;
      const { text, start, end, isMember } = found;
      const saying = sayings.get(text) ?? { text, uses: [], savedBytes: -text.length - NAME_BYTES - 2 };
      saying.uses.push({ start, end, text: isMember ? '[@]' : '@' });
      saying.savedBytes += end - start - NAME_BYTES - (isMember ? 2 : 0);
      sayings.set(text, saying);
    });
  }
  return sayings;
}

/** The first statement that runs one of them: the variables stand before it, and behind what a payment looks for. */
function firstCall(program: Program, names: ReadonlySet<string>): number {
  for (const statement of statementsOf(program)) {
    let calls = false;
    walk(statement, (node, ancestors) => {
      const inFunction = ancestors.some((one) => one.type === 'ArrowFunctionExpression' || one.type === 'FunctionExpression');
      if (inFunction || node.type !== 'Identifier' || !names.has(node.name)) return;
      if (isReference(node, ancestors[ancestors.length - 1])) calls = true;
    });
    if (calls) return statement.start;
  }
  throw new Error('expected a statement that calls a function on demand');
}

export function withSaidOften(code: string, marks: readonly string[]): string {
  const program = parse(code, { ecmaVersion: 2022 });
  const marked = new Set(marks);
  const functions = [...globalFunctions(statementsOf(program))].filter(([name]) => marked.has(name)).map(([, one]) => one);
  const often = [...sayingsIn(functions, code).values()].filter(({ savedBytes }) => savedBytes >= WORTH_BYTES);
  if (often.length === 0) return code;
  const edits = often.flatMap(({ uses }, at) => uses.map((use) => ({ ...use, text: use.text.replace('@', `said$${at}`) })));
  const declared = often.map(({ text }, at) => `said$${at}=${text}`).join(',');
  const start = firstCall(program, marked);
  return applied(code, [{ start, end: start, text: `const ${declared};` }, ...edits]);
}
