// One spelling for a JSON value, so that it can be signed: members sorted by name, no white space, everything outside of printable ASCII escaped. In: a value of objects, lists, strings, whole
// numbers, true, false and null. Out: ASCII. It is what Python's json.dumps(value, sort_keys=True, separators=(',', ':')) gives.

import type { Bytes } from '../../shared/bytes.ts';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

export function canonical(value: Json): Bytes {
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw new Error(`expected a whole number below 2^53, got ${value}`);
    return String(value);
  }
  if (typeof value === 'boolean' || value === null) return String(value);
  if (isList(value)) return `[${value.map(canonical).join(',')}]`;
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${quoted(name)}:${canonical(value[name] ?? null)}`).join(',')}}`;
}

function isList(value: readonly Json[] | { readonly [name: string]: Json }): value is readonly Json[] {
  return Array.isArray(value);
}

function quoted(text: string): Bytes {
  return JSON.stringify(text).replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
