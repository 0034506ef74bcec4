// Both implementations that ship speak the same wire: shared/ on Node, and the same files bundled for the real interpreter. The environment
// variable ESPRUINO names the interpreter; without it that half is skipped, and says so.

import { describe, it } from 'vitest';
import type { Implementation } from './conformance.ts';
import { suite } from './conformance.ts';
import { onInterpreter } from './interpreter.ts';
import { sha256 } from './node-crypto.ts';
import { encode, operate } from './operations.ts';

export const onNode: Implementation = {
  run: (steps) =>
    Promise.resolve(
      steps.map(({ operation, input, encodes }) =>
        encodes === undefined ? operate(operation, input, sha256) : encode(operation, input, encodes, sha256),
      ),
    ),
};

suite('Node', onNode);

const interpreter = process.env['ESPRUINO'] ?? '';
if (interpreter === '') {
  describe('the wire, as spoken by the interpreter', () => {
    it.skip('SKIPPED: set ESPRUINO to the path of an Espruino interpreter to run the vectors on it', () => undefined);
  });
} else {
  suite('the interpreter', onInterpreter(interpreter));
}
