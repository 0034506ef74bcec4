// The report: what firmware a board runs, and how an update of it stands. In: versions and a state. Out: bytes for `up`, and back. Nobody has signed it: all that it
// can bring about is that the hub offers firmware, or sends a piece of it, to the device whose connection it came by.

import type { Bytes } from './bytes.ts';
import { readArray, readBytesWithin, readEnd, readerOf, readUint, writeArray, writeBytes, writeUint } from './cbor.ts';
import { MAX_BUILD_BYTES, MAX_FIRMWARE_BYTES, MAX_FIRMWARE_VERSION } from './offer.ts';

/**
 * The index is the code on the wire. `loading` asks for the piece at the offset; `ready` waits for a quiet moment to restart; `trial` runs and has yet to prove
 * itself; the rest are ends: the version gave no sign of life, found no room in flash, is not signed by the hub, or arrived damaged. [W-33]
 */
export const REPORT_STATES = ['running', 'loading', 'ready', 'trial', 'rolled-back', 'no-room', 'not-signed', 'damaged'] as const;
export type ReportState = (typeof REPORT_STATES)[number];

export interface Report {
  readonly kind: 'report';
  /** What runs; 0 where it came by cable and without a number. */
  readonly version: number;
  readonly build: Bytes;
  readonly state: ReportState;
  /** The version that the state is about; 0 for `running` and `trial`. */
  readonly offered: number;
  /** Loaded so far. */
  readonly at: number;
}

/** The first byte of every report, and of nothing else on `up`. [W-9] */
export const REPORT_HEAD = 0x85;

const ITEMS = 5;

export interface ReportItems {
  readonly version: number;
  readonly build: Bytes;
  readonly code: number;
  readonly offered: number;
  readonly at: number;
}

export function writeReport(items: ReportItems): Bytes {
  return (
    writeArray(ITEMS) +
    writeUint(items.version) +
    writeBytes(items.build) +
    writeUint(items.code) +
    writeUint(items.offered) +
    writeUint(items.at)
  );
}

/** The report in a message, or a sentence saying what is wrong. [W-33] */
export function readReport(message: Bytes): Report | string {
  const r = readerOf(message);
  readArray(r, 'report', ITEMS);
  const version = readUint(r, 'version', 0, MAX_FIRMWARE_VERSION);
  const build = readBytesWithin(r, 'build', 1, MAX_BUILD_BYTES);
  const code = readUint(r, 'state', 0, REPORT_STATES.length - 1);
  const offered = readUint(r, 'offered version', 0, MAX_FIRMWARE_VERSION);
  const at = readUint(r, 'offset', 0, MAX_FIRMWARE_BYTES);
  readEnd(r);
  if (r.fault !== '') return r.fault;
  const state = REPORT_STATES[code] as ReportState;
  return { kind: 'report', version: version, build: build, state: state, offered: offered, at: at };
}
