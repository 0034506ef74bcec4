// Names that are hashes: device, hub, account and tariff ids. In: a public key or a name, and the hash function. Out: ids as
// 8 or 16 bytes, and a device's id as the 11 characters that topics carry. An id must never be made in two ways.

import type { Bytes, Sha256 } from './bytes.ts';
import { fromBase64url, toBase64url } from './bytes.ts';

/** 11 characters of base64url: the first 8 bytes of SHA-256(public key). [W-5] */
export type DeviceId = string & { readonly brand: 'DeviceId' };

/** The first 8 bytes of SHA-256(hub public key). [W-5] */
export type HubId = Bytes & { readonly brand: 'HubId' };

/** 8 bytes that name a payer's or payee's account at the hub. [W-5] */
export type AccountId = Bytes & { readonly brand: 'AccountId' };

/** 16 bytes: the first half of SHA-256(tariff bytes). [W-20] */
export type TariffId = Bytes & { readonly brand: 'TariffId' };

export function deviceIdOf(publicKey: Bytes, sha256: Sha256): DeviceId {
  return toBase64url(sha256(publicKey).substring(0, 8)) as DeviceId;
}

/** The 8 raw bytes of a device id. */
export function deviceBytesOf(device: DeviceId): Bytes {
  return fromBase64url(device) as Bytes;
}

/** A device id from untrusted text; `undefined` unless it is the canonical name of 8 bytes. */
export function parseDeviceId(text: string): DeviceId | undefined {
  if (text.length !== 11) return undefined;
  return fromBase64url(text) === undefined ? undefined : (text as DeviceId);
}

export function hubIdOf(publicKey: Bytes, sha256: Sha256): HubId {
  return sha256(publicKey).substring(0, 8) as HubId;
}

/** An account's id from its name at the hub (ASCII). */
export function accountIdOf(name: string, sha256: Sha256): AccountId {
  return sha256('tallystick account ' + name).substring(0, 8) as AccountId;
}
