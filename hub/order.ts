// Ordering new firmware: a file gets a version and the hub's signature, and devices an order to run it. In: a build's file, devices. Out: the version. It works on the
// store alone, so it may run in another process; the hub offers. It must never give one version of a build to two files.

import type { Bytes } from '../shared/bytes.ts';
import { toHex } from '../shared/bytes.ts';
import type { DeviceId } from '../shared/identity.ts';
import { fileDigest, MAX_FIRMWARE_BYTES, offerSignedBytes, offerTerms } from '../shared/offer.ts';
import { signAsHub } from './key.ts';
import { sha256 } from './proofs.ts';
import type { Store } from './store.ts';
import type { FirmwareOrder, FirmwareReport } from './store-firmware.ts';

/** The file's version: that of the build's newest one if it is the same file, else the next. */
export function versionOf(store: Store, build: string, file: Bytes, nowSeconds = Math.floor(Date.now() / 1000)): number {
  if (file.length > MAX_FIRMWARE_BYTES || file.length % 4 !== 0) {
    throw new Error(`expected a firmware file of whole words and at most ${MAX_FIRMWARE_BYTES} bytes, got ${file.length}`);
  }
  return store.atomically(() => {
    const digest = fileDigest(file, sha256);
    const newest = store.firmware.newest(build);
    if (newest !== undefined && newest.digest === digest && newest.fileBytes === file.length) return newest.version;
    const terms = { version: (newest?.version ?? 0) + 1, build, fileBytes: file.length, digest };
    const signature = signAsHub(store.dataDir, offerSignedBytes(offerTerms(terms), store.hub));
    store.firmware.add({ ...terms, signature }, file, nowSeconds);
    return terms.version;
  });
}

export function orderUpdate(
  store: Store,
  devices: readonly DeviceId[],
  { build, version }: { readonly build: string; readonly version: number },
  nowSeconds = Math.floor(Date.now() / 1000),
): void {
  store.atomically(() => {
    for (const device of devices) store.firmware.order(device, build, version, nowSeconds);
  });
}

/** How an order stands. */
export interface Standing {
  readonly kind: 'waiting' | 'offered' | 'loading' | 'verified' | 'on-trial' | 'running' | 'failed';
  /** For people; of a failure, why. */
  readonly sentence: string;
}

const FAILURES = {
  'rolled-back': 'rolled back: it gave no sign of life within three starts',
  'no-room': 'no room in its Storage; flash it by cable, which puts the Storage in order',
  'not-signed': "the signature is not this hub's, as the board knows it; flash it by cable",
  damaged: 'what arrived is damaged; order it again',
};

export function isEnd(standing: Standing): boolean {
  return standing.kind === 'running' || standing.kind === 'failed';
}

function failed(sentence: string): Standing {
  return { kind: 'failed', sentence };
}

export function standingOf(order: FirmwareOrder, report: FirmwareReport | undefined, fileBytes: number): Standing {
  if (report === undefined) return { kind: 'waiting', sentence: 'waits for the device to report' };
  if (report.build !== order.build) return failed(`it runs the build ${nameOf(report.build)}, not ${order.build}`);
  if (report.version > order.version) return failed(`it runs version ${report.version}, and boards do not go back`);
  if (report.version === order.version) {
    if (report.state === 'trial') return { kind: 'on-trial', sentence: 'on trial' };
    return { kind: 'running', sentence: `running version ${report.version}` };
  }
  if (report.offered !== order.version) return { kind: 'offered', sentence: 'offered' };
  switch (report.state) {
    case 'loading':
      return { kind: 'loading', sentence: `loading, ${Math.floor((report.at * 100) / fileBytes)} %` };
    case 'ready':
      return { kind: 'verified', sentence: 'verified, waits for a quiet moment to restart' };
    case 'rolled-back':
      return failed(FAILURES[report.state]);
    case 'no-room':
    case 'not-signed':
    case 'damaged':
      // An earlier order's end is none of this one.
      return report.order === order.number ? failed(FAILURES[report.state]) : { kind: 'offered', sentence: 'offered' };
    case 'running':
    case 'trial':
      return { kind: 'offered', sentence: 'offered' };
  }
}

/** A build's name as a device says it: bytes of anybody. */
function nameOf(build: Bytes): string {
  return /^[!-~]+$/.test(build) ? build : toHex(build);
}
