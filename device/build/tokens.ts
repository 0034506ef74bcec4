// The last step of the build: words and operators become the interpreter's own one-byte tokens, as which it would read them anyway. In: minified
// JavaScript of printable ASCII. Out: a byte string that Espruino 2v29 and later runs as it is, about a seventh shorter. Strings and numbers
// become raw bytes where that is shorter. It must never change what the code does: the same tokens, in the same order.

import type { Token } from 'acorn';
import { tokenizer } from 'acorn';
import type { Bytes } from '../../shared/bytes.ts';

/** In the interpreter's order, which its makers keep, because flashed code depends on it. */
const WORDS =
  '== === != !== <= << <<= >= >> >>> >>= >>>= += -= ++ -- *= /= %= &= && |= || ^= => if else do while for break continue function return var let const ' +
  'this throw try catch finally true false null undefined new in instanceof switch case default delete typeof void debugger class extends super static of';
const FIRST_TOKEN = 138;
const RAW_STRING = 0xd1;
const RAW_INT8 = 0xd4;
const RAW_INT16 = 0xd5;

export const TOKENS: ReadonlyMap<string, number> = new Map(WORDS.split(' ').map((word, place) => [word, FIRST_TOKEN + place]));

function rawString(text: string): Bytes | undefined {
  return text.length < 256 ? String.fromCharCode(RAW_STRING, text.length) + text : undefined;
}

/** Two bytes for three digits, three for four and more; the interpreter reads them as signed, the low byte first. */
function rawNumber(source: string, value: number): Bytes | undefined {
  if (!Number.isInteger(value) || value < 0) return undefined;
  if (source.length > 2 && value < 128) return String.fromCharCode(RAW_INT8, value);
  if (source.length > 3 && value < 32768) return String.fromCharCode(RAW_INT16, value & 255, value >> 8);
  return undefined;
}

function isWordlike(text: string): boolean {
  return /^[\w$]/.test(text);
}

/** The tokenizer knows it, and its types do not say so. */
function valueOf(token: Token): unknown {
  return (token as Token & { readonly value: unknown }).value;
}

function bytesOf(token: Token, text: string): Bytes | undefined {
  const word = TOKENS.get(text);
  if (word !== undefined) return String.fromCharCode(word);
  if (token.type.label === 'string') return rawString(valueOf(token) as string);
  return token.type.label === 'num' ? rawNumber(text, valueOf(token) as number) : undefined;
}

export function tokenised(code: string): Bytes {
  // `void 0` is the minifier's short form; the token of `undefined` is shorter still, and needs no evaluation.
  const plain = code.replace(/\bvoid 0\b/g, 'undefined');
  let out = '';
  let last = '';
  for (const token of tokenizer(plain, { ecmaVersion: 2022 })) {
    const text = plain.slice(token.start, token.end);
    const bytes = bytesOf(token, text);
    if (bytes === undefined && isWordlike(text) && isWordlike(last)) out += ' ';
    out += bytes ?? text;
    last = bytes === undefined ? text : '';
  }
  return out;
}
