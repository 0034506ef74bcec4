// One spelling for a JSON value, so that it can be signed: members sorted by name, no white space, everything outside of printable ASCII escaped. In: a value of objects, lists, strings, whole
// numbers, true, false and null. Out: ASCII. It is what Python's json.dumps(value, sort_keys=True, separators=(',', ':')) gives.

import type { Bytes } from '../../shared/bytes.ts';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

const BEYOND_ASCII = /[^ -~]/;
const EACH_BEYOND_ASCII = /[^ -~]/g;

/** The engine's own writer does most of it: it keeps the order in which members were put in, as none of their names is a number. */
export function canonical(value: Json): Bytes {
  const text = JSON.stringify(isSorted(value) ? value : sorted(value));
  if (!BEYOND_ASCII.test(text)) return text;
  return text.replace(EACH_BEYOND_ASCII, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** A copy with all members in their order. */
export function sorted<Value extends Json>(value: Value): Value;
export function sorted(value: Json): Json {
  if (typeof value === 'number' && !Number.isSafeInteger(value))
    throw new Error(`expected a whole number below 2^53, got ${value}`);
  if (typeof value !== 'object' || value === null) return value;
  if (isList(value)) return value.map((one) => sorted(one));
  const copy: { [name: string]: Json } = {};
  for (const name of Object.keys(value).sort()) copy[name] = sorted(value[name] ?? null);
  return copy;
}

/** As what a hub has written is: to see it takes a tenth of the time of a copy. */
function isSorted(value: Json): boolean {
  if (typeof value === 'string') return true;
  if (typeof value === 'number') return Number.isSafeInteger(value);
  if (typeof value !== 'object' || value === null) return true;
  if (isList(value)) return value.every(isSorted);
  let before = '';
  for (const name in value) {
    if (name < before || !isSorted(value[name] ?? null)) return false;
    before = name;
  }
  return true;
}

function isList(value: readonly Json[] | { readonly [name: string]: Json }): value is readonly Json[] {
  return Array.isArray(value);
}
