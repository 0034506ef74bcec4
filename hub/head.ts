// A signed tree head, as a pure noun: what the hub puts its name to when it closes a batch. In: its fields. Out: the bytes that its signature covers, which are lines of
// ASCII that anybody can put together and read. They begin with their purpose, so no other signature of the hub can pass for one.

import type { Bytes } from '../shared/bytes.ts';
import { toHex } from '../shared/bytes.ts';
import type { HubId } from '../shared/identity.ts';

export interface Head {
  /** 32 hex digits. */
  readonly batch: string;
  /** Heads of a hub are numbered from 1, without gaps: a batch cannot be slipped in or left out unseen. */
  readonly number: number;
  readonly lines: number;
  /** 32 bytes. */
  readonly root: Bytes;
  readonly preparedAtSeconds: number;
  /** The last entry of the books at that moment, which holds what this batch settles or stands after it. */
  readonly entry: number;
  /** That entry's hash under a seal: it binds the books to the head and shows nobody what they say. */
  readonly ledger: Bytes;
}

export interface SignedHead extends Head {
  /** 64 bytes. */
  readonly signature: Bytes;
}

export function headBytes(hub: HubId, head: Head): Bytes {
  const { batch, number, lines, root, preparedAtSeconds, entry, ledger } = head;
  return [
    'tallystick head 1',
    `hub ${toHex(hub)}`,
    `number ${number}`,
    `batch ${batch}`,
    `lines ${lines}`,
    `root ${toHex(root)}`,
    `prepared ${preparedAtSeconds}`,
    `entry ${entry}`,
    `ledger ${toHex(ledger)}`,
    '',
  ].join('\n');
}
