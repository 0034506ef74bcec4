// The fast engine: the programs of ed25519point.ts with every limb spelled out, whose sources lie in flash behind the table (build/programs.ts). In: the table.
// Out: functions. They are compiled where they lie, so that their text takes no memory.

import type { Bytes } from '../shared/bytes.ts';
import type { Program, Registers } from './ed25519native.ts';
import { LIMBS, ROUNDER } from './ed25519field.ts';
import { PROGRAMS_AT } from './ed25519table.ts';

/** Under another name it sees no local names, and the bundler may go on shortening them. */
const compile = eval;

/** Compiles a program: a slice of work. The text has no name here: what is compiled keeps the names alive. */
export function program(which: number, table: Bytes, _first: Program | undefined): Program {
  return compile(table.substring(PROGRAMS_AT[which]!, PROGRAMS_AT[which + 1])) as Program;
}

/** An addition's, in their order: g f, then G F and T, then M P. */
export const PROGRAMS = 3;
export const PRODUCT = 1;
export const CROSSING = 2;

/** What stands behind the common registers. */
export function registersBehind(powers: Float64Array): Registers {
  const out: Registers = [];
  for (let i = 1; i <= LIMBS; i++) out.push(ROUNDER * powers[i]!);
  return out;
}
