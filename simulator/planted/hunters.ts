// Several processes that hunt, each with one piece of work after the other. In: what all of them are told. Out: a crew.

import { join } from 'node:path';
import type { Crew } from '../crew.ts';
import { startCrew } from '../crew.ts';
import type { Broken, Finding } from './hunt.ts';

/** A defect to be found, or a seed that must be clean with nothing planted. */
export type Piece = { readonly kind: 'defect'; readonly id: string } | { readonly kind: 'clean'; readonly seed: number };

export type Answer =
  | { readonly kind: 'finding'; readonly finding: Finding }
  | { readonly kind: 'clean'; readonly seed: number; readonly broken: Broken | undefined };

/** What all of them are told when they start. */
export interface Ground {
  readonly scenario: string;
  readonly seeds: readonly number[];
}

export function startHunters(processes: number, ground: Ground): Crew<Piece, Answer> {
  return startCrew(join(import.meta.dirname, 'hunter.js'), ground, processes);
}
