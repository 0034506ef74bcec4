// What is durable in the hub's journal and may not be in the database yet, by the auditor's own reading of its records. In: records as they became durable. Out: units by channel. It holds nothing of a hub
// that has gone: the next one begins with all of it in the database.

import type { Record } from '../../hub/journal.ts';
import type { DeviceId } from '../../shared/identity.ts';

export interface OwnJournal {
  durable(record: Record): void;
  /** -1 if none are. */
  units(device: DeviceId, channel: number): number;
  forget(): void;
}

const HEAD_BYTES = 20;
const PAYWORD_BYTES = 8 + 4 + 4 + 16;
const SIGNED_BYTES = 8 + 4 + 4 + 64;

export function ownJournal(): OwnJournal {
  const byDevice = new Map<string, Map<number, number>>();

  function entries(buffer: Buffer, from: number, to: number, entryBytes: number): void {
    for (let at = from; at < to; at += entryBytes) {
      const device = buffer.toString('base64url', at, at + 8);
      const channels = byDevice.get(device) ?? new Map<number, number>();
      if (channels.size === 0) byDevice.set(device, channels);
      const channel = buffer.readUInt32BE(at + 8);
      channels.set(channel, Math.max(channels.get(channel) ?? -1, buffer.readUInt32BE(at + 12)));
    }
  }

  return {
    durable({ buffer, bytes, signedBytes }) {
      const signedAt = HEAD_BYTES + bytes;
      entries(buffer, HEAD_BYTES, signedAt, PAYWORD_BYTES);
      entries(buffer, signedAt, signedAt + signedBytes, SIGNED_BYTES);
    },
    units: (device, channel) => byDevice.get(device)?.get(channel) ?? -1,
    forget: () => byDevice.clear(),
  };
}
