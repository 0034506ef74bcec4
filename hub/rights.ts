// Who may do what over MQTT, as pure functions. In: an authenticated device and what it asks for. Out: yes, or a sentence saying why not. What is not listed
// here is refused: a device may publish on its own `up` and `status` and listen on its own `down`.

import type { DeviceId } from '../shared/identity.ts';
import { readStatus } from '../shared/status.ts';
import { parseTopic, topicOf } from '../shared/topics.ts';
import type { Bytes } from '../shared/bytes.ts';

export interface Publication {
  readonly topic: string;
  readonly qos: number;
  readonly retain: boolean;
}

export type PublishRight = { readonly kind: 'up' | 'status' } | { readonly kind: 'refused'; readonly why: string };

function refused(why: string): PublishRight {
  return { kind: 'refused', why };
}

export function publishRight(root: string, device: DeviceId, { topic, qos, retain }: Publication): PublishRight {
  // Nearly all is said on the sender's own `up`: compared whole, which costs a tenth of taking it apart.
  const own = topic === topicOf(root, device, 'up') ? { device, leaf: 'up' } : parseTopic(root, topic);
  if (own === undefined) return refused(`expected a topic such as ${topicOf(root, device, 'up')}, got ${JSON.stringify(topic)}`);
  if (own.device !== device) return refused(`${device} may not publish for ${own.device}`);
  if (qos > 1) return refused(`expected QoS 0 or 1, got ${qos}`);
  if (own.leaf === 'status') return { kind: 'status' };
  if (own.leaf === 'down') return refused(`only the hub publishes on ${topic}`);
  if (retain) return refused('only the status may be retained');
  return { kind: 'up' };
}

export function maySubscribe(root: string, device: DeviceId, filter: string): boolean {
  return filter === topicOf(root, device, 'down');
}

/** Why a last will is refused; `undefined` for one that may be. */
export function willFault(root: string, device: DeviceId, will: Publication, payload: Bytes): string | undefined {
  const right = publishRight(root, device, will);
  if (right.kind === 'refused') return right.why;
  if (right.kind === 'up') return 'a last will may only be a status';
  const status = readStatus(payload);
  return typeof status === 'string' ? status : undefined;
}
