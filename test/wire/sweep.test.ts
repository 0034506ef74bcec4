// The interpreter and Node give the same answer to every mutation, sentence by sentence: bits of each byte flipped, each prefix cut, bytes appended,
// one message of each kind. Without the environment variable ESPRUINO it is skipped, and says so.

import { describe, expect, it } from 'vitest';
import type { Fields } from './fields.ts';
import { onInterpreter } from './interpreter.ts';
import { sha256 } from './node-crypto.ts';
import type { Sample } from './samples.ts';
import { SAMPLES } from './samples.ts';
import { sweep } from './sweep.ts';

const interpreter = process.env['ESPRUINO'] ?? '';
const KINDS = ['worked example', 'ordinary', 'gap-exceeded', 'serving'];
const rows = SAMPLES.filter(({ name }) => KINDS.some((kind) => name.includes(kind))).map((sample): [string, Sample] => [
  sample.name,
  sample,
]);

function inputOf({ name, operation, input }: Sample): Fields {
  const isSigned = name.startsWith('signed') || name.startsWith('commitment');
  return { ...input, of: operation, opaqueBytes: isSigned ? 64 : 0 };
}

describe('mutations, swept on Node', () => {
  it.each(rows)('%s: nothing decodes to what it is not', (_name, sample) => {
    const tally = sweep(inputOf(sample), sha256);
    expect(tally['other']).toBe(0);
    expect(tally['refused']).toBeGreaterThan((sample.input['hex'] as string).length / 2);
  });
});

if (interpreter === '') {
  describe('mutations, swept on the interpreter', () => {
    it.skip('SKIPPED: set ESPRUINO to the path of an Espruino interpreter to sweep on it', () => undefined);
  });
} else {
  const implementation = onInterpreter(interpreter);
  describe('mutations, swept on the interpreter', () => {
    it.each(rows)(
      '%s: the same answers as on Node',
      async (_name, sample) => {
        const input = inputOf(sample);
        const answers = await implementation.run([{ operation: 'sweep', input }]);
        expect(answers).toEqual([sweep(input, sha256)]);
      },
      120_000,
    );
  });
}
