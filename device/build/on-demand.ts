// Functions on demand: on the board a function takes five variables and more for as long as it can be reached, wherever its code lies. So one that is not needed for every payment
// lies behind the program, and is made anew for each call from where it lies in flash. In: a script whose names are global. Out: the program in tokens, a zero byte, at which the
// interpreter stops to read, then the functions, each with a zero byte behind it. It must never move anything but functions, for only they are the same each time.

import type { Program } from 'acorn';
import { parse } from 'acorn';
import type { Bytes } from '../../shared/bytes.ts';
import type { Edit } from './edits.ts';
import { applied } from './edits.ts';
import { tokenised } from './tokens.ts';
import type { FunctionNode } from './tree.ts';
import { calledFunction, globalFunctions, isReference, isVariable, namesOwnedBy, statementsOf, walk } from './tree.ts';

/** The whole of the bytes below, as a global of whoever evaluates them. */
export const CODE_NAME = 'TC';
/** Makes the function at a place of them. */
export const MAKER_NAME = 'Z';

/** Its parameter, which the functions that it makes would find before a global of that name. */
export const PLACE_NAME = '$';

/** A function on demand is called by this and its number while it is minified. */
const MARK = 'Z$';
/** In tokens a number from 1,000 to 32,767 is three bytes: so a function's length does not depend on where the others lie. */
const FIRST_MARK = 1000;
const PLACES_END = 32768;
const END = '\0';

/** The functions that stay in memory, by the names that the sources give them. */
export interface Resident {
  /** These, and all that they lead to, ... */
  readonly from: readonly string[];
  /** ... but for these, and what only these lead to. */
  readonly without: readonly string[];
}

function residentIn(functions: ReadonlyMap<string, FunctionNode>, { from, without }: Resident): Set<string> {
  const resident = new Set<string>();
  const reach = (name: string): void => {
    const node = functions.get(name);
    if (node === undefined || resident.has(name) || without.includes(name)) return;
    resident.add(name);
    walk(node.body, (inner, ancestors) => {
      if (inner.type === 'Identifier' && isReference(inner, ancestors[ancestors.length - 1])) reach(inner.name);
    });
  };
  from.forEach(reach);
  return resident;
}

/** The global functions of a bundle that is still one function, each that is not resident under a mark for its name. */
export function withMarks(code: string, resident: Resident): { readonly code: string; readonly marks: readonly string[] } {
  const program = parse(code, { ecmaVersion: 2022 });
  const functions = globalFunctions(statementsOf(program));
  const stay = residentIn(functions, resident);
  const moved = [...functions.keys()].filter((name) => !stay.has(name));
  const marks = new Map(moved.map((name, at) => [name, `${MARK}${FIRST_MARK + at}`]));
  const bundle = calledFunction(program);
  const edits: Edit[] = [];
  walk(program, (node, ancestors) => {
    if (node.type !== 'Identifier' || !isVariable(node, ancestors[ancestors.length - 1])) return;
    const mark = marks.get(node.name);
    const inner = ancestors.slice(ancestors.indexOf(bundle.body) + 1);
    if (mark === undefined || inner.some((one) => namesOwnedBy(one).includes(node.name))) return;
    edits.push({ start: node.start, end: node.end, text: mark });
  });
  return { code: applied(code, edits), marks: [...marks.values()] };
}

function isMark(name: string): boolean {
  return name.startsWith(MARK);
}

/** What is left of the declarations when the marked functions are taken out. */
function declarationsLeft(program: Program): Edit[] {
  const edits: Edit[] = [];
  for (const statement of program.body) {
    if (statement.type !== 'VariableDeclaration') continue;
    const kept = statement.declarations.filter(({ id }) => id.type !== 'Identifier' || !isMark(id.name));
    if (kept.length === statement.declarations.length) continue;
    let at = statement.start;
    for (const one of kept) {
      edits.push({ start: at, end: one.start, text: at === statement.start ? `${statement.kind} ` : ',' });
      at = one.end;
    }
    edits.push({ start: at, end: statement.end, text: kept.length === 0 ? '' : ';' });
  }
  return edits;
}

/** Each use of a marked function asks for the one at its place. */
function withPlaces(text: string, places: ReadonlyMap<string, number>): string {
  return text.replace(/Z\$\d+/g, (mark) => `${MAKER_NAME}(${places.get(mark) ?? FIRST_MARK})`);
}

/** The program, then the functions. */
function laidOut(main: string, functions: ReadonlyMap<string, string>): Bytes {
  const bytesOf = (text: string, places: ReadonlyMap<string, number>): Bytes => tokenised(withPlaces(text, places)) + END;
  const places = new Map<string, number>();
  let at = bytesOf(main, places).length;
  const first = at;
  for (const [mark, text] of functions) {
    places.set(mark, at);
    at += bytesOf(text, places).length;
  }
  if (first < FIRST_MARK || at > PLACES_END) {
    throw new Error(`expected functions on demand at places in ${FIRST_MARK}..${PLACES_END - 1}, got ${first}..${at}`);
  }
  return [main, ...functions.values()].map((text) => bytesOf(text, places)).join('');
}

/** A script whose marked functions are global. */
export function onDemand(code: string): Bytes {
  const program = parse(code, { ecmaVersion: 2022 });
  const functions = new Map<string, string>();
  for (const [name, { start, end }] of globalFunctions(program.body))
    if (isMark(name)) functions.set(name, code.slice(start, end));
  // In memory, where a part is copied, no more is copied than the longest function takes; in flash nothing is.
  const longest = Math.max(...[...functions.values()].map((text) => tokenised(withPlaces(text, new Map())).length));
  const maker = `const ${MAKER_NAME}=${PLACE_NAME}=>eval(${CODE_NAME}.substr(${PLACE_NAME},${longest}));`;
  return laidOut(maker + applied(code, declarationsLeft(program)), functions);
}
