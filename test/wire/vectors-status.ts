// Vectors of status messages. Accepted ones are written by the second writer of parties.ts; refused ones are spelled out by hand, one failure each.

import type { Case, VectorFile } from './cases.ts';
import { refusals } from './cases.ts';
import { cborOf, exampleChannel, hexOf } from './parties.ts';

const MAX32 = 4294967295;

export const STATE_NAMES = ['offline', 'serving', 'stopped', 'fault'];

function statusCase(name: string, code: number, channel: number, registerUnits: number): Case {
  const output = { kind: 'status', state: STATE_NAMES[code], channel, registerUnits };
  return {
    name,
    rule: 'W-19',
    operation: 'decode-status',
    input: { hex: hexOf(cborOf([1, code, channel, registerUnits])) },
    output,
  };
}

export const status: VectorFile = {
  about: 'Status messages [W-19]: [version, state, channel, meter register]; retained, and the last will; nobody has signed them',
  cases: [
    ...STATE_NAMES.map((state, code) => statusCase(state, code, exampleChannel, 4711)),
    statusCase('no channel yet', 1, 0, 0),
    statusCase('a register of 2^32', 1, 1, MAX32 + 1),
    statusCase('the largest', 3, MAX32, Number.MAX_SAFE_INTEGER),
    // prettier-ignore
    ...refusals('decode-status', 'malformed', {}, [
      ['version 0', 'W-19', '84 00 01 07 191267', 'byte 1: expected wire version in 1..1, got 0'],
      ['version 2', 'W-19', '84 02 01 07 191267', 'byte 1: expected wire version in 1..1, got 2'],
      ['a state outside the list', 'W-19', '84 01 04 07 191267', 'byte 2: expected state in 0..3, got 4'],
      ['channel 2^32', 'W-19', '84 01 01 1b0000000100000000 191267', 'byte 3: expected channel number in 0..4294967295, got 4294967296'],
      ['a register of 2^53', 'W-3', '84 01 01 07 1b0020000000000000', 'byte 4: expected meter register of at most 2^53-1, got more'],
      ['the state in two bytes', 'W-2', '84 01 1801 07 191267', 'byte 2: expected state in its shortest form, got 1 in 1 bytes'],
      ['three items', 'W-19', '83 01 01 07', 'byte 0: expected status of 4 items, got 3'],
      ['one byte more', 'W-4', '84 01 01 07 191267 00', 'byte 7: expected the end, got 1 more bytes'],
      ['an item missing', 'W-4', '84 01 01 07', 'byte 4: expected meter register, got the end'],
      ['no bytes', 'W-19', '', 'byte 0: expected status, got the end'],
    ]),
  ],
};
