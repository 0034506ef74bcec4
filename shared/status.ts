// The retained status of a device, which is also its last will. In: state and register. Out: bytes, and back. It is for people's eyes:
// nobody has signed it, so no money rule may ever depend on it.

import type { Bytes } from './bytes.ts';
import { MAX_SAFE, readArray, readEnd, readerOf, readUint, writeArray, writeUint } from './cbor.ts';
import { MAX_CHANNEL_NUMBER } from './units.ts';

/** The index is the code on the wire. [W-19] */
export const STATES = ['offline', 'serving', 'stopped', 'fault'] as const;
export type State = (typeof STATES)[number];

export interface Status {
  readonly kind: 'status';
  readonly state: State;
  /** 0 while no channel is open. */
  readonly channel: number;
  /** The meter's lifetime register. */
  readonly registerUnits: number;
}

const WIRE_VERSION = 1;
const ITEMS = 4;

export function writeStatus(state: State, channel: number, registerUnits: number): Bytes {
  return (
    writeArray(ITEMS) + writeUint(WIRE_VERSION) + writeUint(STATES.indexOf(state)) + writeUint(channel) + writeUint(registerUnits)
  );
}

/** The status in a message, or a sentence saying what is wrong. [W-19] */
export function readStatus(message: Bytes): Status | string {
  const r = readerOf(message);
  readArray(r, 'status', ITEMS);
  readUint(r, 'wire version', WIRE_VERSION, WIRE_VERSION);
  const code = readUint(r, 'state', 0, STATES.length - 1);
  const channel = readUint(r, 'channel number', 0, MAX_CHANNEL_NUMBER);
  const registerUnits = readUint(r, 'meter register', 0, MAX_SAFE);
  readEnd(r);
  if (r.fault !== '') return r.fault;
  return { kind: 'status', state: STATES[code] as State, channel: channel, registerUnits: registerUnits };
}
