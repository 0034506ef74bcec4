// Vectors of what messages are made of: CBOR items, and the COSE structures that proofs cover. Accepted items are written by cbor-x, structures by the
// second writer of parties.ts; refused items are spelled out by hand.

import type { Case, VectorFile } from './cases.ts';
import { macUnder } from './node-crypto.ts';
import { cborOf, device, devicePublic, exampleChannel, hexOf, hubBytes, macKey, parties, structureOf } from './parties.ts';
import { commitmentItems, exampleTerms } from './vectors-uplink.ts';

const MAX = Number.MAX_SAFE_INTEGER;

function item(name: string, as: string, hex: string, bounds: Case['input'], output: Case['output'], rule = 'W-2'): Case {
  return { name: `${as}: ${name}`, rule, operation: 'read-cbor', input: { as, hex, ...bounds }, output };
}

function uint(value: number): Case {
  return item(`${value}`, 'uint', hexOf(cborOf(value)), { min: 0, max: MAX }, { value });
}

function notUint(name: string, hex: string, detail: string, rule = 'W-2'): Case {
  return item(name, 'uint', hex, { min: 0, max: MAX }, { refusal: 'malformed', detail }, rule);
}

const EDGES = [0, 1, 23, 24, 255, 256, 65535, 65536, 4294967295, 4294967296, 1099511627776, MAX];
const SHORT = { min: 0, max: 16 };

export const cbor: VectorFile = {
  about: 'The CBOR subset [W-2] [W-3] [W-4]: one item alone in the input, in its only accepted form',
  cases: [
    ...EDGES.map(uint),
    notUint('23 in two bytes', '1817', 'byte 0: expected uint in its shortest form, got 23 in 1 bytes'),
    notUint('24 in three bytes', '190018', 'byte 0: expected uint in its shortest form, got 24 in 2 bytes'),
    notUint('256 in five bytes', '1a00000100', 'byte 0: expected uint in its shortest form, got 256 in 4 bytes'),
    notUint('65536 in nine bytes', '1b0000000000010000', 'byte 0: expected uint in its shortest form, got 65536 in 8 bytes'),
    notUint('2^53', '1b0020000000000000', 'byte 0: expected uint of at most 2^53-1, got more', 'W-3'),
    notUint('2^64-1', '1bffffffffffffffff', 'byte 0: expected uint of at most 2^53-1, got more', 'W-3'),
    notUint('-1', '20', 'byte 0: expected uint, got head 32'),
    notUint('1.0 as a half float', 'f93c00', 'byte 0: expected uint, got head 249'),
    notUint('bignum 1', 'c24101', 'byte 0: expected uint, got head 194'),
    notUint('tagged 1', 'c101', 'byte 0: expected uint, got head 193'),
    notUint('null', 'f6', 'byte 0: expected uint, got head 246'),
    notUint('undefined', 'f7', 'byte 0: expected uint, got head 247'),
    notUint('break', 'ff', 'byte 0: expected uint, got head 255'),
    ...['1c', '1d', '1e', '1f'].map((hex) =>
      notUint(`reserved head ${hex}`, `${hex}00`, `byte 0: expected uint, got head ${parseInt(hex, 16)}`),
    ),
    notUint('cut after the head', '19', 'byte 0: expected uint, got the end', 'W-4'),
    notUint('cut in the argument', '1a000100', 'byte 0: expected uint, got the end', 'W-4'),
    notUint('a second item', '0101', 'byte 1: expected the end, got 1 more bytes', 'W-4'),
    item('empty', 'bytes', '40', SHORT, { value: '' }),
    item('16 bytes', 'bytes', '50' + 'ff'.repeat(16), SHORT, { value: 'ff'.repeat(16) }),
    item('one too many', 'bytes', '51' + 'ff'.repeat(17), SHORT, {
      refusal: 'malformed',
      detail: 'byte 0: expected bytes of 0..16 bytes, got 17',
    }),
    item('a length of 2^32 that is not there', 'bytes', '5b0000000100000000', SHORT, {
      refusal: 'malformed',
      detail: 'byte 0: expected bytes of 0..16 bytes, got 4294967296',
    }),
    item('in pieces', 'bytes', '5f4101ff', SHORT, { refusal: 'malformed', detail: 'byte 0: expected bytes, got head 95' }),
    item('text instead', 'bytes', '6161', SHORT, { refusal: 'malformed', detail: 'byte 0: expected bytes, got head 97' }),
    item(
      'cut',
      'bytes',
      '4201',
      SHORT,
      { refusal: 'malformed', detail: 'byte 0: expected bytes of 2 bytes, got the end' },
      'W-4',
    ),
    item('printable ASCII from first to last', 'text', '62207e', SHORT, { value: ' ~' }),
    item('a control character', 'text', '611f', SHORT, {
      refusal: 'malformed',
      detail: 'byte 0: expected text in printable ASCII, got code 31',
    }),
    item('beyond ASCII', 'text', '62c3a9', SHORT, {
      refusal: 'malformed',
      detail: 'byte 0: expected text in printable ASCII, got code 195',
    }),
    item('in pieces', 'text', '7f6161ff', SHORT, { refusal: 'malformed', detail: 'byte 0: expected text, got head 127' }),
    item('true', 'bool', 'f5', {}, { value: true }),
    item('false', 'bool', 'f4', {}, { value: false }),
    item('null', 'bool', 'f6', {}, { refusal: 'malformed', detail: 'byte 0: expected bool (true or false), got head 246' }),
    item(
      'true in two bytes',
      'bool',
      'f815',
      {},
      { refusal: 'malformed', detail: 'byte 0: expected bool (true or false), got head 248' },
    ),
    item(
      'the end',
      'bool',
      '',
      {},
      { refusal: 'malformed', detail: 'byte 0: expected bool (true or false), got the end' },
      'W-4',
    ),
    item('of none', 'array', '80', { length: 0 }, { value: 0 }),
    item(
      'of another length',
      'array',
      '81',
      { length: 0 },
      { refusal: 'malformed', detail: 'byte 0: expected array of 0 items, got 1' },
    ),
    item(
      'length in two bytes',
      'array',
      '9800',
      { length: 0 },
      { refusal: 'malformed', detail: 'byte 0: expected array in its shortest form, got 0 in 1 bytes' },
    ),
    item(
      'of unknown length',
      'array',
      '9fff',
      { length: 0 },
      { refusal: 'malformed', detail: 'byte 0: expected array, got head 159' },
    ),
    item('a map', 'array', 'a0', { length: 0 }, { refusal: 'malformed', detail: 'byte 0: expected array, got head 160' }),
  ],
};

const PURPOSES = ['', 'commitment', 'voucher', 'receipt', 'reject', 'enrolment', 'grant', 'update', 'offer', 'piece'];

function coseCases(purpose: number, payload: string): Case[] {
  const input = { purpose, hub: hexOf(hubBytes), device, payload: hexOf(payload) };
  const name = `purpose ${purpose}, ${PURPOSES[purpose]}`;
  const toSign = structureOf('Signature1', purpose, payload, parties);
  const toMac = structureOf('MAC0', purpose, payload, parties);
  const tag = hexOf(macUnder(macKey)(toMac));
  return [
    {
      name: `${name}: Sig_structure`,
      rule: purpose === 5 ? 'W-29' : 'W-8',
      operation: 'sig-structure',
      input,
      output: { hex: hexOf(toSign) },
    },
    { name: `${name}: MAC_structure`, rule: 'W-8', operation: 'mac-structure', input, output: { hex: hexOf(toMac) } },
    { name: `${name}: tag`, rule: 'W-8', operation: 'tag', input: { ...input, macKey: hexOf(macKey) }, output: { tag } },
  ];
}

export const cose: VectorFile = {
  about: 'What signatures and tags cover [W-8]: Sig_structure and MAC_structure (RFC 9052), with the context in external_aad',
  cases: [
    ...coseCases(1, cborOf(commitmentItems(exampleTerms))),
    ...coseCases(2, cborOf([exampleChannel, 3, false])),
    ...coseCases(3, cborOf([exampleChannel, 2, false])),
    ...coseCases(4, cborOf([exampleChannel, 2, 8, 8])),
    ...coseCases(5, devicePublic),
    ...coseCases(6, cborOf([4811])),
    ...coseCases(7, cborOf([12, Buffer.from('vending'), 600, Buffer.alloc(32, 1)])),
    ...coseCases(8, cborOf([12, Buffer.from('vending'), 600, Buffer.alloc(32, 1), Buffer.alloc(64, 2)])),
    ...coseCases(9, cborOf([256, Buffer.from('a piece.')])),
  ],
};
