// Gate rules that one node decides: syntax that Espruino refuses, or silently takes for something else. In: a node and its ancestors. Out: a
// sentence, or nothing.

import type { AnyNode, SwitchStatement } from 'acorn';
import { isVariable } from './tree.ts';

/** Refused whatever they contain. */
const ABSENT: ReadonlyMap<string, string> = new Map([
  ['LabeledStatement', 'a label; use a function and return'],
  ['TaggedTemplateExpression', 'a tagged template; call a function'],
  ['SpreadElement', 'a spread; use concat or a loop'],
  ['RestElement', 'a rest parameter; pass an array'],
  ['AssignmentPattern', 'a default value in a parameter; test for undefined'],
  ['ObjectPattern', 'destructuring; read the properties one by one'],
  ['ArrayPattern', 'destructuring; read the items one by one'],
  ['ClassDeclaration', 'a class; use an object and functions'],
  ['ClassExpression', 'a class; use an object and functions'],
  ['Super', '`super`, which recurses for ever; use functions'],
  ['AwaitExpression', '`await`; use callbacks'],
  ['YieldExpression', 'a generator; use callbacks'],
  ['ChainExpression', '`?.`; test for undefined'],
  ['MetaProperty', 'a meta property; pass the value in'],
  ['ImportExpression', 'a dynamic import; bundle it'],
  ['WithStatement', '`with`; name the object'],
]);

const ABSENT_OPERATORS = ['**', '**=', '&&=', '||=', '??='];
const LONGEST_NAME = 64;
const LARGEST_LITERAL = 2 ** 63;

function switchFault(node: SwitchStatement): string | undefined {
  const at = node.cases.findIndex((one) => one.test === null || one.test === undefined);
  if (at >= 0 && at < node.cases.length - 1) return '`default` before a `case`; put it last';
  for (const one of node.cases) {
    if (one.consequent.some((statement) => statement.type === 'VariableDeclaration')) {
      return 'a declaration directly in a `case`, which another case would make global; put braces around it';
    }
  }
  return undefined;
}

/** The finalizer's own throw, not one of a function within. */
function inFinally(ancestors: readonly AnyNode[]): boolean {
  for (let at = ancestors.length - 1; at > 0; at--) {
    const node = ancestors[at] as AnyNode;
    const parent = ancestors[at - 1] as AnyNode;
    if (node.type.includes('Function')) return false;
    if (parent.type === 'TryStatement' && parent.finalizer === node) return true;
  }
  return false;
}

function assignsLength(node: AnyNode): boolean {
  const target = node.type === 'AssignmentExpression' ? node.left : node.type === 'UpdateExpression' ? node.argument : undefined;
  if (target?.type !== 'MemberExpression' || target.computed) return false;
  return target.property.type === 'Identifier' && target.property.name === 'length';
}

/** `return` and, on the next line, what JavaScript would not return but Espruino does. */
function returnsNextLine(node: AnyNode, code: string): boolean {
  if (node.type !== 'ReturnStatement' || (node.argument !== null && node.argument !== undefined)) return false;
  return /^\s*[^;}\s]/.test(code.slice(node.start + 'return'.length));
}

function nameFault(name: string): string | undefined {
  if (name === 'of') return 'a variable named `of`, which is reserved; rename it';
  if (name.length > LONGEST_NAME) return `a name of ${name.length} characters, of which only ${LONGEST_NAME} count; shorten it`;
  return undefined;
}

function isArgumentsOfArrow(node: AnyNode, ancestors: readonly AnyNode[]): boolean {
  if (node.type !== 'Identifier' || node.name !== 'arguments') return false;
  return ancestors.findLast((one) => one.type.includes('Function'))?.type === 'ArrowFunctionExpression';
}

/** What is wrong with one node, as the rest of a sentence that begins with "Espruino has no use for". */
export function syntaxFault(node: AnyNode, ancestors: readonly AnyNode[], code: string): string | undefined {
  const absent = ABSENT.get(node.type);
  if (absent !== undefined) return absent;
  if ('generator' in node && node.generator) return 'a generator; use callbacks';
  if ('async' in node && node.async) return 'an async function; use callbacks';
  if ('operator' in node && ABSENT_OPERATORS.includes(node.operator)) return `the operator ${node.operator}; write it out`;
  if (node.type === 'ForOfStatement' && node.await) return '`for await`; use callbacks';
  if (node.type === 'Property' && node.computed) return 'a computed key; assign it after the object is made';
  if (node.type === 'Literal' && typeof node.value === 'bigint') return 'a BigInt; use numbers or byte strings';
  if (node.type === 'Literal' && typeof node.value === 'number' && node.value >= LARGEST_LITERAL)
    return 'a literal of 2^63 or more; compute it';
  if (node.type === 'SwitchStatement') return switchFault(node);
  if (node.type === 'ThrowStatement' && inFinally(ancestors))
    return '`throw` inside `finally`, which it swallows; throw after it';
  if (assignsLength(node)) return 'an assignment to `length`, which throws; use splice';
  if (returnsNextLine(node, code)) return 'a line break after `return`, across which it reads on; put a semicolon';
  if (isArgumentsOfArrow(node, ancestors)) return '`arguments` in an arrow function, which are its own; name the parameters';
  if (node.type === 'Identifier' && isVariable(node, ancestors[ancestors.length - 1])) return nameFault(node.name);
  return undefined;
}
