// Keys that come from the seed, so that a simulated world is the same on every machine. In: a seed and a name. Out: a device's secrets, or the hub's key
// in its folder. They protect nothing: whoever knows the seed knows them, and no real device may ever get one.

import { createHash, createPrivateKey, createPublicKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bytesOf } from '../../hub/blob.ts';
import type { Secrets } from '../../hub/enrol.ts';
import { deviceIdOf } from '../../hub/ids.ts';
import { KEY_FILE } from '../../hub/key.ts';
import type { Bytes } from '../../shared/bytes.ts';
import { fromBase64url, toBase64url } from '../../shared/bytes.ts';

const PKCS8_ED25519_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');

function derived(seed: number, name: string): Buffer {
  return createHash('sha256').update(`tallystick simulated ${seed} ${name}`).digest();
}

function privateKeyOf(seed: Buffer): KeyObject {
  return createPrivateKey({ key: Buffer.concat([PKCS8_ED25519_HEAD, seed]), format: 'der', type: 'pkcs8' });
}

function publicKeyOf(seed: Buffer): Bytes {
  const { x } = createPublicKey(privateKeyOf(seed)).export({ format: 'jwk' });
  return fromBase64url(x ?? '') as Bytes;
}

/** As with real ones, a device id that begins with `-` is not used. */
export function secretsOf(seed: number, name: string): Secrets {
  for (let attempt = 0; ; attempt++) {
    const key = derived(seed, `${name} key ${attempt}`);
    const publicKey = publicKeyOf(key);
    if (deviceIdOf(publicKey).startsWith('-')) continue;
    const password = toBase64url(bytesOf(derived(seed, `${name} password`).subarray(0, 24)));
    return { seed: bytesOf(key), publicKey, macKey: bytesOf(derived(seed, `${name} mac`)), password };
  }
}

export function hubPublicKey(seed: number): Bytes {
  return publicKeyOf(derived(seed, 'hub'));
}

export function writeHubKey(dataDir: string, seed: number): void {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const pem = privateKeyOf(derived(seed, 'hub')).export({ type: 'pkcs8', format: 'pem' });
  writeFileSync(join(dataDir, KEY_FILE), pem, { mode: 0o600 });
}
