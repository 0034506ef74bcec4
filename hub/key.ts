// The hub's own key: an Ed25519 key in a file that only its owner can read, made at the first start. In: the data folder. Out: the public key.
// The private key leaves the file only to sign, and never enters the database.

import type { KeyObject } from 'node:crypto';
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bytes } from '../shared/bytes.ts';
import { fromBase64url } from '../shared/bytes.ts';
import { blobOf, bytesOf } from './blob.ts';
import { HubRefused } from './refused.ts';
import { writeShown } from './whole-file.ts';

export const KEY_FILE = 'hub.key';

/** The public half of the key in the folder, 32 bytes; `undefined` when there is no key. */
export function readHubKey(dataDir: string): Bytes | undefined {
  const pem = readPem(dataDir);
  return pem === undefined ? undefined : publicHalf(pem, dataDir);
}

/** The hub's signature, 64 bytes. */
export function signAsHub(dataDir: string, message: Bytes): Bytes {
  return bytesOf(sign(null, blobOf(message), privateKeyIn(dataDir)));
}

/** The private half, 32 bytes, from which other keys of the hub are derived: never stored elsewhere, and never used itself for anything but signing. */
export function hubSeed(dataDir: string): Bytes {
  // RFC 8410: in PKCS #8 an Ed25519 key's 32 bytes are the last.
  return bytesOf(privateKeyIn(dataDir).export({ format: 'der', type: 'pkcs8' }).subarray(-32));
}

function privateKeyIn(dataDir: string): KeyObject {
  const pem = readPem(dataDir);
  if (pem === undefined)
    throw new HubRefused('foreign-key', `the hub's key ${join(dataDir, KEY_FILE)} is missing; restore it from a backup`);
  return decoded(pem);
}

/** The file is read each time, because it may have been restored; what it says is decoded once. */
let known: { readonly pem: string; readonly key: KeyObject } | undefined;

function decoded(pem: string): KeyObject {
  if (known?.pem !== pem) known = { pem, key: createPrivateKey(pem) };
  return known.key;
}

function readPem(dataDir: string): string | undefined {
  try {
    return readFileSync(join(dataDir, KEY_FILE), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new HubRefused(
      'unwritable-data',
      `cannot read the hub's key ${join(dataDir, KEY_FILE)}: ${(error as Error).message}`,
      error,
    );
  }
}

export function makeHubKey(dataDir: string): Bytes {
  const { privateKey: pem } = generateKeyPairSync('ed25519', {
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  // Whole and under its name before the database says that it belongs to this key. Two processes that start at once do not come here both: the
  // caller holds the database.
  writeShown(dataDir, '.', KEY_FILE, [pem]);
  return publicHalf(pem, dataDir);
}

function publicHalf(pem: string, dataDir: string): Bytes {
  try {
    const { x } = createPublicKey(decoded(pem)).export({ format: 'jwk' });
    const publicKey = fromBase64url(x ?? '');
    if (publicKey?.length === 32) return publicKey;
    throw new Error('it is of another kind');
  } catch (error) {
    const why = (error as Error).message;
    throw new HubRefused(
      'damaged-data',
      `expected an Ed25519 key in ${join(dataDir, KEY_FILE)}: ${why}; restore it from a backup`,
      error,
    );
  }
}
