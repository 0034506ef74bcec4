// A native signer for simulated boards: OpenSSL's Ed25519, the same 64 bytes as the firmware's own, without its time. In: a board's public key; then its seed and
// messages. Out: signatures. The key is imported once: that costs more than ten signatures.

import type { KeyObject } from 'node:crypto';
import { createPrivateKey, sign } from 'node:crypto';
import type { Bytes } from '../shared/bytes.ts';
import { fromHex, toBase64url } from '../shared/bytes.ts';

export type NativeSigner = (seed: Bytes, message: Bytes) => Bytes;

/** The public key as the configuration has it, in hex. */
export function opensslSigner(publicKey: string): NativeSigner {
  const x = toBase64url(fromHex(publicKey) ?? '');
  let held: { readonly seed: Bytes; readonly key: KeyObject } | undefined;
  return (seed, message) => {
    if (held?.seed !== seed) {
      const jwk = { kty: 'OKP', crv: 'Ed25519', d: toBase64url(seed), x };
      held = { seed, key: createPrivateKey({ key: jwk, format: 'jwk' }) };
    }
    return sign(null, Buffer.from(message, 'latin1'), held.key).toString('latin1');
  };
}
