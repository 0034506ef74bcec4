// The fast engine: the programs of ed25519point.ts with every limb spelled out, whose sources lie in flash behind the table (build/programs.ts). In: the table.
// Out: functions. They are compiled where they lie, so that their text takes no memory.

import type { Bytes } from '../shared/bytes.ts';
import type { Native, Program, Registers } from './ed25519native.ts';
import { LIMBS, ROUNDER } from './ed25519field.ts';
import { FIRST_PROGRAM_BYTES, SOURCES_AT, TABLE_BYTES } from './ed25519table.ts';

/** Under another name it sees no local names, and the bundler may go on shortening them. */
const compile = eval;

/** Compiles a program: a slice of work. The text has no name here: what is compiled keeps the names alive. */
export function program(which: number, table: Bytes, _first: Program | undefined): Program {
  const second = SOURCES_AT + FIRST_PROGRAM_BYTES;
  return compile(which < 1 ? table.substring(SOURCES_AT, second) : table.substring(second, TABLE_BYTES)) as Program;
}

/** An addition's, in their order: G' F' E H, then M' P' T'. */
export const PROGRAMS = 2;
/** The one that makes M' P', and T' where it shall. */
export const CROSSING = 1;

/** What stands before the common registers, and behind them. The first is scratch to these programs. */
export function registersBefore(native: Native): Registers {
  return [0, 0, 0, native.convolve, 0, 0];
}

export function registersBehind(powers: Float64Array): Registers {
  const out: Registers = [];
  for (let i = 1; i <= LIMBS; i++) out.push(ROUNDER * powers[i]!);
  return out;
}
