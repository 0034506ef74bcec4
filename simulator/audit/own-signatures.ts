// Whether a board has signed what it says, by OpenSSL: a signature that is wrong as it leaves the board costs its owner a channel, however the hub takes it. In: a device and its message. Out: true
// where nothing is signed, too.

import type { KeyObject } from 'node:crypto';
import { createPublicKey, verify } from 'node:crypto';
import { fromHex, toBase64url } from '../../shared/bytes.ts';
import type { Bytes } from '../../shared/bytes.ts';
import type { Commitment } from '../../shared/commitment.ts';
import { PURPOSE_COMMITMENT, PURPOSE_VOUCHER, signedBytes } from '../../shared/cose.ts';
import type { HubId } from '../../shared/identity.ts';
import type { Voucher } from '../../shared/voucher.ts';
import type { OwnDevice } from './own-books.ts';

const keys = new WeakMap<OwnDevice, KeyObject>();

function keyOf(own: OwnDevice): KeyObject {
  const x = toBase64url(fromHex(own.config.publicKey) as Bytes);
  const key = keys.get(own) ?? createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  keys.set(own, key);
  return key;
}

export function isSigned(own: OwnDevice, message: Commitment | Voucher): boolean {
  if (message.kind === 'payword') return true;
  const context = { hub: fromHex(own.config.hub) as HubId, device: own.config.device };
  const purpose = message.kind === 'commitment' ? PURPOSE_COMMITMENT : PURPOSE_VOUCHER;
  const signed = Buffer.from(signedBytes(purpose, context, message.payload), 'latin1');
  return verify(null, signed, keyOf(own), Buffer.from(message.signature, 'latin1'));
}
