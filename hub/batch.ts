// A settlement batch, as a pure noun: claims closed together, one line per channel, and the transfers they net to. In: where channels stand. Out: lines,
// transfers and the batch's id, which is the hash of its content: so a batch can be sent twice and is still one. Lines are the leaves
// of a hash tree, so one line can be proven to an outsider without showing the others.

import type { Bytes, Sha256 } from '../shared/bytes.ts';
import { toHex, uint32Bytes } from '../shared/bytes.ts';
import type { AccountId, DeviceId, HubId } from '../shared/identity.ts';
import { deviceBytesOf } from '../shared/identity.ts';
import type { ChannelNumber } from '../shared/units.ts';
import type { Transfer } from './ledger.ts';
import { netTransfers } from './ledger.ts';

/** What one channel contributes: the units above what was settled before, and their price. */
export interface BatchLine {
  readonly device: DeviceId;
  readonly number: ChannelNumber;
  readonly payer: AccountId;
  readonly payee: AccountId;
  readonly currency: string;
  readonly fromUnits: number;
  readonly toUnits: number;
  readonly fromMicros: number;
  readonly toMicros: number;
}

export type BatchState = 'prepared' | 'sent' | 'settled';

export interface Batch {
  /** 32 hex digits. */
  readonly id: string;
  readonly state: BatchState;
  readonly preparedAtSeconds: number;
  /** In their order. They may be a million: each time they are asked for, they are read. */
  readonly lines: Iterable<BatchLine>;
}

export function transfersOf(lines: Iterable<BatchLine>): Transfer[] {
  return netTransfers(amountsOf(lines));
}

function* amountsOf(lines: Iterable<BatchLine>): Iterable<Transfer> {
  for (const { payer, payee, currency, fromMicros, toMicros } of lines)
    yield { payer, payee, currency, amountMicros: toMicros - fromMicros };
}

/** Of a leaf, without its salt. */
export const LINE_BYTES = 55;

/** What is hashed for a line: its salt, and its fields at fixed places, numbers with the most significant byte first. */
export function leafOf(line: BatchLine, salt: Bytes): Bytes {
  const { device, number, fromUnits, toUnits, fromMicros, toMicros, payer, payee, currency } = line;
  const counts =
    uint32Bytes(number) + uint32Bytes(fromUnits) + uint32Bytes(toUnits) + uint64Bytes(fromMicros) + uint64Bytes(toMicros);
  return salt + deviceBytesOf(device) + counts + payer + payee + currency;
}

function uint64Bytes(n: number): Bytes {
  return uint32Bytes(Math.floor(n / 4294967296)) + uint32Bytes(n % 4294967296);
}

export function batchIdUnder(hub: HubId, lineCount: number, root: Bytes, sha256: Sha256): string {
  return toHex(sha256('tallystick batch 2' + hub + uint32Bytes(lineCount) + root).substring(0, 16));
}

/** The leaves of batches that were made before leaves had salts: JSON of a list, so that no two lines read alike. */
export function earlierLeafOf(line: BatchLine): Bytes {
  const { device, number, currency, fromUnits, toUnits, fromMicros, toMicros } = line;
  return JSON.stringify([
    device,
    number,
    toHex(line.payer),
    toHex(line.payee),
    currency,
    fromUnits,
    toUnits,
    fromMicros,
    toMicros,
  ]);
}

export function earlierBatchIdUnder(hub: HubId, lineCount: number, root: Bytes, sha256: Sha256): string {
  return toHex(sha256('tallystick batch 1' + hub + uint32Bytes(lineCount) + root).substring(0, 16));
}

/** Of a batch without lines, which carries what earlier payouts did not move: each of those is carried once, so the id is as unique. */
export function carryingBatchIdOf(hub: HubId, replaced: readonly string[], sha256: Sha256): string {
  return batchIdUnder(hub, 0, sha256(['carried', ...replaced].join(' ')), sha256);
}
