// Vectors of how a hub judges: messages of the example's device in the order of their arrival, and the answer to each. The hub knows the example's
// payee and tariff, the device's credit is 1,000,000 micros, and the date is within the tariff's validity. Each case begins with nothing opened.

import type { Bytes } from '../../shared/bytes.ts';
import type { Case, VectorFile } from './cases.ts';
import { bufferOf } from './node-crypto.ts';
import { chainOf, cborOf, exampleChain, exampleChannel, hexOf, sign1 } from './parties.ts';
import { signedAgain } from './vectors-signature.ts';
import { commitmentItems, exampleTerms } from './vectors-uplink.ts';

type Answer = Readonly<Record<string, unknown>>;
type Exchange = readonly [message: Bytes, answer: Answer];

const LONG = { ...exampleTerms, channel: 9, limitUnits: 4000, chainUnits: 3000 };
const longChain = chainOf(9, 3000);
LONG.anchor = longChain[0] ?? '';

function open(changed: Partial<typeof exampleTerms> = {}): Bytes {
  return sign1(1, cborOf(commitmentItems({ ...exampleTerms, ...changed }))).message;
}

function pay(units: number, link: Bytes = exampleChain[units] ?? '', channel = exampleChannel): Bytes {
  return cborOf([channel, units, bufferOf(link)]);
}

function payLong(units: number): Bytes {
  return pay(units, longChain[units] ?? '', 9);
}

function sign(units: number, closing = false, channel = exampleChannel): Bytes {
  return sign1(2, cborOf([channel, units, closing])).message;
}

/** The last bytes of an envelope are its signature: one bit of S changed. */
function spoiled(message: Bytes): Bytes {
  return message.slice(0, -32) + String.fromCharCode(message.charCodeAt(message.length - 32) ^ 1) + message.slice(-31);
}

function upTo(acceptedUnits: number, closed = false): Answer {
  return { kind: 'receipt', acceptedUnits, closed };
}

function no(reason: string): Answer {
  return { kind: 'reject', reason };
}

function judged(name: string, rule: string, ...exchanges: readonly Exchange[]): Case {
  const messages = exchanges.map(([message]) => hexOf(message));
  return { name, rule, operation: 'judge', input: { messages }, output: { answers: exchanges.map(([, answer]) => answer) } };
}

const OPEN: Exchange = [open(), upTo(0)];
const OPEN_LONG: Exchange = [open(LONG), upTo(0)];
const NOBODY = '\x09'.repeat(8);
const NO_TARIFF = '\x09'.repeat(16);

// prettier-ignore
export const judging: VectorFile = {
  about: 'How a hub judges [W-16] [W-18] [W-23] to [W-26]: messages in the order of their arrival, and the answer to each. Known: the payee and the tariff of the worked example; credit 1000000 micros; the date is within the validity; the allowance for failed tries is not used up',
  cases: [
    judged('a sale', 'W-23', OPEN, [pay(1), upTo(1)], [pay(2), upTo(2)], [pay(5), upTo(5)]),
    judged('the same voucher again and again', 'W-23', OPEN, [pay(2), upTo(2)], [pay(2), upTo(2)], [pay(2), upTo(2)]),
    judged('older vouchers after a newer one', 'W-23', OPEN, [pay(5), upTo(5)], [pay(3), upTo(5)], [pay(4), upTo(5)], [sign(2), upTo(5)]),
    judged('an older voucher with a wrong proof: nobody looks', 'W-23', OPEN, [pay(5), upTo(5)], [pay(3, NO_TARIFF), upTo(5)], [spoiled(sign(4)), upTo(5)]),
    judged('another link at the proven index', 'W-23', OPEN, [pay(5), upTo(5)], [pay(5, NO_TARIFF), no('bad-payword')], [pay(6), upTo(6)]),
    judged('both proofs on one channel', 'W-23', OPEN, [pay(2), upTo(2)], [sign(4), upTo(4)], [pay(3), upTo(4)], [pay(5), upTo(5)]),
    judged('a signed voucher without a chain', 'W-13', [open({ anchor: '\0'.repeat(16), chainUnits: 0 }), upTo(0)], [sign(3), upTo(3)], [pay(4), no('chain-exceeded')]),
    judged('the longest gap', 'W-16', OPEN_LONG, [payLong(1024), upTo(1024)], [payLong(2048), upTo(2048)]),
    judged('one more than the longest gap', 'W-16', OPEN_LONG, [payLong(1025), no('gap-exceeded')], [payLong(1), upTo(1)], [payLong(1025), upTo(1025)]),
    judged('a signed voucher does not move the proven link', 'W-16', OPEN_LONG, [sign(1500, false, 9), upTo(1500)], [payLong(1600), no('gap-exceeded')], [payLong(1024), upTo(1500)]),
    judged('a link of another index', 'W-16', OPEN, [pay(5, exampleChain[4]), no('bad-payword')], [pay(5), upTo(5)]),
    judged('the same voucher under another signature of its holder', 'W-24', OPEN, [sign(3), upTo(3)], [signedAgain(2, cborOf([exampleChannel, 3, false])), upTo(3)]),
    judged('the same commitment under another signature of its holder', 'W-24', OPEN, [signedAgain(1, cborOf(commitmentItems(exampleTerms))), upTo(0)]),
    judged('closing above', 'W-25', OPEN, [pay(3), upTo(3)], [sign(5, true), upTo(5, true)], [pay(4), upTo(5, true)], [pay(6), no('channel-closed')], [sign(6), no('channel-closed')]),
    judged('closing at what was accepted', 'W-25', OPEN, [pay(3), upTo(3)], [sign(3, true), upTo(3, true)], [sign(3, true), upTo(3, true)]),
    judged('closing below what was accepted', 'W-25', OPEN, [pay(10), upTo(10)], [sign(5, true), upTo(10, true)]),
    judged('closing an unused channel', 'W-25', OPEN, [sign(0, true), upTo(0, true)], [pay(1), no('channel-closed')]),
    judged('closing with a bad signature', 'W-25', OPEN, [pay(3), upTo(3)], [spoiled(sign(3, true)), no('bad-signature')], [pay(4), upTo(4)]),
    judged('the same commitment again', 'W-26', OPEN, OPEN, [pay(2), upTo(2)], [open(), upTo(2)]),
    judged('the same commitment again after closing', 'W-26', OPEN, [sign(1, true), upTo(1, true)], [open(), upTo(1, true)]),
    judged('other terms under an open number', 'W-26', OPEN, [open({ limitUnits: 200 }), no('conflicting-channel')], [pay(1), upTo(1)]),
    judged('other terms under an open number, badly signed', 'W-26', OPEN, [spoiled(open({ limitUnits: 200 })), no('bad-signature')]),
    judged('a number below the next, never opened', 'W-26', OPEN_LONG, [open(), no('stale-channel')], [pay(1), no('stale-channel')]),
    judged('numbers may be left out', 'W-26', OPEN, [open({ channel: 1000 }), upTo(0)], [pay(1), upTo(1)]),
    judged('a voucher before its commitment', 'W-18', [pay(1), no('unknown-channel')], OPEN, [pay(1), upTo(1)]),
    judged('not a message', 'W-18', ['\x83', no('malformed')], ['', no('malformed')]),
    judged('above the limit and the chain: the limit comes first', 'W-18', OPEN, [pay(101, NO_TARIFF), no('limit-exceeded')]),
    judged('above the limit, closed: closed comes first', 'W-18', OPEN, [sign(1, true), upTo(1, true)], [sign(101), no('channel-closed')]),
    judged('above the limit, signed', 'W-18', OPEN, [sign(101), no('limit-exceeded')], [sign(100), upTo(100)]),
    judged('above the chain, within the limit', 'W-18', [open({ limitUnits: 200 }), upTo(0)], [pay(101, NO_TARIFF), no('chain-exceeded')], [sign(101), upTo(101)]),
    judged('above the chain, and a gap: the chain comes first', 'W-18', OPEN_LONG, [pay(3001, NO_TARIFF, 9), no('chain-exceeded')]),
    judged('a gap, and a wrong link: the gap comes first', 'W-18', OPEN_LONG, [pay(1025, NO_TARIFF, 9), no('gap-exceeded')]),
    judged('an unknown payee, and all that follows it', 'W-18', [spoiled(open({ payee: NOBODY, tariff: NO_TARIFF, limitUnits: 5000 })), no('unknown-payee')]),
    judged('an unknown tariff, and all that follows it', 'W-18', [spoiled(open({ tariff: NO_TARIFF, limitUnits: 5000 })), no('unknown-tariff')]),
    judged('a limit of just the credit', 'W-18', [open({ limitUnits: 4000 }), upTo(0)]),
    judged('a limit above the credit, badly signed', 'W-18', [spoiled(open({ limitUnits: 4004 })), no('excessive-limit')]),
    judged('a commitment badly signed', 'W-18', [spoiled(open()), no('bad-signature')], OPEN),
    judged('a voucher signed as a commitment', 'W-8', OPEN, [sign1(1, cborOf([exampleChannel, 3, false])).message, no('bad-signature')]),
    judged('a commitment signed as a voucher', 'W-8', [sign1(2, cborOf(commitmentItems(exampleTerms))).message, no('bad-signature')]),
  ],
};
