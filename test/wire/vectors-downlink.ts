// Vectors of what the hub sends: receipts, rejects, grants, the list of reasons. Accepted ones are written by the second writer of
// parties.ts; refused ones differ from an accepted one in exactly one thing, and where the payload is at fault its tag is right.

import type { Bytes } from '../../shared/bytes.ts';
import type { Case, VectorFile } from './cases.ts';
import { spaced } from './cases.ts';
import { bytesOf } from './node-crypto.ts';
import type { Speaker } from './parties.ts';
import { cborOf, device, exampleChannel, hexOf, hubBytes, mac0, macKey, parties } from './parties.ts';

const LISTENER = { hub: hexOf(hubBytes), device, macKey: hexOf(macKey) };
const MAX32 = 4294967295;
const RECEIPT = 3;
const REJECT = 4;
const GRANT = 6;
const MAX53 = Number.MAX_SAFE_INTEGER;

/** The closed list, written down a second time: its order is the order of precedence. */
export const REASON_ROWS: readonly (readonly [reason: string, action: string])[] = [
  ['malformed', 'wait'],
  ['unknown-device', 'stop'],
  ['revoked-device', 'stop'],
  ['rate-limited', 'wait'],
  ['unknown-channel', 'send-commitment'],
  ['stale-channel', 'open-next'],
  ['channel-closed', 'open-next'],
  ['limit-exceeded', 'open-next'],
  ['chain-exceeded', 'open-next'],
  ['gap-exceeded', 'send-nearer'],
  ['unknown-payee', 'stop'],
  ['unknown-tariff', 'stop'],
  ['expired-tariff', 'stop'],
  ['excessive-limit', 'stop'],
  ['bad-payword', 'wait'],
  ['bad-signature', 'wait'],
  ['conflicting-channel', 'open-next'],
];

function heard(name: string, message: Bytes, output: Case['output'], rule = 'W-17'): Case {
  return { name, rule, operation: 'decode-downlink', input: { hex: hexOf(message), ...LISTENER }, output };
}

function unbelieved(name: string, rule: string, message: Bytes, detail: string): Case {
  const input = { hex: hexOf(message), ...LISTENER };
  return { name, rule, operation: 'decode-downlink', input, output: { refusal: 'not-believed', detail } };
}

/** A payload given as hex, under a right tag. */
function tagged(purpose: number, payload: string): Bytes {
  return mac0(purpose, bytesOf(Buffer.from(spaced(payload), 'hex')));
}

function receiptCase(name: string, channel: number, acceptedUnits: number, closed: boolean): Case {
  return heard(name, mac0(RECEIPT, cborOf([channel, acceptedUnits, closed])), {
    kind: 'receipt',
    channel,
    acceptedUnits,
    closed,
  });
}

const EXAMPLE = mac0(RECEIPT, cborOf([exampleChannel, 2, false]));
const OTHER: Speaker = { hub: '\x01'.repeat(8), device: '\x02'.repeat(8) };
const NO_MATCH = 'the tag does not match';

function edited(from: string, to: string): Bytes {
  const hex = hexOf(EXAMPLE);
  if (hex.split(from).length !== 2) throw new Error(`expected ${from} once in ${hex}`);
  return bytesOf(Buffer.from(hex.replace(from, to), 'hex'));
}

export const receipt: VectorFile = {
  about: 'Receipts [W-17]: COSE_Mac0 of [channel, accepted units, closed], for one device from one hub',
  cases: [
    receiptCase('the worked example', exampleChannel, 2, false),
    receiptCase('the answer to a commitment', exampleChannel, 0, false),
    receiptCase('a closed channel', exampleChannel, 42, true),
    receiptCase('closed without use', exampleChannel, 0, true),
    receiptCase('the largest', MAX32, MAX32, true),
    unbelieved('another tag', 'W-8', EXAMPLE.slice(0, -1) + '\0', NO_MATCH),
    unbelieved('for another device', 'W-8', mac0(RECEIPT, cborOf([7, 2, false]), { ...parties, device: OTHER.device }), NO_MATCH),
    unbelieved('from another hub', 'W-8', mac0(RECEIPT, cborOf([7, 2, false]), { ...parties, hub: OTHER.hub }), NO_MATCH),
    unbelieved('under another key', 'W-8', mac0(RECEIPT, cborOf([7, 2, false]), parties, '\x01'.repeat(32)), NO_MATCH),
    unbelieved('made as a reject', 'W-8', mac0(REJECT, cborOf([7, 2, false])), NO_MATCH),
    unbelieved('units changed after the tag', 'W-17', edited('44830702f4', '44830703f4'), NO_MATCH),
    unbelieved('channel 0', 'W-17', tagged(RECEIPT, '83 00 02 f4'), 'byte 1: expected channel number in 1..4294967295, got 0'),
    unbelieved(
      '2^32 units',
      'W-17',
      tagged(RECEIPT, '83 07 1b0000000100000000 f4'),
      'byte 2: expected units in 0..4294967295, got 4294967296',
    ),
    unbelieved(
      '2 units in two bytes',
      'W-2',
      tagged(RECEIPT, '83 07 1802 f4'),
      'byte 2: expected units in its shortest form, got 2 in 1 bytes',
    ),
    unbelieved(
      'the closed flag as a number',
      'W-17',
      tagged(RECEIPT, '83 07 02 00'),
      'byte 3: expected closed flag (true or false), got head 0',
    ),
    unbelieved('no items', 'W-17', tagged(RECEIPT, '80'), 'byte 0: expected receipt of 3 items, got 0'),
    unbelieved('six items', 'W-9', tagged(RECEIPT, '86 07 02 f4 00 00 00'), 'byte 0: expected receipt of 3 items, got 6'),
    unbelieved('two items, which would be a piece', 'W-9', tagged(RECEIPT, '82 07 02'), NO_MATCH),
    unbelieved('five items, which would be an offer', 'W-9', tagged(RECEIPT, '85 07 02 f4 00 00'), NO_MATCH),
    unbelieved(
      'a byte after the payload',
      'W-4',
      tagged(RECEIPT, '83 07 02 f4 00'),
      'byte 4: expected the end, got 1 more bytes',
    ),
    unbelieved(
      'a tag of 7 bytes',
      'W-7',
      edited(hexOf(EXAMPLE).slice(-18), '47' + hexOf(EXAMPLE).slice(-16, -2)),
      'byte 11: expected proof of 8 bytes, got 7',
    ),
    unbelieved(
      'a tag of 32 bytes',
      'W-7',
      edited(hexOf(EXAMPLE).slice(-18), '5820' + '00'.repeat(32)),
      'byte 11: expected proof of 8 bytes, got 32',
    ),
    unbelieved(
      'another algorithm (HMAC 256/256)',
      'W-7',
      edited('43a10104', '43a10105'),
      'byte 1: expected protected header, got other bytes',
    ),
    unbelieved(
      'a signature instead of a MAC',
      'W-7',
      edited('43a10104', '43a10127'),
      'byte 1: expected protected header, got other bytes',
    ),
    unbelieved('one byte more', 'W-4', EXAMPLE + '\0', 'byte 20: expected the end, got 1 more bytes'),
    unbelieved('cut in the tag', 'W-4', EXAMPLE.slice(0, -1), 'byte 11: expected proof of 8 bytes, got the end'),
    unbelieved('no bytes', 'W-9', '', 'byte 0: expected COSE message, got the end'),
  ],
};

function rejectCase(name: string, channel: number, units: number, code: number, nextChannel: number): Case {
  const reason = REASON_ROWS[code]?.[0];
  return heard(name, mac0(REJECT, cborOf([channel, units, code, nextChannel])), {
    kind: 'reject',
    channel,
    units,
    reason,
    nextChannel,
  });
}

export const reject: VectorFile = {
  about: 'Rejects [W-17] [W-18]: COSE_Mac0 of [channel, units, reason, next channel], for one device from one hub',
  cases: [
    ...REASON_ROWS.map(([reason], code) => rejectCase(reason, exampleChannel, 2, code, 8)),
    rejectCase('of a message that could not be read', 0, 0, 0, 1),
    rejectCase('of a commitment', exampleChannel, 0, 12, 7),
    rejectCase('the largest', MAX32, MAX32, 16, MAX32),
    unbelieved('made as a receipt', 'W-8', mac0(RECEIPT, cborOf([7, 2, 8, 8])), NO_MATCH),
    unbelieved('a reason outside the list', 'W-18', tagged(REJECT, '84 07 02 11 08'), 'byte 3: expected reason in 0..16, got 17'),
    unbelieved('the reason as text', 'W-18', tagged(REJECT, '84 07 02 6131 08'), 'byte 3: expected reason, got head 97'),
    unbelieved(
      'next channel 0',
      'W-17',
      tagged(REJECT, '84 07 02 08 00'),
      'byte 4: expected next channel number in 1..4294967295, got 0',
    ),
    unbelieved(
      'next channel 2^32',
      'W-17',
      tagged(REJECT, '84 07 02 08 1b0000000100000000'),
      'byte 4: expected next channel number in 1..4294967295, got 4294967296',
    ),
    unbelieved(
      'channel 2^32',
      'W-17',
      tagged(REJECT, '84 1b0000000100000000 02 08 08'),
      'byte 1: expected channel number in 0..4294967295, got 4294967296',
    ),
    unbelieved(
      '2^32 units',
      'W-17',
      tagged(REJECT, '84 07 1b0000000100000000 08 08'),
      'byte 2: expected units in 0..4294967295, got 4294967296',
    ),
    unbelieved('an item missing', 'W-4', tagged(REJECT, '84 07 02 08'), 'byte 4: expected next channel number, got the end'),
    unbelieved(
      'a byte after the payload',
      'W-4',
      tagged(REJECT, '84 07 02 08 08 00'),
      'byte 5: expected the end, got 1 more bytes',
    ),
  ],
};

function grantCase(name: string, ceilingUnits: number): Case {
  return heard(name, mac0(GRANT, cborOf([ceilingUnits])), { kind: 'grant', ceilingUnits }, 'W-30');
}

const ENOUGH = cborOf([4811]);

export const grant: VectorFile = {
  about: 'Grants [W-30]: COSE_Mac0 of [register ceiling], for one prepaid device from one hub',
  cases: [
    grantCase('a hundred units more', 4811),
    grantCase('of nothing', 0),
    grantCase('beyond 32 bits', 4294967296),
    grantCase('the largest', MAX53),
    unbelieved('another tag', 'W-8', mac0(GRANT, ENOUGH).slice(0, -1) + '\0', NO_MATCH),
    unbelieved('for another device', 'W-8', mac0(GRANT, ENOUGH, { ...parties, device: OTHER.device }), NO_MATCH),
    unbelieved('from another hub', 'W-8', mac0(GRANT, ENOUGH, { ...parties, hub: OTHER.hub }), NO_MATCH),
    unbelieved('under another key', 'W-8', mac0(GRANT, ENOUGH, parties, '\x01'.repeat(32)), NO_MATCH),
    unbelieved('made as a receipt', 'W-8', mac0(RECEIPT, ENOUGH), NO_MATCH),
    unbelieved('made as a reject', 'W-8', mac0(REJECT, ENOUGH), NO_MATCH),
    unbelieved('a receipt made as a grant', 'W-8', mac0(GRANT, cborOf([7, 2, false])), NO_MATCH),
    unbelieved(
      'a ceiling of 2^53',
      'W-30',
      tagged(GRANT, '81 1b0020000000000000'),
      'byte 1: expected ceiling of at most 2^53-1, got more',
    ),
    unbelieved('a negative ceiling', 'W-30', tagged(GRANT, '81 20'), 'byte 1: expected ceiling, got head 32'),
    unbelieved(
      'a ceiling in too many bytes',
      'W-2',
      tagged(GRANT, '81 1817'),
      'byte 1: expected ceiling in its shortest form, got 23 in 1 bytes',
    ),
    unbelieved('no ceiling', 'W-4', tagged(GRANT, '81'), 'byte 1: expected ceiling, got the end'),
    unbelieved('a byte after the payload', 'W-4', tagged(GRANT, '81 05 00'), 'byte 2: expected the end, got 1 more bytes'),
    unbelieved('two items, which would be a piece', 'W-9', tagged(GRANT, '82 05 00'), NO_MATCH),
  ],
};

export const reasonList: VectorFile = {
  about:
    'The closed list of reject reasons [W-18]: code on the wire = place in the order of precedence; what the device does about each',
  cases: [
    {
      name: 'the whole list',
      rule: 'W-18',
      operation: 'reasons',
      input: {},
      output: { reasons: REASON_ROWS.map(([reason, action], code) => ({ code, reason, action })) },
    },
  ],
};
