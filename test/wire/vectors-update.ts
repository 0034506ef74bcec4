// Vectors of what brings new firmware: offers and pieces from the hub, reports of devices, the digest of a file. Accepted ones are written by the second writer of
// parties.ts and signed by node:crypto; refused ones differ from an accepted one in exactly one thing, and where the payload is at fault its tag is right.

import type { Bytes } from '../../shared/bytes.ts';
import type { Case, VectorFile } from './cases.ts';
import { refusals, spaced } from './cases.ts';
import { bufferOf, bytesOf, sha256, signWith } from './node-crypto.ts';
import { cborOf, device, hexOf, hubBytes, hubSeed, mac0, macKey, parties, structureOf } from './parties.ts';

const LISTENER = { hub: hexOf(hubBytes), device, macKey: hexOf(macKey) };
const UPDATE = 7;
const OFFER = 8;
const PIECE = 9;
const NO_MATCH = 'the tag does not match';

export const REPORT_NAMES = ['running', 'loading', 'ready', 'trial', 'rolled-back', 'no-room', 'not-signed', 'damaged'];

/** 600 bytes, so two whole pieces and a part. */
const FILE = bytesOf(Uint8Array.from({ length: 600 }, (_, i) => (i * 7) & 255));

/** h = SHA-256(h | piece), written down a second time. */
function chained(file: Bytes): Bytes {
  let digest = '';
  for (let at = 0; at < file.length; at += 256) digest = sha256(digest + file.slice(at, at + 256));
  return digest;
}

interface Terms {
  readonly version: number;
  readonly build: string;
  readonly fileBytes: number;
  readonly digest: Bytes;
}

const EXAMPLE: Terms = { version: 12, build: 'vending', fileBytes: 600, digest: chained(FILE) };
const LARGEST: Terms = { version: 99999999, build: 'sixteen-letters-', fileBytes: 65532, digest: '\xff'.repeat(32) };

function itemsOf(terms: Terms): unknown[] {
  return [terms.version, bufferOf(terms.build), terms.fileBytes, bufferOf(terms.digest)];
}

/** What the hub signs is for every device: its aad names eight zero bytes. */
export function updateStructure(payload: Bytes): Bytes {
  return structureOf('Signature1', UPDATE, payload, { hub: hubBytes, device: '\0'.repeat(8) });
}

function signatureOn(terms: Terms): Bytes {
  return signWith(hubSeed, updateStructure(cborOf(itemsOf(terms))));
}

function offerPayload(terms: Terms): Bytes {
  return cborOf([...itemsOf(terms), bufferOf(signatureOn(terms))]);
}

function heard(name: string, rule: string, message: Bytes, output: Case['output']): Case {
  return { name, rule, operation: 'decode-downlink', input: { hex: hexOf(message), ...LISTENER }, output };
}

function unbelieved(name: string, rule: string, message: Bytes, detail: string): Case {
  return heard(name, rule, message, { refusal: 'not-believed', detail });
}

function offerCase(name: string, terms: Terms): Case {
  return heard(name, 'W-31', mac0(OFFER, offerPayload(terms)), {
    kind: 'offer',
    version: terms.version,
    build: hexOf(terms.build),
    fileBytes: terms.fileBytes,
    digest: hexOf(terms.digest),
    signature: hexOf(signatureOn(terms)),
  });
}

/** An offer whose payload differs in one place from the example's, under a right tag. */
function changedOffer(name: string, rule: string, from: string, to: string, detail: string): Case {
  const hex = hexOf(offerPayload(EXAMPLE));
  if (hex.split(spaced(from)).length !== 2) throw new Error(`expected ${from} once in ${hex}`);
  return unbelieved(name, rule, mac0(OFFER, bytesOf(Buffer.from(hex.replace(spaced(from), spaced(to)), 'hex'))), detail);
}

function structureCase(name: string, terms: Terms): Case {
  return {
    name: `${name}: what the hub signs`,
    rule: 'W-31',
    operation: 'offer-structure',
    input: { hub: hexOf(hubBytes), ...terms, build: hexOf(terms.build), digest: hexOf(terms.digest) },
    output: { hex: hexOf(updateStructure(cborOf(itemsOf(terms)))) },
  };
}

function digestCase(name: string, file: Bytes): Case {
  return { name, rule: 'W-31', operation: 'file-digest', input: { hex: hexOf(file) }, output: { digest: hexOf(chained(file)) } };
}

const HEAD = '85 0c 47 76656e64696e67 190258 5820';
const example = offerPayload(EXAMPLE);

export const offer: VectorFile = {
  about:
    'Offers of firmware [W-31]: COSE_Mac0 of [version, build, length, digest, signature of the hub], what that signature covers, and the digest of a file',
  cases: [
    offerCase('version 12 for vending machines', EXAMPLE),
    offerCase('the first', { ...EXAMPLE, version: 1, build: 'g', fileBytes: 4 }),
    offerCase('for another build', { ...EXAMPLE, build: 'charging-low' }),
    offerCase('the largest', LARGEST),
    structureCase('version 12', EXAMPLE),
    structureCase('the largest', LARGEST),
    digestCase('one byte', 'a'),
    digestCase('one piece', FILE.slice(0, 256)),
    digestCase('one piece and a byte', FILE.slice(0, 257)),
    digestCase('two pieces and a part', FILE),
    unbelieved('another tag', 'W-8', mac0(OFFER, example).slice(0, -1) + '\0', NO_MATCH),
    unbelieved('for another device', 'W-8', mac0(OFFER, example, { ...parties, device: '\x02'.repeat(8) }), NO_MATCH),
    unbelieved('from another hub', 'W-8', mac0(OFFER, example, { ...parties, hub: '\x01'.repeat(8) }), NO_MATCH),
    unbelieved('made as a piece', 'W-8', mac0(PIECE, example), NO_MATCH),
    unbelieved("under its signature's purpose", 'W-8', mac0(UPDATE, example), NO_MATCH),
    changedOffer('version 0', 'W-31', HEAD, HEAD.replace('0c', '00'), 'byte 1: expected version in 1..99999999, got 0'),
    changedOffer(
      'a version of nine digits',
      'W-31',
      HEAD,
      HEAD.replace('0c', '1a05f5e100'),
      'byte 1: expected version in 1..99999999, got 100000000',
    ),
    changedOffer('no build', 'W-31', '47 76656e64696e67', '40', 'byte 2: expected build of 1..16 bytes, got 0'),
    changedOffer(
      'a build of 17 bytes',
      'W-31',
      '47 76656e64696e67',
      '51' + '61'.repeat(17),
      'byte 2: expected build of 1..16 bytes, got 17',
    ),
    changedOffer('the build as text', 'W-31', '47 7665', '67 7665', 'byte 2: expected build, got head 103'),
    changedOffer('no byte', 'W-31', '190258', '00', 'byte 10: expected length in 4..65532, got 0'),
    changedOffer('a length of 64 KiB', 'W-31', '190258', '1a00010000', 'byte 10: expected length in 4..65532, got 65536'),
    changedOffer('a length that is not in words', 'W-31', '190258', '190257', 'length 599 is not in whole words'),
    changedOffer(
      'a length in too many bytes',
      'W-2',
      '190258',
      '1a00000258',
      'byte 10: expected length in its shortest form, got 600 in 4 bytes',
    ),
    changedOffer(
      'a digest of 31 bytes',
      'W-31',
      '5820' + hexOf(EXAMPLE.digest),
      '581f' + hexOf(EXAMPLE.digest).slice(2),
      'byte 13: expected digest of 32 bytes, got 31',
    ),
    changedOffer(
      'a signature of 63 bytes',
      'W-31',
      '5840' + hexOf(signatureOn(EXAMPLE)),
      '583f' + hexOf(signatureOn(EXAMPLE)).slice(2),
      'byte 47: expected signature of 64 bytes, got 63',
    ),
    unbelieved('a byte after the payload', 'W-4', mac0(OFFER, example + '\0'), 'byte 113: expected the end, got 1 more bytes'),
    unbelieved('six items', 'W-9', mac0(3, '\x86' + example.slice(1)), 'byte 0: expected receipt of 3 items, got 6'),
  ],
};

function pieceCase(name: string, at: number, bytes: Bytes): Case {
  return heard(name, 'W-32', mac0(PIECE, cborOf([at, bufferOf(bytes)])), { kind: 'piece', at, bytes: hexOf(bytes) });
}

function tagged(payload: string): Bytes {
  return mac0(PIECE, bytesOf(Buffer.from(spaced(payload), 'hex')));
}

export const piece: VectorFile = {
  about: 'Pieces of firmware [W-32]: COSE_Mac0 of [offset, bytes], for one device from one hub',
  cases: [
    pieceCase('the first', 0, FILE.slice(0, 256)),
    pieceCase('the second', 256, FILE.slice(256, 512)),
    pieceCase('the last, a part', 512, FILE.slice(512)),
    pieceCase('one word', 4, 'word'),
    pieceCase('the largest', 65528, '\xff'.repeat(256)),
    unbelieved('another tag', 'W-8', mac0(PIECE, cborOf([0, bufferOf(FILE.slice(0, 8))])).slice(0, -1) + '\0', NO_MATCH),
    unbelieved('made as an offer', 'W-8', mac0(OFFER, cborOf([0, bufferOf(FILE.slice(0, 8))])), NO_MATCH),
    unbelieved('made as a receipt', 'W-8', mac0(3, cborOf([0, bufferOf(FILE.slice(0, 8))])), NO_MATCH),
    unbelieved('no bytes', 'W-32', tagged('82 00 40'), 'byte 2: expected bytes of 4..256 bytes, got 0'),
    unbelieved('three bytes', 'W-32', tagged('82 00 43 616263'), 'byte 2: expected bytes of 4..256 bytes, got 3'),
    unbelieved(
      'more than a piece',
      'W-32',
      tagged('82 00 590101' + '61'.repeat(257)),
      'byte 2: expected bytes of 4..256 bytes, got 257',
    ),
    unbelieved(
      'an offset beyond the longest file',
      'W-32',
      tagged('82 19fffc 44 61626364'),
      'byte 1: expected offset in 0..65528, got 65532',
    ),
    unbelieved('text', 'W-32', tagged('82 00 64 61626364'), 'byte 2: expected bytes, got head 100'),
    unbelieved('a byte after the payload', 'W-4', tagged('82 00 44 61626364 00'), 'byte 7: expected the end, got 1 more bytes'),
    unbelieved(
      'a payload beyond what any message has',
      'W-7',
      tagged('82 19fff8 590102' + '61'.repeat(258)),
      'byte 6: expected payload of 1..263 bytes, got 265',
    ),
  ],
};

interface Said {
  readonly version: number;
  readonly build: string;
  readonly state: string;
  readonly offered: number;
  readonly at: number;
}

function reportCase(name: string, said: Said): Case {
  const items = [said.version, bufferOf(said.build), REPORT_NAMES.indexOf(said.state), said.offered, said.at];
  return {
    name,
    rule: 'W-33',
    operation: 'decode-report',
    input: { hex: hexOf(cborOf(items)) },
    output: { kind: 'report', ...said, build: hexOf(said.build) },
  };
}

export const report: VectorFile = {
  about: 'Reports [W-33]: [running version, build, state, version that the state is about, offset]; nobody has signed them',
  cases: [
    ...REPORT_NAMES.map((state) => reportCase(state, { version: 11, build: 'vending', state, offered: 12, at: 512 })),
    reportCase('after a cable', { version: 0, build: 'charging-low', state: 'running', offered: 0, at: 0 }),
    reportCase('the largest', { version: 99999999, build: 'x'.repeat(16), state: 'damaged', offered: 99999999, at: 65532 }),
    ...refusals('decode-report', 'malformed', {}, [
      ['a state outside the list', 'W-33', '85 0b 4161 08 0c 00', 'byte 4: expected state in 0..7, got 8'],
      ['no build', 'W-33', '85 0b 40 00 0c 00', 'byte 2: expected build of 1..16 bytes, got 0'],
      ['the build as text', 'W-33', '85 0b 6161 00 0c 00', 'byte 2: expected build, got head 97'],
      ['an offset of 64 KiB', 'W-33', '85 0b 4161 01 0c 1a00010000', 'byte 6: expected offset in 0..65532, got 65536'],
      [
        'a version of nine digits',
        'W-33',
        '85 1a05f5e100 4161 00 00 00',
        'byte 1: expected version in 0..99999999, got 100000000',
      ],
      [
        'a version in too many bytes',
        'W-2',
        '85 180b 4161 00 0c 00',
        'byte 1: expected version in its shortest form, got 11 in 1 bytes',
      ],
      ['an item missing', 'W-4', '85 0b 4161 00 0c', 'byte 6: expected offset, got the end'],
      ['a byte more', 'W-4', '85 0b 4161 00 0c 00 00', 'byte 7: expected the end, got 1 more bytes'],
      ['four items', 'W-9', '84 0b 4161 00 0c', 'byte 0: expected report of 5 items, got 4'],
      ['no bytes', 'W-9', '', 'byte 0: expected report, got the end'],
    ]),
  ],
};
