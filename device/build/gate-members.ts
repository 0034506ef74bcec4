// Gate rules for what Espruino's library lacks: globals, static members, methods, and arguments that it ignores. In: a node. Out: a sentence, or
// nothing. The type library refuses most of it already; this holds for code that came in without types.

import type { AnyNode, CallExpression, MemberExpression } from 'acorn';
import { isReference } from './tree.ts';

const ABSENT_GLOBALS = new Set([
  ...['Map', 'Set', 'WeakMap', 'WeakSet', 'WeakRef', 'Symbol', 'BigInt', 'Proxy', 'Reflect', 'Intl', 'Atomics', 'Iterator'],
  ...['globalThis', 'Buffer', 'TextEncoder', 'TextDecoder', 'URL', 'structuredClone', 'queueMicrotask', 'SharedArrayBuffer'],
  ...['BigInt64Array', 'BigUint64Array', 'AggregateError', 'FinalizationRegistry'],
]);

const ABSENT_STATICS: ReadonlyMap<string, readonly string[]> = new Map([
  ['Math', ['imul', 'trunc', 'clz32', 'log2', 'log10', 'log1p', 'expm1', 'cbrt', 'hypot', 'fround', 'sinh', 'cosh', 'tanh']],
  [
    'Number',
    [
      'isInteger',
      'isSafeInteger',
      'isNaN',
      'isFinite',
      'MAX_SAFE_INTEGER',
      'MIN_SAFE_INTEGER',
      'EPSILON',
      'parseInt',
      'parseFloat',
    ],
  ],
  ['Object', ['freeze', 'isFrozen', 'seal', 'isSealed', 'is', 'hasOwn', 'preventExtensions', 'groupBy']],
  ['Array', ['from', 'of', 'prototype']],
  ['String', ['fromCodePoint', 'raw', 'prototype']],
  ['Promise', ['race', 'any', 'allSettled', 'withResolvers']],
  ['Date', ['UTC']],
  ['ArrayBuffer', ['isView']],
]);

/** Refused where they are called; a property of one of our own objects may have such a name. */
const ABSENT_METHODS = new Set([
  ...['flat', 'flatMap', 'reduceRight', 'at', 'findLast', 'findLastIndex', 'copyWithin', 'toSorted', 'toReversed', 'toSpliced'],
  ...['codePointAt', 'normalize', 'trimStart', 'trimEnd', 'matchAll', 'localeCompare', 'isWellFormed'],
  ...['toPrecision', 'toExponential', 'finally', 'setUTCHours'],
]);

/** Which of a call's arguments Espruino still looks at. */
const ARGUMENTS_READ: ReadonlyMap<string, number> = new Map([['split', 1]]);

function propertyOf(node: MemberExpression): string | undefined {
  if (node.computed)
    return node.property.type === 'Literal' && typeof node.property.value === 'string' ? node.property.value : undefined;
  return node.property.type === 'Identifier' ? node.property.name : undefined;
}

function memberFault(node: MemberExpression): string | undefined {
  const property = propertyOf(node);
  if (property === undefined || node.object.type !== 'Identifier') return undefined;
  const owner = node.object.name;
  if (ABSENT_STATICS.get(owner)?.includes(property) !== true) return undefined;
  return `${owner}.${property}, which is not there; write it out`;
}

function callFault(node: CallExpression): string | undefined {
  if (node.callee.type !== 'MemberExpression') return undefined;
  const property = propertyOf(node.callee);
  if (property === undefined) return undefined;
  if (ABSENT_METHODS.has(property)) return `the method ${property}(), which is not there; write it out`;
  if (node.callee.object.type === 'Identifier' && node.callee.object.name === 'JSON' && node.arguments.length > 1) {
    return `a second argument of JSON.${property}(), which it ignores; leave it out`;
  }
  const read = ARGUMENTS_READ.get(property);
  if (read !== undefined && node.arguments.length > read)
    return `more than ${read} argument of ${property}(), which it ignores; leave it out`;
  return undefined;
}

/** `declared` are the names that the code itself declares anywhere. */
export function libraryFault(node: AnyNode, parent: AnyNode | undefined, declared: ReadonlySet<string>): string | undefined {
  if (node.type === 'MemberExpression') return memberFault(node);
  if (node.type === 'CallExpression') return callFault(node);
  if (node.type !== 'Identifier' || !isReference(node, parent)) return undefined;
  const absent = ABSENT_GLOBALS.has(node.name) && !declared.has(node.name);
  return absent ? `the global ${node.name}, which is not there; do without it` : undefined;
}
