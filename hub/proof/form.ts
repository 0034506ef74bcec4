// The forms that values in a file may have. In: a value of JSON in any state. Out: nothing if it has the form, or a sentence that begins with its path. A form is exact: no member may be missing or too many. It is made
// for files with a million values, in browsers too: what is well formed costs no object and no path, and no code is generated.

/** `undefined`, or the path within the value and why: `.lines.0.batch: expected ...`. */
export interface Form<T> {
  (value: unknown): string | undefined;
  /** Only the compiler sees it. */
  readonly of?: T;
}

export type Of<F> = F extends Form<infer T> ? T : never;

const TOLD_CHARACTERS = 40;
const NOT_HEX = /[^0-9a-f]/;

/** One that has the form, or a sentence. */
export function formed<T>(form: Form<T>, value: unknown): { readonly value: T } | string {
  const fault = form(value);
  if (fault === undefined) return { value: value as T };
  return fault.startsWith(':') ? `file${fault}` : fault.slice(1);
}

export function whole(min: number, max = Number.MAX_SAFE_INTEGER): Form<number> {
  return (value) =>
    typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max
      ? undefined
      : wrong(`a whole number of ${min} to ${max}`, value);
}

export function hex(bytes: number): Form<string> {
  const characters = bytes * 2;
  return (value) =>
    typeof value === 'string' && value.length === characters && !NOT_HEX.test(value)
      ? undefined
      : wrong(`${bytes} bytes as lower-case hex`, value);
}

export function hexUpTo(bytes: number): Form<string> {
  const isHex = (text: string): boolean => text !== '' && text.length % 2 === 0 && !NOT_HEX.test(text);
  return (value) =>
    typeof value === 'string' && value.length <= bytes * 2 && isHex(value)
      ? undefined
      : wrong(`1 to ${bytes} bytes as lower-case hex`, value);
}

/** Hashes side by side are most of a large file: looked at in one go, they take half the time. */
export function hexes(bytes: number, max: number): Form<readonly string[]> {
  const oneByOne = list(hex(bytes), 0, max);
  const characters = bytes * 2;
  const isOne = (value: unknown): boolean => typeof value === 'string' && value.length === characters;
  return (value) =>
    Array.isArray(value) && value.length <= max && value.every(isOne) && !NOT_HEX.test(value.join(''))
      ? undefined
      : oneByOne(value);
}

export function ascii(max: number): Form<string> {
  const shape = new RegExp(`^[\\x20-\\x7e]{1,${max}}$`);
  return (value) =>
    typeof value === 'string' && shape.test(value) ? undefined : wrong(`1 to ${max} printable ASCII characters`, value);
}

export function textUpTo(max: number): Form<string> {
  return (value) =>
    typeof value === 'string' && value.length <= max ? undefined : wrong(`text of at most ${max} characters`, value);
}

export function yesOrNo(): Form<boolean> {
  return (value) => (typeof value === 'boolean' ? undefined : wrong('true or false', value));
}

export function oneOf<Text extends string>(...texts: readonly Text[]): Form<Text> {
  const expected = texts.map((text) => `"${text}"`).join(' or ');
  return (value) => ((texts as readonly unknown[]).includes(value) ? undefined : wrong(expected, value));
}

/** What another file has a decoder for. */
export function decodedBy<T>(decode: (text: string) => T | undefined, expected: string): Form<T> {
  return (value) => (typeof value === 'string' && decode(value) !== undefined ? undefined : wrong(expected, value));
}

export function orNull<T>(form: Form<T>): Form<T | null> {
  return (value) => (value === null ? undefined : form(value));
}

export function list<T>(form: Form<T>, min = 0, max = Number.MAX_SAFE_INTEGER): Form<readonly T[]> {
  return (value) => {
    if (!Array.isArray(value)) return wrong('a list', value);
    if (value.length < min) return `: expected ${min} or more, got ${value.length}`;
    if (value.length > max) return `: expected at most ${max}, got ${value.length}`;
    for (let at = 0; at < value.length; at++) {
      const fault = form(value[at]);
      if (fault !== undefined) return `.${at}${fault}`;
    }
    return undefined;
  };
}

export function members<Forms extends Readonly<Record<string, Form<unknown>>>>(
  forms: Forms,
): Form<{ readonly [Name in keyof Forms]: Of<Forms[Name]> }> {
  const entries = Object.entries(forms);
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return wrong('an object', value);
    for (const [name, form] of entries) {
      const fault = form((value as Readonly<Record<string, unknown>>)[name]);
      if (fault !== undefined) return `.${name}${fault}`;
    }
    // Each of them is there; so if there are as many as that, there are no others.
    return Object.keys(value).length === entries.length ? undefined : stranger(value, forms);
  };
}

function stranger(value: object, forms: object): string {
  const name = Object.keys(value).find((one) => !Object.hasOwn(forms, one));
  return `: expected no member ${told(name)}`;
}

function wrong(expected: string, value: unknown): string {
  return `: expected ${expected}, got ${told(value)}`;
}

/** As much of a value as a sentence has room for, and nothing that a terminal would obey. */
function told(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = JSON.stringify(typeof value === 'string' ? value.slice(0, TOLD_CHARACTERS) : value);
  const shown = text.replace(/[^ -~]/g, '?');
  return typeof value === 'string' && value.length > TOLD_CHARACTERS
    ? `${shown.slice(0, -1)}..." of ${value.length} characters`
    : shown;
}
