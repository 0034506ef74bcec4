// The hub's fast check of signatures beside OpenSSL alone. In: how many forgeries, and of which seed; or published cases. Out: how many there were of each kind, how many of them are good, and how often
// libsodium was asked. It must see a difference where there is one: what libsodium alone would answer is counted, too, and has to differ.

import { createRequire } from 'node:module';
import type { Sodium } from '../../hub/ed25519.ts';
import { fastVerifiersOf, mayDiffer } from '../../hub/ed25519.ts';
import type { Verify } from '../../hub/accept.ts';
import { blobOf } from '../../hub/blob.ts';
import { verifierOf } from '../../hub/proofs.ts';
import type { Bytes } from '../../shared/bytes.ts';
import type { Forgery } from './forger.ts';

/** Of one kind. */
export interface Tally {
  cases: number;
  good: number;
  /** Asked of libsodium, and not of OpenSSL. */
  shortly: number;
  /** libsodium alone would have said otherwise. */
  bareDiffers: number;
}

export type Tallies = Record<string, Tally>;

const SODIUM = createRequire(import.meta.url)('sodium-native') as Sodium;
const SIGNATURE_BYTES = 64;

/** Throws at the first case on which the hub's check and OpenSSL do not agree. */
export function compare(tallies: Tallies, one: Omit<Forgery, 'kind'> & { readonly kind: string }): void {
  const { kind, publicKey, message, signature } = one;
  const { openssl, hub } = verifiersHeld(publicKey);
  const truth = openssl(message, signature);
  const answer = hub(message, signature);
  if (answer !== truth) throw new Error(`OpenSSL says ${truth}, the hub ${answer}: ${caseOf(one)}`);
  const tally = (tallies[kind] ??= { cases: 0, good: 0, shortly: 0, bareDiffers: 0 });
  const isShort = signature.length === SIGNATURE_BYTES && !mayDiffer(publicKey) && !mayDiffer(signature);
  tally.cases++;
  if (truth) tally.good++;
  if (isShort) tally.shortly++;
  else if (signature.length === SIGNATURE_BYTES && bare(publicKey, message, signature) !== truth) tally.bareDiffers++;
}

const held = new Map<Bytes, { readonly openssl: Verify; readonly hub: Verify }>();
const MOST_HELD = 256;

/** Two key objects cost as much as a check. */
function verifiersHeld(publicKey: Bytes): { readonly openssl: Verify; readonly hub: Verify } {
  const known = held.get(publicKey);
  if (known !== undefined) return known;
  if (held.size >= MOST_HELD) held.clear();
  const made = { openssl: verifierOf(publicKey), hub: fastVerifiersOf(publicKey).verify };
  held.set(publicKey, made);
  return made;
}

function bare(publicKey: Bytes, message: Bytes, signature: Bytes): boolean {
  return SODIUM.crypto_sign_verify_detached(blobOf(signature), blobOf(message), blobOf(publicKey));
}

export function caseOf({
  kind,
  publicKey,
  message,
  signature,
}: { readonly [key in 'kind' | 'publicKey' | 'message' | 'signature']: string }): string {
  const hex = (bytes: Bytes): string => blobOf(bytes).toString('hex');
  return JSON.stringify({ kind, publicKey: hex(publicKey), message: hex(message), signature: hex(signature) });
}
