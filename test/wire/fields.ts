// Reading the fields of a vector's JSON. In: an object and a name. Out: the field as text, number, bytes. Vectors are our own files, so a
// wrong type is a broken vector: it shows as a failing case. Written in the Espruino subset.

import type { Bytes } from '../../shared/bytes.ts';
import { fromHex } from '../../shared/bytes.ts';
import type { Context } from '../../shared/cose.ts';
import type { DeviceId, HubId } from '../../shared/identity.ts';

export type Fields = Readonly<Record<string, unknown>>;

export function textOf(fields: Fields, name: string): string {
  return fields[name] as string;
}

export function numberOf(fields: Fields, name: string): number {
  return fields[name] as number;
}

export function boolOf(fields: Fields, name: string): boolean {
  return fields[name] as boolean;
}

export function octetsOf(fields: Fields, name: string): Bytes {
  return fromHex(textOf(fields, name)) as Bytes;
}

export function deviceOf(fields: Fields): DeviceId {
  return textOf(fields, 'device') as DeviceId;
}

export function contextOf(fields: Fields): Context {
  return { hub: octetsOf(fields, 'hub') as HubId, device: deviceOf(fields) };
}
