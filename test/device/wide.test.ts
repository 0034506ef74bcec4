// A number that grows for as long as a board lives takes no more memory when it is large: on the real interpreter, beside a number that does.

import { describe, expect, it } from 'vitest';
import { buildFile } from '../../device/build/build.ts';
import { interpreter, runOnBoard } from '../sign/interpreter.ts';

if (interpreter === '')
  process.stderr.write(
    'SKIPPED: the memory of numbers on the real interpreter; set ESPRUINO to the path of an Espruino for Linux\n',
  );

describe('a number that passes 8191', () => {
  it.skipIf(interpreter === '')('takes no variable more', { timeout: 60_000 }, async () => {
    const { code } = await buildFile('test/device/wide-onboard.ts');
    const said = await runOnBoard(code, new Map(), 20_000);
    expect({ wide: said.get('wide'), plain: said.get('plain') }).toEqual({ wide: ['0'], plain: ['1'] });
  });
});
