// Seals on the ledger's hashes. An entry's hash covers the amounts of everybody, and amounts can be guessed; so what goes to payers and payees is the hash under a nonce that
// the hub can show to an auditor, and to nobody else. In: an entry's number and hash. Out: its seal, the same every time.

import type { Bytes } from '../shared/bytes.ts';
import { repeatByte, uint32Bytes } from '../shared/bytes.ts';
import { blobOf, bytesOf } from './blob.ts';
import { sha256 } from './proofs.ts';
import { saltsOf } from './salts.ts';

export type SealOf = (entry: number, hash: Bytes) => Bytes;

/** Of the hub in that folder. */
export function sealerOf(dataDir: string): SealOf {
  const nonces = saltsOf(dataDir, 'seals');
  return (entry, hash) => sealUnder(bytesOf(nonces.saltsFor(blockOf(entry))), hash);
}

/** Of one entry's seal: it opens that, and says nothing of others. */
export function nonceOf(dataDir: string, entry: number): Bytes {
  return bytesOf(saltsOf(dataDir, 'seals').saltsFor(blockOf(entry)));
}

export function sealUnder(nonce: Bytes, hash: Bytes): Bytes {
  return sha256('tallystick seal 1' + nonce + hash);
}

function blockOf(entry: number): Buffer {
  return blobOf(repeatByte(0, 8) + uint32Bytes(Math.floor(entry / 4294967296)) + uint32Bytes(entry % 4294967296));
}
