// Vectors of what devices send: payword vouchers, signed vouchers, commitments. Accepted ones are written by the second writer of parties.ts;
// refused ones are spelled out by hand, one failure each.

import type { Bytes } from '../../shared/bytes.ts';
import type { Case, Refused, VectorFile } from './cases.ts';
import { refusals } from './cases.ts';
import { bufferOf } from './node-crypto.ts';
import { cborOf, exampleChain, exampleChannel, hexOf, lastLink, payee, sign1, tariffId } from './parties.ts';

function decoded(name: string, rule: string, message: Bytes, output: Case['output']): Case {
  return { name, rule, operation: 'decode-uplink', input: { hex: hexOf(message) }, output };
}

function malformed(rows: readonly Refused[]): Case[] {
  return refusals('decode-uplink', 'malformed', {}, rows);
}

function paywordCase(name: string, channel: number, units: number, link: Bytes): Case {
  const message = cborOf([channel, units, bufferOf(link)]);
  return decoded(name, 'W-10', message, { kind: 'payword', channel, units, link: hexOf(link) });
}

const LINK = '50' + hexOf(lastLink);
const MAX32 = 4294967295;

export const paywordVoucher: VectorFile = {
  about: 'Payword vouchers [W-10]: [channel, units, link]',
  cases: [
    paywordCase('the worked example', exampleChannel, 2, exampleChain[2] ?? ''),
    paywordCase('the smallest', 1, 1, lastLink),
    ...[23, 24, 255, 256, 65535, 65536, MAX32].map((channel) => paywordCase(`channel ${channel}`, channel, 1, lastLink)),
    ...[23, 24, 255, 256, 65535].map((units) => paywordCase(`${units} units`, 1, units, lastLink)),
    paywordCase('the largest', MAX32, 65535, '\xff'.repeat(16)),
    // prettier-ignore
    ...malformed([
      ['no bytes', 'W-9', '', 'byte 0: expected COSE message, got the end'],
      ['an array of two', 'W-9', '82 07 02', 'byte 0: expected COSE message of 4 items, got 2'],
      ['an array of five', 'W-9', `85 07 02 ${LINK} 00 00`, 'byte 0: expected COSE message of 4 items, got 5'],
      ['an array head in two bytes', 'W-2', `98 03 07 02 ${LINK}`, 'byte 0: expected COSE message in its shortest form, got 3 in 1 bytes'],
      ['an array of unknown length', 'W-2', `9f 07 02 ${LINK} ff`, 'byte 0: expected COSE message, got head 159'],
      ['a map', 'W-9', 'a1 07 02', 'byte 0: expected COSE message, got head 161'],
      ['a tag in front', 'W-2', `d8 18 83 07 02 ${LINK}`, 'byte 0: expected COSE message, got head 216'],
      ['channel 0', 'W-10', `83 00 02 ${LINK}`, 'byte 1: expected channel number in 1..4294967295, got 0'],
      ['channel 2^32', 'W-10', `83 1b0000000100000000 02 ${LINK}`, 'byte 1: expected channel number in 1..4294967295, got 4294967296'],
      ['channel 7 in two bytes', 'W-2', `83 1807 02 ${LINK}`, 'byte 1: expected channel number in its shortest form, got 7 in 1 bytes'],
      ['channel 23 in two bytes', 'W-2', `83 1817 02 ${LINK}`, 'byte 1: expected channel number in its shortest form, got 23 in 1 bytes'],
      ['channel 255 in three bytes', 'W-2', `83 1900ff 02 ${LINK}`, 'byte 1: expected channel number in its shortest form, got 255 in 2 bytes'],
      ['channel 65535 in five bytes', 'W-2', `83 1a0000ffff 02 ${LINK}`, 'byte 1: expected channel number in its shortest form, got 65535 in 4 bytes'],
      ['channel 2^32-1 in nine bytes', 'W-2', `83 1b00000000ffffffff 02 ${LINK}`, 'byte 1: expected channel number in its shortest form, got 4294967295 in 8 bytes'],
      ['a reserved length (28)', 'W-2', `83 1c07 02 ${LINK}`, 'byte 1: expected channel number, got head 28'],
      ['a negative channel', 'W-2', `83 26 02 ${LINK}`, 'byte 1: expected channel number, got head 38'],
      ['a floating-point channel', 'W-2', `83 f94700 02 ${LINK}`, 'byte 1: expected channel number, got head 249'],
      ['a bignum channel', 'W-2', `83 c24107 02 ${LINK}`, 'byte 1: expected channel number, got head 194'],
      ['the channel as text', 'W-10', `83 6137 02 ${LINK}`, 'byte 1: expected channel number, got head 97'],
      ['0 units', 'W-10', `83 07 00 ${LINK}`, 'byte 2: expected units in 1..65535, got 0'],
      ['65536 units', 'W-10', `83 07 1a00010000 ${LINK}`, 'byte 2: expected units in 1..65535, got 65536'],
      ['units above 2^53-1', 'W-3', `83 07 1b0020000000000000 ${LINK}`, 'byte 2: expected units of at most 2^53-1, got more'],
      ['2 units in three bytes', 'W-2', `83 07 190002 ${LINK}`, 'byte 2: expected units in its shortest form, got 2 in 2 bytes'],
      ['a link of 15 bytes', 'W-10', `83 07 02 4f${'a0'.repeat(15)}`, 'byte 3: expected payword of 16 bytes, got 15'],
      ['a link of 17 bytes', 'W-10', `83 07 02 51${'a0'.repeat(17)}`, 'byte 3: expected payword of 16 bytes, got 17'],
      ['the link as text', 'W-10', `83 07 02 70${'61'.repeat(16)}`, 'byte 3: expected payword, got head 112'],
      ['the link in pieces', 'W-2', `83 07 02 5f ${LINK} ff`, 'byte 3: expected payword, got head 95'],
      ['a link length in two bytes', 'W-2', `83 07 02 5810${'a0'.repeat(16)}`, 'byte 3: expected payword in its shortest form, got 16 in 1 bytes'],
      ['cut in the channel', 'W-4', '83 1a0000', 'byte 1: expected channel number, got the end'],
      ['cut before the link', 'W-4', '83 07 02', 'byte 3: expected payword, got the end'],
      ['cut in the link', 'W-4', `83 07 02 50${'a0'.repeat(15)}`, 'byte 3: expected payword of 16 bytes, got the end'],
      ['one byte more', 'W-4', `83 07 02 ${LINK} 00`, 'byte 20: expected the end, got 1 more bytes'],
      ['513 bytes', 'W-1', `83 07 02 ${LINK} ${'00'.repeat(493)}`, 'expected at most 512 bytes, got 513'],
      ['512 bytes', 'W-4', `83 07 02 ${LINK} ${'00'.repeat(492)}`, 'byte 20: expected the end, got 492 more bytes'],
    ]),
  ],
};

function signedCase(name: string, channel: number, units: number, closing: boolean): Case {
  const { message, signature } = sign1(2, cborOf([channel, units, closing]));
  return decoded(name, 'W-11', message, { kind: 'signed', channel, units, closing, signature: hexOf(signature) });
}

const SIGNED_HEAD = '84 43a10127 a0';
const PROOF = `5840${'5a'.repeat(64)}`;
/** A COSE_Sign1 around a payload; the reader does not look at the signature, so any will do. */
function enveloped(payload: string): string {
  const hex = payload.replaceAll(' ', '');
  return `${SIGNED_HEAD} ${hexOf(cborOf(Buffer.from(hex, 'hex')))} ${PROOF}`;
}

export const signedVoucher: VectorFile = {
  about: 'Signed vouchers [W-11]: COSE_Sign1 of [channel, units, closing]',
  cases: [
    signedCase('an ordinary one', exampleChannel, 3, false),
    signedCase('a closing one', exampleChannel, 42, true),
    signedCase('closing an unused channel', exampleChannel, 0, true),
    signedCase('more units than a chain can have', exampleChannel, 65536, false),
    signedCase('the largest', MAX32, MAX32, true),
    // prettier-ignore
    ...malformed([
      ['0 units, not closing', 'W-11', enveloped('83 07 00 f4'), 'a voucher for 0 units must be a closing one'],
      ['units 2^32', 'W-11', enveloped('83 07 1b0000000100000000 f4'), 'byte 2: expected units in 0..4294967295, got 4294967296'],
      ['channel 0', 'W-11', enveloped('83 00 03 f4'), 'byte 1: expected channel number in 1..4294967295, got 0'],
      ['the closing flag as a number', 'W-11', enveloped('83 07 03 01'), 'byte 3: expected closing flag (true or false), got head 1'],
      ['the closing flag null', 'W-11', enveloped('83 07 03 f6'), 'byte 3: expected closing flag (true or false), got head 246'],
      ['the closing flag in two bytes', 'W-2', enveloped('83 07 03 f815'), 'byte 3: expected closing flag (true or false), got head 248'],
      ['a payload of two items', 'W-11', enveloped('82 07 03'), 'byte 0: expected signed voucher of 3 items, got 2'],
      ['a payload cut short', 'W-4', enveloped('83 07 03'), 'byte 3: expected closing flag (true or false), got the end'],
      ['a byte after the payload', 'W-4', enveloped('83 07 03 f4 00'), 'byte 4: expected the end, got 1 more bytes'],
      ['an empty payload', 'W-7', enveloped(''), 'byte 6: expected payload of 1..128 bytes, got 0'],
      ['a payload of 129 bytes', 'W-7', enveloped('83 07 03 f4' + '00'.repeat(125)), 'byte 6: expected payload of 1..128 bytes, got 129'],
      ['a detached payload', 'W-7', `${SIGNED_HEAD} f6 ${PROOF}`, 'byte 6: expected payload, got head 246'],
      ['the payload in pieces', 'W-2', `${SIGNED_HEAD} 5f44830703f4ff ${PROOF}`, 'byte 6: expected payload, got head 95'],
      ['another algorithm (ES256)', 'W-7', `84 43a10126 a0 44830703f4 ${PROOF}`, 'byte 1: expected protected header, got other bytes'],
      ['the algorithm unprotected', 'W-7', `84 40 a10127 44830703f4 ${PROOF}`, 'byte 1: expected protected header, got other bytes'],
      ['the protected length in two bytes', 'W-2', `84 5803a10127 a0 44830703f4 ${PROOF}`, 'byte 1: expected protected header, got other bytes'],
      ['a key id in the unprotected header', 'W-7', `84 43a10127 a1044107 44830703f4 ${PROOF}`, 'byte 5: expected empty unprotected header, got other bytes'],
      ['COSE tag 18 in front', 'W-7', `d2 84 43a10127 a0 44830703f4 ${PROOF}`, 'byte 0: expected COSE message, got head 210'],
      ['a MAC instead of a signature', 'W-7', '84 43a10104 a0 44830703f4 48 5a5a5a5a5a5a5a5a', 'byte 1: expected protected header, got other bytes'],
      ['a signature of 63 bytes', 'W-7', `${SIGNED_HEAD} 44830703f4 583f${'5a'.repeat(63)}`, 'byte 11: expected proof of 64 bytes, got 63'],
      ['a signature of 65 bytes', 'W-7', `${SIGNED_HEAD} 44830703f4 5841${'5a'.repeat(65)}`, 'byte 11: expected proof of 64 bytes, got 65'],
      ['cut in the signature', 'W-4', `${SIGNED_HEAD} 44830703f4 5840${'5a'.repeat(63)}`, 'byte 11: expected proof of 64 bytes, got the end'],
      ['one byte more', 'W-4', `${SIGNED_HEAD} 44830703f4 ${PROOF} 00`, 'byte 77: expected the end, got 1 more bytes'],
    ]),
  ],
};

interface TermsRow {
  readonly channel: number;
  readonly payee: Bytes;
  readonly tariff: Bytes;
  readonly limitUnits: number;
  readonly anchor: Bytes;
  readonly chainUnits: number;
  readonly openedRegisterUnits: number;
}

export const exampleTerms: TermsRow = {
  channel: exampleChannel,
  payee,
  tariff: tariffId,
  limitUnits: 100,
  anchor: exampleChain[0] ?? '',
  chainUnits: 100,
  openedRegisterUnits: 4711,
};

export function commitmentItems(terms: TermsRow): unknown[] {
  return Object.values(terms).map((item: Bytes | number) => (typeof item === 'string' ? bufferOf(item) : item));
}

function commitmentCase(name: string, changed: Partial<TermsRow>): Case {
  const terms = { ...exampleTerms, ...changed };
  const { message, signature } = sign1(1, cborOf(commitmentItems(terms)));
  const output = { ...terms, payee: hexOf(terms.payee), tariff: hexOf(terms.tariff), anchor: hexOf(terms.anchor) };
  return decoded(name, 'W-12', message, { kind: 'commitment', ...output, signature: hexOf(signature) });
}

const PAYEE = '48' + hexOf(payee);
const TARIFF = '50' + hexOf(tariffId);
const ANCHOR = '50' + hexOf(exampleChain[0] ?? '');
const ZEROS = '50' + '00'.repeat(16);

export const commitment: VectorFile = {
  about: 'Commitments [W-12]: COSE_Sign1 of [channel, payee, tariff, limit, anchor, chain length, meter register]',
  cases: [
    commitmentCase('the worked example', {}),
    commitmentCase('without a chain', { anchor: '\0'.repeat(16), chainUnits: 0 }),
    commitmentCase('a chain shorter than the limit', { limitUnits: 1000 }),
    commitmentCase('a chain of one link', { limitUnits: 1, chainUnits: 1 }),
    commitmentCase('the longest chain', { limitUnits: 65535, chainUnits: 65535 }),
    commitmentCase('a register of 2^32-1', { openedRegisterUnits: MAX32 }),
    commitmentCase('a register of 2^32', { openedRegisterUnits: MAX32 + 1 }),
    commitmentCase('the largest', {
      channel: MAX32,
      limitUnits: MAX32,
      chainUnits: 65535,
      openedRegisterUnits: Number.MAX_SAFE_INTEGER,
    }),
    // prettier-ignore
    ...malformed([
      ['channel 0', 'W-12', enveloped(`87 00 ${PAYEE} ${TARIFF} 1864 ${ANCHOR} 1864 191267`), 'byte 1: expected channel number in 1..4294967295, got 0'],
      ['a payee of 7 bytes', 'W-12', enveloped(`87 07 47${'00'.repeat(7)} ${TARIFF} 1864 ${ANCHOR} 1864 191267`), 'byte 2: expected payee of 8 bytes, got 7'],
      ['a payee of 9 bytes', 'W-12', enveloped(`87 07 49${'00'.repeat(9)} ${TARIFF} 1864 ${ANCHOR} 1864 191267`), 'byte 2: expected payee of 8 bytes, got 9'],
      ['a tariff id of 15 bytes', 'W-12', enveloped(`87 07 ${PAYEE} 4f${'00'.repeat(15)} 1864 ${ANCHOR} 1864 191267`), 'byte 11: expected tariff id of 16 bytes, got 15'],
      ['a tariff id of 32 bytes', 'W-12', enveloped(`87 07 ${PAYEE} 5820${'00'.repeat(32)} 1864 ${ANCHOR} 1864 191267`), 'byte 11: expected tariff id of 16 bytes, got 32'],
      ['a limit of 0', 'W-12', enveloped(`87 07 ${PAYEE} ${TARIFF} 00 ${ZEROS} 00 191267`), 'byte 28: expected unit limit in 1..4294967295, got 0'],
      ['a limit of 2^32', 'W-12', enveloped(`87 07 ${PAYEE} ${TARIFF} 1b0000000100000000 ${ANCHOR} 1864 191267`), 'byte 28: expected unit limit in 1..4294967295, got 4294967296'],
      ['a limit of 100 in three bytes', 'W-2', enveloped(`87 07 ${PAYEE} ${TARIFF} 190064 ${ANCHOR} 1864 191267`), 'byte 28: expected unit limit in its shortest form, got 100 in 2 bytes'],
      ['an anchor of 15 bytes', 'W-12', enveloped(`87 07 ${PAYEE} ${TARIFF} 1864 4f${'00'.repeat(15)} 1864 191267`), 'byte 30: expected chain anchor of 16 bytes, got 15'],
      ['a chain of 65536 links', 'W-13', enveloped(`87 07 ${PAYEE} ${TARIFF} 1a00010000 ${ANCHOR} 1a00010000 191267`), 'byte 50: expected chain length in 0..65535, got 65536'],
      ['a chain longer than the limit', 'W-13', enveloped(`87 07 ${PAYEE} ${TARIFF} 1863 ${ANCHOR} 1864 191267`), 'chain length 100 is above the unit limit 99'],
      ['an anchor without a chain', 'W-13', enveloped(`87 07 ${PAYEE} ${TARIFF} 1864 ${ANCHOR} 00 191267`), 'a channel without a chain has an anchor of zero bytes'],
      ['a negative register', 'W-12', enveloped(`87 07 ${PAYEE} ${TARIFF} 1864 ${ANCHOR} 1864 20`), 'byte 49: expected meter register, got head 32'],
      ['a register of 2^53', 'W-3', enveloped(`87 07 ${PAYEE} ${TARIFF} 1864 ${ANCHOR} 1864 1b0020000000000000`), 'byte 49: expected meter register of at most 2^53-1, got more'],
      ['a register of 2^64-1', 'W-3', enveloped(`87 07 ${PAYEE} ${TARIFF} 1864 ${ANCHOR} 1864 1bffffffffffffffff`), 'byte 49: expected meter register of at most 2^53-1, got more'],
      ['six items', 'W-9', enveloped(`86 07 ${PAYEE} ${TARIFF} 1864 ${ANCHOR} 1864`), 'byte 0: expected signed voucher of 3 items, got 6'],
      ['eight items', 'W-9', enveloped(`88 07 ${PAYEE} ${TARIFF} 1864 ${ANCHOR} 1864 191267 00`), 'byte 0: expected signed voucher of 3 items, got 8'],
      ['an item missing', 'W-4', enveloped(`87 07 ${PAYEE} ${TARIFF} 1864 ${ANCHOR} 1864`), 'byte 49: expected meter register, got the end'],
      ['a byte after the terms', 'W-4', enveloped(`87 07 ${PAYEE} ${TARIFF} 1864 ${ANCHOR} 1864 191267 00`), 'byte 52: expected the end, got 1 more bytes'],
      ['the terms without an envelope', 'W-9', `87 07 ${PAYEE} ${TARIFF} 1864 ${ANCHOR} 1864 191267`, 'byte 0: expected COSE message of 4 items, got 7'],
    ]),
  ],
};
