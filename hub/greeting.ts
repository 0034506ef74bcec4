// A visitor's first packet, looked at before the broker makes anything of it: whoever is not let in costs no more than the look. In: a whole CONNECT. Out: why it is sent away, or that it is the
// broker's to answer. It must never let anybody in: the broker asks again.

import { parser } from 'mqtt-packet';
import type { IConnectPacket } from 'mqtt-packet';
import type { Bytes } from '../shared/bytes.ts';
import type { DeviceId } from '../shared/identity.ts';
import { parseDeviceId } from '../shared/identity.ts';
import { bytesOf } from './blob.ts';

export interface Threshold {
  /** False while nothing can be stored. */
  readonly isReady: () => boolean;
  readonly isDevice: (device: DeviceId, password: Bytes) => boolean;
  /** False while the device has asked too much of the hub; its return is counted. */
  readonly mayReturn: (device: DeviceId) => boolean;
}

export interface Refusal {
  /** Of CONNACK [MQTT-3.2.2-6]. */
  readonly returnCode: number;
  readonly why: string;
}

export const NOTHING_STORED: Refusal = { returnCode: 3, why: 'nothing can be stored at present' };
export const NO_DEVICE: Refusal = { returnCode: 4, why: 'client id, user name and password are no enrolled device' };
const TOO_OFTEN: Refusal = { returnCode: 3, why: 'the device comes back too often, or has asked too much of the hub' };
const MQTT_3_1_1 = 4;
/** Of a name that anybody may make up, in the log. */
export const MAX_SHOWN = 64;

/** Nothing leaves the answer to the broker; so does what is no CONNECT of MQTT 3.1.1. */
export function refusalOf(
  packet: Buffer,
  { isReady, isDevice, mayReturn }: Threshold,
): (Refusal & { readonly client: string }) | undefined {
  const connect = connectIn(packet);
  if (connect === undefined || connect.protocolVersion !== MQTT_3_1_1 || connect.clientId === '') return undefined;
  const client = connect.clientId.slice(0, MAX_SHOWN);
  if (!isReady()) return { client, ...NOTHING_STORED }; // in this order: see `judgeGroup`
  const device = deviceOf(connect, isDevice);
  if (device === undefined) return { client, ...NO_DEVICE };
  return mayReturn(device) ? undefined : { client, ...TOO_OFTEN };
}

/** What a visitor says of itself. */
interface Claimed {
  readonly clientId: string;
  readonly username?: string | undefined;
  readonly password?: Uint8Array | undefined;
}

/** Who proves to be the device that it says it is. */
export function deviceOf({ clientId, username, password }: Claimed, isDevice: Threshold['isDevice']): DeviceId | undefined {
  const device = parseDeviceId(clientId);
  if (device === undefined || username !== clientId || password === undefined) return undefined;
  return isDevice(device, bytesOf(password)) ? device : undefined;
}

/** Nothing if it cannot be read. */
function connectIn(bytes: Buffer): IConnectPacket | undefined {
  const reader = parser({ protocolVersion: MQTT_3_1_1 });
  let found: IConnectPacket | undefined;
  reader.on('packet', (packet) => {
    if (packet.cmd === 'connect') found = packet;
  });
  reader.on('error', () => {});
  reader.parse(bytes);
  return found;
}
