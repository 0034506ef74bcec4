// Whether a signature is a key's over a message: every one that the hub judges, by the rule of [W-22]. In: byte strings. Out: yes or no. OpenSSL is the judge. libsodium, where the
// operator's machine has it, says the same in half the time, and is asked only where it cannot differ; one that fails its own examination at the start is not asked at all.
// It must never build a key object per message: that alone halves the rate.

import { createRequire } from 'node:module';
import type { Bytes } from '../shared/bytes.ts';
import { fromHex } from '../shared/bytes.ts';
import type { Verify } from './accept.ts';
import { blobOf } from './blob.ts';
import type { Verifiers } from './proofs.ts';
import { signatureOf, verifiersOf, viewOf } from './proofs.ts';

/** As much of sodium-native as is used. */
export interface Sodium {
  crypto_sign_verify_detached(signature: Buffer, message: Buffer, publicKey: Buffer): boolean;
}

const SIGNATURE_BYTES = 64;

/** OpenSSL's answers, by the fastest way that there is here. */
export function fastVerifiersOf(publicKey: Bytes): Verifiers {
  const openssl = verifiersOf(publicKey);
  const sodium = libsodium();
  if (sodium === undefined || mayDiffer(publicKey)) return openssl;
  const shortly = libsodiumOf(publicKey, sodium);
  const judge: Verify = (message, signature) =>
    (signature.length !== SIGNATURE_BYTES || mayDiffer(signature) ? openssl.verify : shortly)(message, signature);
  return { ...openssl, verify: judge };
}

function libsodiumOf(publicKey: Bytes, sodium: Sodium): Verify {
  const key = blobOf(publicKey);
  return (message, signature) => sodium.crypto_sign_verify_detached(signatureOf(signature), viewOf(message), key);
}

// The points of small order by their y, the least byte first and without the sign of x: 0, 1 and the two of order 8; p - 1 ends like all that is p or more.
const SMALL: ReadonlySet<string> = new Set(
  [
    '0000000000000000000000000000000000000000000000000000000000000000',
    '0100000000000000000000000000000000000000000000000000000000000000',
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  ].map((hex) => fromHex(hex) as Bytes),
);
const FULL = '\xff'.repeat(30);
const LEAST_OF_FULL = 0xec; // p - 1

/** True if `encoding` begins with a point that libsodium refuses by its looks: of small order, or y not below p. OpenSSL computes with it. */
export function mayDiffer(encoding: Bytes): boolean {
  const last = encoding.charCodeAt(31) & 0x7f;
  const most = encoding.substring(0, 31);
  if (last === 0x7f) return most.charCodeAt(0) >= LEAST_OF_FULL && most.endsWith(FULL);
  return (last === 0 || last === 5 || last === 0x7a) && SMALL.has(most + String.fromCharCode(last));
}

// A signature of the example in shared/README.md; the same one with S + L for S; and one whose R has a part of small order, which only a verifier that multiplies by the cofactor takes.
const EXAMINATION = {
  publicKey: fromHex('03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8') as Bytes,
  message: fromHex(
    '846a5369676e61747572653143a101275821846c74616c6c79737469636b2f31024824f6ed6acbfe10094856475aa75463474c44830703f4',
  ) as Bytes,
  good: fromHex(
    '45ef39df524b258f8e058f473bb8538bab2ccc1ef988abc70355895da080893eb31d01347a4ebc95c2293c7aaa635f8cba747b9d31ec10c3d77e61db5c56980c',
  ) as Bytes,
  bad: [
    '45ef39df524b258f8e058f473bb8538bab2ccc1ef988abc70355895da080893ea0f1f69094b1ceed98c6331d895d3ea1ba747b9d31ec10c3d77e61db5c56981c',
    '75789521d9fc4caf477c742d850792ef2e80df4e0f6c38d812ea5700853c7f7dc874d9a6f9156745a84e0400f384c611d7a8fa3fba036fba2a0ac2f82fbe8c0e',
  ].map((hex) => fromHex(hex) as Bytes),
};

/** Whether a library may be asked. A release that decides otherwise than today's do is found out here, and not by a payer. */
export function passes(sodium: Sodium): boolean {
  const { publicKey, message, good, bad } = EXAMINATION;
  const verify = libsodiumOf(publicKey, sodium);
  return verify(message, good) && !bad.some((signature) => verify(message, signature));
}

let found: { readonly sodium: Sodium | undefined } | undefined;

/** `undefined` where it is not installed, not made for this machine, or not to be asked. */
function libsodium(): Sodium | undefined {
  found ??= { sodium: sodiumHere() };
  return found.sodium;
}

function sodiumHere(): Sodium | undefined {
  try {
    const sodium = createRequire(import.meta.url)('sodium-native') as Sodium;
    return passes(sodium) ? sodium : undefined;
  } catch {
    return undefined;
  }
}

/** For people. */
export function signaturesJudgedBy(): 'OpenSSL' | 'libsodium and OpenSSL' {
  return libsodium() === undefined ? 'OpenSSL' : 'libsodium and OpenSSL';
}
