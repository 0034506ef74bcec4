// What a signer is judged by: the RFC's own vectors, edge seeds, and random cases from a fixed seed, all with OpenSSL's answer.

import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Bytes } from '../../shared/bytes.ts';

/** Bytes as lower-case hex. */
export interface Case {
  readonly name: string;
  readonly seed: string;
  readonly publicKey: string;
  readonly message: string;
  readonly signature: string;
}

const PKCS8_HEAD = '302e020100300506032b657004220420';

export function bytesOf(hex: string): Bytes {
  return Buffer.from(hex, 'hex').toString('latin1');
}

export function sha512(data: Bytes): Bytes {
  return createHash('sha512').update(data, 'latin1').digest().toString('latin1');
}

/** The case as OpenSSL signs it. */
function caseOf(name: string, seed: string, message: string): Case {
  const key = createPrivateKey({ key: Buffer.from(PKCS8_HEAD + seed, 'hex'), format: 'der', type: 'pkcs8' });
  const publicKey = createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex');
  return { name, seed, publicKey, message, signature: sign(null, Buffer.from(message, 'hex'), key).toString('hex') };
}

/** RFC 8032, section 7.1. */
export function rfcCases(): Case[] {
  const file = new URL('../vectors/ed25519-rfc8032.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { cases: Case[] }).cases;
}

/** Seeds and messages at the ends: all bits clear or set, one bit set, messages around a SHA-512 block. */
export function edgeCases(): Case[] {
  const seeds = ['00', 'ff', '80', '01', '7f'].map((byte) => byte.repeat(32));
  seeds.push('01' + '00'.repeat(31), '00'.repeat(31) + '01', '00'.repeat(31) + '80', 'ed' + 'ff'.repeat(30) + '7f');
  const cases = seeds.flatMap((seed) => [caseOf('edge seed ' + seed, seed, ''), caseOf('edge seed ' + seed, seed, seed)]);
  for (const length of [1, 46, 47, 48, 63, 64, 79, 80, 111, 112, 127, 128, 255, 256]) {
    cases.push(caseOf('message of ' + length + ' bytes', 'a5'.repeat(32), '5a'.repeat(length)));
  }
  return cases;
}

/** Case `i` of a series comes from SHA-512(series, i): the same on every machine. Messages of 0 to 299 bytes. */
export function randomCases(series: string, count: number): Case[] {
  return Array.from({ length: count }, (_, i) => {
    const bytes = createHash('sha512')
      .update(series + ' ' + i)
      .digest();
    const length = bytes.readUInt16BE(32) % 300;
    const message = Buffer.alloc(length, bytes.subarray(34)).toString('hex');
    return caseOf(series + ' ' + i, bytes.toString('hex', 0, 32), message);
  });
}
