// What a written document is told of its first fault. In: a schema, and what it found. Out: the field's path, and what was expected there; of a key that is not known, also which are, and which of them is
// nearest to it. It shows keys, and a value only where it was told that there are no secrets among values.

import type { z } from 'zod';

export interface Fault {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** As one sentence; `whole` is what the document is called where the fault is in none of its fields. A document that is given has no secrets: its value is shown. */
export function faultSentence(schema: z.ZodType, error: z.ZodError, whole: string, document?: unknown): string {
  const { path, message } = faultOf(schema, error);
  const got = document === undefined || message.includes(', got ') ? '' : `, got ${valueAt(document, path)}`;
  return `${path.length === 0 ? whole : path.join('.')}: ${message}${got}`;
}

function valueAt(document: unknown, path: readonly PropertyKey[]): string {
  let value = document;
  for (const key of path) value = (value as Readonly<Record<PropertyKey, unknown>> | null | undefined)?.[key];
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > TOLD_CHARACTERS ? `${text.slice(0, TOLD_CHARACTERS)}...` : text;
}

const TOLD_CHARACTERS = 40;

export function faultOf(schema: z.ZodType, error: z.ZodError): Fault {
  const [issue] = error.issues;
  if (issue?.code !== 'unrecognized_keys')
    return { path: issue?.path ?? [], message: inOurWords(issue?.message ?? 'expected something else') };
  const [key = ''] = issue.keys;
  const known = keysAt(schema, issue.path);
  return { path: [...issue.path, key], message: unknownKey(key, known) };
}

/** The schema library's own messages say `Too small: expected number to be >=1`, or `Invalid input: expected string, received undefined`. */
function inOurWords(message: string): string {
  return message
    .replace(/^(?:Invalid|Too) \w+: /, '')
    .replace(/^expected (array|int|object)\b/, 'expected an $1')
    .replace(/^expected (boolean|number|record|string)\b/, 'expected a $1')
    .replace(/, received undefined$/, ', got nothing')
    .replace(/, received /, ', got ');
}

function unknownKey(key: string, known: readonly string[]): string {
  if (known.length === 0) return 'expected no key here';
  const nearest = nearestOf(key, known);
  return `expected one of the keys ${known.join(', ')}, got "${key}"${nearest === undefined ? '' : `; did you mean ${nearest}?`}`;
}

/** Keys that differ in no more than half of their letters, or of which one begins with the other, may have been meant. */
function nearestOf(key: string, known: readonly string[]): string | undefined {
  const small = key.toLowerCase();
  const near = known
    .map((name) => ({ name, distance: distanceOf(small, name.toLowerCase()) }))
    .filter(({ name, distance }) => distance * 2 <= Math.max(small.length, name.length) || name.toLowerCase().startsWith(small))
    .sort((a, b) => a.distance - b.distance);
  return near[0]?.name;
}

/** How many letters have to be put in, left out or exchanged (Levenshtein). */
function distanceOf(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const kept = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(kept, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}

/** As much of a schema's own description as leads to the keys of its objects. */
interface Def {
  readonly type: string;
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly innerType?: z.ZodType;
  readonly element?: z.ZodType;
  readonly valueType?: z.ZodType;
  readonly in?: z.ZodType;
  readonly options?: readonly z.ZodType[];
}

function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  const def = schema.def as unknown as Def;
  const [first, ...rest] = path;
  const through = def.innerType ?? (def.type === 'pipe' ? def.in : undefined);
  if (through !== undefined) return keysAt(through, path);
  if (def.options !== undefined) return def.options.map((option) => keysAt(option, path)).find((keys) => keys.length > 0) ?? [];
  if (first === undefined) return Object.keys(def.shape ?? {});
  const next = def.shape?.[String(first)] ?? def.element ?? def.valueType;
  return next === undefined ? [] : keysAt(next, rest);
}
