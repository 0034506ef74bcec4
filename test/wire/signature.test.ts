// The Ed25519 rule [W-22] as OpenSSL applies it, as noble's points do when the rule is written out on them, and how far libraries are from it.

import { hashes, verify as nobleVerify } from '@noble/ed25519';
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { keyFault as hubKeyFault } from '../../hub/key-rule.ts';
import { verifierOf } from '../../hub/proofs.ts';
import type { Bytes } from '../../shared/bytes.ts';
import { fromHex } from '../../shared/bytes.ts';
import type { Case } from './cases.ts';
import { bufferOf, verifies } from './node-crypto.ts';
import { accepts, keyFault } from './strict-ed25519.ts';
import { committedCases } from './vectors.ts';

hashes.sha512 = (message) => Uint8Array.from(createHash('sha512').update(message).digest());

function octets(one: Case, field: string): Bytes {
  return fromHex(one.input[field] as string) as Bytes;
}

const cases = committedCases('ed25519-rule');
const signatures = cases.filter((one) => one.operation === 'verify').map((one): [string, Case] => [one.name, one]);
const keys = cases.filter((one) => one.operation === 'check-key').map((one): [string, Case] => [one.name, one]);

describe('a signature', () => {
  it.each(signatures)('%s: OpenSSL', (_name, one) => {
    const accepted = verifies(octets(one, 'publicKey'), octets(one, 'message'), octets(one, 'signature'));
    expect({ accepted }).toEqual(one.output);
  });

  it.each(signatures)('%s: the hub', (_name, one) => {
    expect({ accepted: verifierOf(octets(one, 'publicKey'))(octets(one, 'message'), octets(one, 'signature')) }).toEqual(
      one.output,
    );
  });

  it.each(signatures)('%s: the rule on noble', (_name, one) => {
    const [publicKey, message, signature] = ['publicKey', 'message', 'signature'].map((field) => bufferOf(octets(one, field)));
    if (publicKey === undefined || message === undefined || signature === undefined) throw new Error('a field is missing');
    expect({ accepted: accepts(publicKey, message, signature) }).toEqual(one.output);
  });

  it("with a part of small order is why noble's own verify must not be used", () => {
    const one = cases.find(({ name }) => name.startsWith('R with a part of small order'));
    if (one === undefined) throw new Error('the case is gone');
    const [signature, message, publicKey] = [octets(one, 'signature'), octets(one, 'message'), octets(one, 'publicKey')].map(
      bufferOf,
    );
    if (publicKey === undefined || message === undefined || signature === undefined) throw new Error('a field is missing');
    expect(nobleVerify(signature, message, publicKey)).toBe(true);
    expect(nobleVerify(signature, message, publicKey, { zip215: false })).toBe(true);
    expect(one.output).toEqual({ accepted: false });
  });
});

describe('a key at enrolment', () => {
  it.each(keys)('%s', (_name, one) => {
    const fault = keyFault(bufferOf(octets(one, 'publicKey')));
    expect(fault === undefined ? { enrolled: true } : { refusal: fault, detail: '' }).toEqual(one.output);
    expect(hubKeyFault(octets(one, 'publicKey')) === undefined).toBe('enrolled' in one.output);
  });
});
