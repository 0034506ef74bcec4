// What a vector is. In: a name, the rule it belongs to, an operation with its input and the output it must give. Out: one case of a vector
// file. A refusal's `refusal` is normative; its `detail` is this project's own sentence, kept here so that each case fails for its own reason.

import type { Fields } from './fields.ts';

export interface Case {
  readonly name: string;
  readonly rule: string;
  readonly operation: string;
  readonly input: Fields;
  readonly output: Fields;
}

export interface VectorFile {
  readonly about: string;
  readonly cases: readonly Case[];
}

/** Hex is written with spaces between the items where that helps the eye. */
export function spaced(hex: string): string {
  return hex.replaceAll(' ', '');
}

/** A decoder's case from hex; `[name, rule, hex, sentence]`. */
export type Refused = readonly [name: string, rule: string, hex: string, detail: string];

export function refusals(operation: string, refusal: string, input: Fields, rows: readonly Refused[]): Case[] {
  return rows.map(([name, rule, hex, detail]) => ({
    name,
    rule,
    operation,
    input: { hex: spaced(hex), ...input },
    output: { refusal, detail },
  }));
}
