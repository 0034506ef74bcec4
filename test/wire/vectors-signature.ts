// Vectors of the Ed25519 rule [W-22]: signatures that every verifier must accept or refuse, the ones where libraries differ included, and keys that must not
// be enrolled. Odd ones are built on noble's points from the device's own scalar.

import { createHash } from 'node:crypto';
import { Point } from '@noble/ed25519';
import type { Bytes } from '../../shared/bytes.ts';
import type { Case, VectorFile } from './cases.ts';
import { bufferOf, bytesOf, signWith } from './node-crypto.ts';
import { cborOf, devicePublic, deviceSeed, exampleChannel, hexOf, otherSeed, parties, sign1, structureOf } from './parties.ts';
import { challengeOf, ORDER, scalarBytes, scalarOf } from './strict-ed25519.ts';

const payload = cborOf([exampleChannel, 3, false]);
const message = structureOf('Signature1', 2, payload);
const { signature } = sign1(2, payload);
const r = signature.slice(0, 32);
const s = signature.slice(32);

/** The device's secret scalar (RFC 8032, 5.1.5). */
function secretScalar(): bigint {
  const half = createHash('sha512').update(bufferOf(deviceSeed)).digest().subarray(0, 32);
  half.writeUInt8(half.readUInt8(0) & 248, 0);
  half.writeUInt8((half.readUInt8(31) & 63) | 64, 31);
  return scalarOf(half);
}

/** The device's signature with a given R, which only it could make: S = nonce + k * secret. */
function signedWithPoint(point: Point, nonce: bigint, over: Bytes = message): Bytes {
  const encoded = point.toBytes();
  const k = challengeOf(encoded, bufferOf(devicePublic), bufferOf(over));
  return bytesOf(encoded) + bytesOf(scalarBytes((nonce + k * secretScalar()) % ORDER));
}

/** A point of order 8, from the list of small-order points. */
const ORDER_8 = 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a';
const torsion = Point.fromHex(ORDER_8);
const NONCE = 1234567890123456789n;

/** A message as the device has signed it, under another signature that is as good. */
export function signedAgain(purpose: number, content: Bytes): Bytes {
  const over = structureOf('Signature1', purpose, content);
  return sign1(purpose, content).message.slice(0, -64) + signedWithPoint(Point.BASE.multiply(NONCE), NONCE, over);
}

function verified(
  name: string,
  changed: Partial<Record<'publicKey' | 'message' | 'signature', Bytes>>,
  accepted: boolean,
  rule = 'W-22',
): Case {
  const given = { publicKey: devicePublic, message, signature, ...changed };
  const input = { publicKey: hexOf(given.publicKey), message: hexOf(given.message), signature: hexOf(given.signature) };
  return { name, rule, operation: 'verify', input, output: { accepted } };
}

function keyCase(name: string, publicKey: string, fault?: string): Case {
  const output = fault === undefined ? { enrolled: true } : { refusal: fault, detail: '' };
  return { name, rule: 'W-22', operation: 'check-key', input: { publicKey }, output };
}

const mixed = Buffer.from(Point.fromBytes(bufferOf(devicePublic)).add(torsion).toBytes()).toString('hex');
const FF = 'ff'.repeat(30);

// prettier-ignore
export const ed25519Rule: VectorFile = {
  about: 'The Ed25519 rule [W-22], what signatures cover [W-8], and keys at enrolment',
  cases: [
    verified('the device signed it', {}, true),
    verified('over the bare payload', { signature: signWith(deviceSeed, payload) }, false, 'W-8'),
    verified('by another key', { signature: signWith(otherSeed, message) }, false),
    verified('for a commitment', { message: structureOf('Signature1', 1, payload) }, false, 'W-8'),
    verified('for another hub', { message: structureOf('Signature1', 2, payload, { ...parties, hub: '\x01'.repeat(8) }) }, false, 'W-8'),
    verified('by another device', { message: structureOf('Signature1', 2, payload, { ...parties, device: '\x02'.repeat(8) }) }, false, 'W-8'),
    verified('in another version', { message: message.replace('tallystick/1', 'tallystick/2') }, false, 'W-8'),
    verified('for other units', { message: structureOf('Signature1', 2, cborOf([exampleChannel, 4, false])) }, false, 'W-8'),
    verified('under the structure of a MAC', { message: structureOf('MAC0', 2, payload) }, false, 'W-8'),
    verified('S + L: the same signature written otherwise', { signature: r + bytesOf(scalarBytes(scalarOf(bufferOf(s)) + ORDER)) }, false),
    verified('S = L', { signature: r + bytesOf(scalarBytes(ORDER)) }, false),
    verified('S with its highest bit set', { signature: signature.slice(0, 63) + String.fromCharCode(signature.charCodeAt(63) | 128) }, false),
    verified('S = 0 and R the identity', { signature: '\x01' + '\0'.repeat(63) }, false),
    verified('another R', { signature: String.fromCharCode(r.charCodeAt(0) ^ 1) + signature.slice(1) }, false),
    verified('R with a part of small order: only the cofactored equation holds', { signature: signedWithPoint(Point.BASE.multiply(NONCE).add(torsion), NONCE) }, false),
    verified('R the identity, made by the holder of the key', { signature: signedWithPoint(Point.ZERO, 0n) }, true),
    verified('R the identity in a second encoding (y = p + 1)', { signature: bytesOf(Buffer.from(`ee${FF}7f`, 'hex')) + signedWithPoint(Point.ZERO, 0n).slice(32) }, false),
    keyCase('the device\'s', hexOf(devicePublic)),
    keyCase('the identity', '01' + '00'.repeat(31), 'small-order'),
    keyCase('order 2', `ec${FF}7f`, 'small-order'),
    keyCase('order 4', '00'.repeat(32), 'small-order'),
    keyCase('order 4, the other sign', '00'.repeat(31) + '80', 'small-order'),
    keyCase('order 8', ORDER_8, 'small-order'),
    keyCase('the device\'s with a part of order 8', mixed, 'mixed-order'),
    keyCase('y = p, the second encoding of 0', `ed${FF}7f`, 'not-canonical'),
    keyCase('y = p + 1, the second encoding of the identity', `ee${FF}7f`, 'not-canonical'),
    keyCase('the identity with the sign bit', '01' + '00'.repeat(30) + '80', 'not-canonical'),
    keyCase('y = 2, which no point has', '02' + '00'.repeat(31), 'not-canonical'),
    keyCase('31 bytes', hexOf(devicePublic).slice(0, 62), 'not-canonical'),
  ],
};
