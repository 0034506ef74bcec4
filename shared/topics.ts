// MQTT topic names: `<root>/<device>/<leaf>`. In: a root and a device id, or an untrusted topic. Out: a topic, or its parts.
// It must never accept a topic that it would not build itself.

import type { DeviceId } from './identity.ts';
import { parseDeviceId } from './identity.ts';

export const DEFAULT_ROOT = 't';

/** `up` carries commitments, vouchers and reports, `down` receipts, rejects, grants, offers and pieces, `status` is retained. [W-6] */
export type Leaf = 'up' | 'down' | 'status';

export interface Topic {
  readonly device: DeviceId;
  readonly leaf: Leaf;
}

export function topicOf(root: string, device: DeviceId, leaf: Leaf): string {
  return root + '/' + device + '/' + leaf;
}

/** The parts of a topic under `root`; `undefined` for any other. */
export function parseTopic(root: string, topic: string): Topic | undefined {
  const parts = topic.split('/');
  if (parts.length !== 3 || parts[0] !== root) return undefined;
  const device = parseDeviceId(parts[1] as string);
  const leaf = parts[2];
  if (device === undefined) return undefined;
  if (leaf !== 'up' && leaf !== 'down' && leaf !== 'status') return undefined;
  return { device: device, leaf: leaf };
}

/** A root is 1..8 lower-case letters and digits: short, because every packet carries it. */
export function isRoot(text: string): boolean {
  if (text.length < 1 || text.length > 8) return false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const digit = code >= 48 && code <= 57;
    const letter = code >= 97 && code <= 122;
    if (!digit && !letter) return false;
  }
  return true;
}
