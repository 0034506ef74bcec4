// The conformance suite of the wire: one set of vectors, put to any implementation. In: an implementation that answers a list of operations. Out: one
// test per vector file. What decodes must also encode to the very bytes it came from.

import { describe, expect, it } from 'vitest';
import type { Fields } from './fields.ts';
import { committedCases, WIRE_FILES } from './vectors.ts';

/** `encodes`: the decoder's output is given, the input is wanted. */
export interface Step {
  readonly operation: string;
  readonly input: Fields;
  readonly encodes?: Fields;
}

export interface Implementation {
  run(steps: readonly Step[]): Promise<readonly Fields[]>;
}

interface Expectation {
  readonly title: string;
  readonly step: Step;
  readonly output: Fields;
}

function isCodec(operation: string): boolean {
  return operation.startsWith('decode-') && !operation.endsWith('base64url') && !operation.endsWith('hex');
}

/** What an encoder gives back: the message alone, without the listener's keys. */
function messageOf(input: Fields): Fields {
  return 'topic' in input ? { root: input['root'], topic: input['topic'] } : { hex: input['hex'] };
}

function expectationsOf(file: string): Expectation[] {
  return committedCases(file).flatMap(({ name, rule, operation, input, output }) => {
    const title = `[${rule}] ${operation}: ${name}`;
    const plain: Expectation = { title, step: { operation, input }, output };
    if (!isCodec(operation) || 'refusal' in output) return [plain];
    return [plain, { title: `${title}, encoded`, step: { operation, input, encodes: output }, output: messageOf(input) }];
  });
}

export function suite(name: string, implementation: Implementation): void {
  describe(`the wire, as spoken by ${name}`, () => {
    it.each(WIRE_FILES)(
      '%s',
      async (file) => {
        const expectations = expectationsOf(file);
        const outputs = await implementation.run(expectations.map((one) => one.step));
        const got = expectations.map(({ title }, i) => ({ title, output: outputs[i] }));
        expect(got).toEqual(expectations.map(({ title, output }) => ({ title, output })));
      },
      60_000,
    );
  });
}
