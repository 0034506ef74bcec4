// The vectors of evidence: files that are valid, and changes of one value each that must be refused, in a form that any implementation can run. In: the committed file. Out: cases, with the changes made.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EvidenceVerdict } from '../../hub/proof/verify.ts';

export const VECTORS = join(import.meta.dirname, '..', 'vectors', 'evidence', 'cases.json');

export interface Change {
  readonly path: readonly (string | number)[];
  readonly value: unknown;
}

export interface VectorCase {
  readonly name: string;
  readonly operation: 'verify-evidence';
  readonly input: {
    readonly evidence?: unknown;
    /** Instead of evidence: the case whose evidence it is, with one value set. */
    readonly of?: string;
    readonly set?: Change;
    readonly hubKey?: string;
  };
  readonly output: EvidenceVerdict;
}

export interface EvidenceCase {
  readonly evidence: unknown;
  readonly hubKey: string | undefined;
  readonly output: EvidenceVerdict;
}

export function withValue(value: unknown, { path, value: set }: Change): unknown {
  const [name, ...rest] = path;
  if (name === undefined) return set;
  const copy = (Array.isArray(value) ? [...(value as unknown[])] : { ...(value as object) }) as Record<string | number, unknown>;
  copy[name] = withValue(copy[name], { path: rest, value: set });
  return copy;
}

export function committedEvidence(): (readonly [string, EvidenceCase])[] {
  const { cases } = JSON.parse(readFileSync(VECTORS, 'utf8')) as { cases: VectorCase[] };
  const originals = new Map(cases.map(({ name, input }) => [name, input.evidence]));
  return cases.map(({ name, input: { evidence, of, set, hubKey }, output }) => {
    const original = evidence ?? originals.get(of ?? '');
    return [name, { evidence: set === undefined ? original : withValue(original, set), hubKey, output }];
  });
}
