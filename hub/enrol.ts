// Enrolment: a device's life at the hub, from its keys to its revocation. In: the operator's request. Out: the whole configuration of a board. Keys are made
// here, on the operator's machine, because a board has no entropy; the signing key leaves in the answer and is kept nowhere else.

import { createPrivateKey, randomBytes, sign } from 'node:crypto';
import type { Bytes } from '../shared/bytes.ts';
import { toBase64url, toHex } from '../shared/bytes.ts';
import type { DeviceConfig } from '../shared/config.ts';
import type { DeviceId } from '../shared/identity.ts';
import { blobOf, bytesOf } from './blob.ts';
import type { EnrolRequest } from './enrol-request.ts';
import { checkRequest, EnrolmentRefused } from './enrol-request.ts';
import { keyFault } from './key-rule.ts';
import { possessionBytes, possessionFault } from './possession.ts';
import { deviceIdOf, tariffIdOf, accountIdOf } from './ids.ts';
import { makeKeyPair } from './key-pair.ts';
import { placeAfter } from './place.ts';
import { sha256 } from './proofs.ts';
import type { Store } from './store.ts';
import type { DeviceRow } from './store-devices.ts';
import { NOWHERE } from './till.ts';

export type { EnrolRequest } from './enrol-request.ts';
export { EnrolmentRefused } from './enrol-request.ts';

/** What makes a device who it is. */
export interface Secrets {
  readonly seed: Bytes;
  readonly publicKey: Bytes;
  readonly macKey: Bytes;
  readonly password: string;
}

/** The secrets are new ones, but for a simulated world that must be the same every time. */
export function enrol(
  store: Store,
  request: EnrolRequest,
  nowSeconds = Math.floor(Date.now() / 1000),
  secrets = makeSecrets(),
): DeviceConfig {
  const checked = checkRequest(request);
  const device = deviceIdOf(secrets.publicKey);
  assertKey(store, device, secrets);
  store.atomically(() => {
    for (const party of ['payer', 'payee'] as const) assertNotErased(store, party, checked[party]);
    const payer = store.devices.account(checked.payer, nowSeconds);
    const payee = store.devices.account(checked.payee, nowSeconds);
    const tariff = store.devices.tariff(checked.tariff);
    const { publicKey, macKey } = secrets;
    const { label, profile, creditMicros } = checked;
    const passwordSha256 = sha256(secrets.password);
    store.devices.insert(
      { device, publicKey, macKey, passwordSha256, label, profile, payer, payee, tariff, creditMicros },
      nowSeconds,
    );
    if (Object.keys(checked.place ?? {}).length > 0)
      store.places.move(device, placeAfter(NOWHERE, checked.place ?? {}), nowSeconds);
    if (checked.prepaidUnits !== undefined) store.grants.raise(device, checked.prepaidUnits, nowSeconds);
  });
  return configOf(store, device, secrets, checked);
}

/** False when no such device is enrolled. What it has paid stays paid. */
export function revoke(store: Store, device: DeviceId, nowSeconds = Math.floor(Date.now() / 1000)): boolean {
  return store.atomically(() => store.devices.revoke(device, nowSeconds));
}

export function listDevices(store: Store): DeviceRow[] {
  return store.devices.all();
}

function makeSecrets(): Secrets {
  return { ...makeKeyPair(), macKey: bytesOf(randomBytes(32)), password: toBase64url(bytesOf(randomBytes(24))) };
}

/** An account that lives on as a pseudonym is not taken up again under the name that was erased. */
function assertNotErased(store: Store, party: 'payer' | 'payee', name: string): void {
  if (store.particulars.erasureOf(accountIdOf(name)) === undefined) return;
  throw new EnrolmentRefused(`${party}: expected an account in use, got one whose person was erased; choose another name`);
}

/** The same checks that a key from elsewhere would have to pass. */
function assertKey(store: Store, device: DeviceId, { seed, publicKey }: Secrets): void {
  const context = { hub: store.hub, device };
  const jwk = { kty: 'OKP', crv: 'Ed25519', d: toBase64url(seed), x: toBase64url(publicKey) };
  const proof = sign(null, blobOf(possessionBytes(context, publicKey)), createPrivateKey({ key: jwk, format: 'jwk' }));
  const fault = keyFault(publicKey) ?? possessionFault(context, publicKey, bytesOf(proof));
  if (fault !== undefined) throw new EnrolmentRefused(`publicKey: ${fault}`);
}

function configOf(store: Store, device: DeviceId, secrets: Secrets, request: EnrolRequest): DeviceConfig {
  const { host, port, wifi, limitUnits, chainUnits, profile, meter, issueEveryMs, keepaliveSeconds } = request;
  const { output, button, prepaidUnits, lowBalanceUnits, tls } = request;
  return {
    device,
    seed: toHex(secrets.seed),
    publicKey: toHex(secrets.publicKey),
    macKey: toHex(secrets.macKey),
    password: secrets.password,
    hub: toHex(store.hub),
    host,
    port,
    root: store.root(),
    ...(wifi === undefined ? {} : { wifi }),
    ...(tls === undefined ? {} : { tls }),
    payee: toHex(accountIdOf(request.payee)),
    tariff: toHex(tariffIdOf(request.tariff)),
    limitUnits,
    chainUnits,
    profile,
    meter,
    ...(output === undefined ? {} : { output }),
    ...(button === undefined ? {} : { button }),
    ...(prepaidUnits === undefined ? {} : { prepaid: true }),
    ...(lowBalanceUnits === undefined ? {} : { lowBalanceUnits }),
    issueEveryMs,
    keepaliveSeconds,
  };
}
