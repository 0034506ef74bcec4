// The words of Espruino's console: one line that asks, and its answer found in whatever else the board prints. Pure. A line begins with DLE, which
// keeps the board from echoing it; the answer comes between marks that the line itself does not contain, so that an echo is no answer.

import type { Bytes } from '../../shared/bytes.ts';

/** Echo off for this line; only where the line is still empty. */
const DLE = '\x10';
/** Ends the line in hand and what is being run. */
export const INTERRUPT = '\x03';

export type Answer = { readonly kind: 'value'; readonly value: unknown } | { readonly kind: 'error'; readonly message: string };

/** A statement that the board runs without a word. */
export function orderLine(statement: string): Bytes {
  return `${DLE}${statement}\n`;
}

/** The expression's value comes back as JSON, an exception as its message. */
export function questionLine(id: number, expression: string): Bytes {
  const guarded = `(function(){try{return{v:${expression}}}catch(e){return{e:""+(e.message||e)}}})()`;
  return orderLine(`print("<<"+"ts${id}:"+JSON.stringify(${guarded})+":ts${id}"+">>")`);
}

/** The answer to a question in what the board has printed; `undefined` while it is not there whole, or is no JSON. */
export function answerIn(printed: Bytes, id: number): Answer | undefined {
  const head = `<<ts${id}:`;
  const start = printed.indexOf(head);
  const end = printed.indexOf(`:ts${id}>>`, start);
  if (start < 0 || end < 0) return undefined;
  try {
    const said = JSON.parse(printed.slice(start + head.length, end)) as { v?: unknown; e?: unknown };
    return typeof said.e === 'string' ? { kind: 'error', message: said.e } : { kind: 'value', value: said.v };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined; // torn by a full buffer: asking again mends it
    throw error;
  }
}

/** The firmware's own lines among what was printed: whole lines only. */
export function linesIn(printed: Bytes): string[] {
  return [...printed.matchAll(/tallystick: ([^\r\n]*)[\r\n]/g)].map((match) => match[1] as string);
}
