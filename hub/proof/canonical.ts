// One spelling for a JSON value, so that it can be signed: members sorted by name, no white space, everything outside of printable ASCII escaped. In: a value of objects, lists, strings, whole
// numbers, true, false and null. Out: ASCII. It is what Python's json.dumps(value, sort_keys=True, separators=(',', ':')) gives.

import type { Bytes } from '../../shared/bytes.ts';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

export function canonical(value: Json): Bytes {
  return JSON.stringify(sorted(value)).replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The engine's own writer does the rest: it keeps the order in which members were put in, as none of their names is a number. */
function sorted(value: Json): Json {
  if (typeof value === 'number' && !Number.isSafeInteger(value))
    throw new Error(`expected a whole number below 2^53, got ${value}`);
  if (typeof value !== 'object' || value === null) return value;
  if (isList(value)) return value.map(sorted);
  const copy: { [name: string]: Json } = {};
  for (const name of Object.keys(value).sort()) copy[name] = sorted(value[name] ?? null);
  return copy;
}

function isList(value: readonly Json[] | { readonly [name: string]: Json }): value is readonly Json[] {
  return Array.isArray(value);
}
