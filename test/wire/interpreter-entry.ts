// What runs on the interpreter: the steps that the test has put in front of this bundle, one answer a line. In: the global `STEPS`. Out: lines
// that begin with a mark, because the console writes there too.

import type { Bytes } from '../../shared/bytes.ts';
import { encode, operate } from './operations.ts';
import type { Fields } from './fields.ts';
import { sweep } from './sweep.ts';

interface InterpreterStep {
  readonly operation: string;
  readonly input: Fields;
  readonly encodes?: Fields;
}

declare const STEPS: readonly InterpreterStep[];
declare const E: { toString(data: unknown): string };
declare function require(name: 'crypto'): { SHA256(data: Bytes): unknown };
declare function print(line: string): void;

const crypto = require('crypto');

function sha256(data: Bytes): Bytes {
  return E.toString(crypto.SHA256(data));
}

function answer(step: InterpreterStep): Fields {
  if (step.operation === 'sweep') return sweep(step.input, sha256);
  if (step.encodes !== undefined) return encode(step.operation, step.input, step.encodes, sha256);
  return operate(step.operation, step.input, sha256);
}

for (let i = 0; i < STEPS.length; i++) print('@@' + JSON.stringify(answer(STEPS[i] as InterpreterStep)));
print('@@end');
