// The auditor's own books: what each machine truly delivered, and what its board was heard to promise. In: deliveries and messages. Out: one record per
// device and channel, with the proofs recomputed. It shares no arithmetic with the hub: amounts are its own, in exact integers, and so are hashes.

import { hash } from 'node:crypto';
import type { Bytes } from '../../shared/bytes.ts';
import { fromBase64url } from '../../shared/bytes.ts';
import type { Terms } from '../../shared/commitment.ts';
import type { DeviceConfig } from '../../shared/config.ts';
import { isTimed } from '../../shared/charge.ts';
import type { Tariff } from '../../shared/tariff.ts';
import { MAX_GAP_UNITS } from '../../shared/units.ts';
import type { Connects } from './connects.ts';
import { connects } from './connects.ts';
import type { OwedAnswer } from './owed-answer.ts';
import { owedAnswer } from './owed-answer.ts';
import type { OwnTimes } from './own-segments.ts';
import type { OwnWallet } from './own-wallets.ts';

export interface OwnChannel {
  readonly terms: Terms;
  readonly salt: Bytes;
  /** The most that the board was heard to promise. */
  voucheredUnits: number;
  /** The most that the hub was heard to confirm. */
  receiptedUnits: number;
  /** The hub was heard to confirm that the channel is closed. */
  closed: boolean;
  /** The highest link that leads to the anchor, recomputed. */
  link: Bytes;
  linkUnits: number;
  /** A true link that a thief with the key has said, one unit too far ahead when it was said; 0 for none. */
  aheadUnits: number;
  /** What the books last said. */
  acceptedUnits: number;
  claimedUnits: number;
  settledUnits: number;
  /** By the hub's clock, as it was when its opening was committed; -1 before. */
  openedAtSeconds: number;
  /** Where prices differ by time. */
  readonly times: OwnTimes | undefined;
}

export interface OwnDevice {
  readonly label: string;
  readonly config: DeviceConfig;
  readonly tariff: Tariff;
  /** The payer's, where it has terms or budgets. */
  readonly wallet: OwnWallet | undefined;
  readonly channels: Map<number, OwnChannel>;
  deliveredUnits: number;
  /** What the hub was heard to confirm, on all channels together. */
  receiptedUnits: number;
  /** What faults of the board may have lost at most, and what they, or a thief with its key, may have made it promise beyond what was metered. */
  lossBoundUnits: number;
  overBoundUnits: number;
  /** Delivered since a state of its flash that came back, or by a copy of it: a prepaid board does not know of them, and may serve them again. */
  forgottenUnits: number;
  /** The highest ceiling that an operator was told it has. */
  grantedUnits: number;
  readonly owed: OwedAnswer;
  readonly connects: Connects;
  /** `damaged`: its flash is not what it wrote. `corrupted`, too: and it may not start. `cloned`, `thief`, `conflicting`: who cheats, and was seen to. */
  readonly marks: Set<string>;
}

export function ownDevice(label: string, config: DeviceConfig, tariff: Tariff, wallet?: OwnWallet): OwnDevice {
  return {
    label,
    config,
    tariff,
    wallet,
    channels: new Map(),
    deliveredUnits: 0,
    receiptedUnits: 0,
    lossBoundUnits: 0,
    overBoundUnits: 0,
    forgottenUnits: 0,
    grantedUnits: 0,
    owed: owedAnswer(),
    connects: connects(),
    marks: new Set(),
  };
}

export function ownChannel(device: string, tariff: Tariff, terms: Terms): OwnChannel {
  const counts = { voucheredUnits: 0, receiptedUnits: 0, acceptedUnits: 0, claimedUnits: 0, settledUnits: 0 };
  const times = isTimed(tariff) ? { lastSeconds: -1, acceptances: [] } : undefined;
  const salt = saltOf(device, terms.channel);
  return { terms, salt, ...counts, closed: false, link: terms.anchor, linkUnits: 0, aheadUnits: 0, openedAtSeconds: -1, times };
}

/**
 * The hub has accepted the thief's link, and rightly so if the board's own vouchers have overtaken it on the way and it was within the bound [W-16] when it came: the payer's key has promised what no meter has counted.
 */
export function noteThiefsPromise(own: OwnDevice, channel: OwnChannel, acceptedUnits: number): void {
  const { aheadUnits, linkUnits, voucheredUnits } = channel;
  if (acceptedUnits !== aheadUnits || aheadUnits <= voucheredUnits || aheadUnits - linkUnits > MAX_GAP_UNITS) return;
  own.overBoundUnits += aheadUnits - voucheredUnits;
  channel.voucheredUnits = aheadUnits;
}

const LINK_BYTES = 16;
const INPUT = Buffer.alloc(3 + 8 + 4 + 4 + LINK_BYTES);

/** Walks from a revealed link to the last one known, after the text of the wire's rules [W-14] and not by its code. */
export function leadsBack(channel: OwnChannel, link: Bytes, units: number): boolean {
  let at = link;
  for (let index = units - 1; index >= channel.linkUnits; index--) {
    INPUT.write(channel.salt, 'latin1');
    INPUT.writeUInt32BE(index, 15);
    INPUT.write(at, 19, LINK_BYTES, 'latin1');
    at = hash('sha256', INPUT, 'binary').substring(0, LINK_BYTES);
  }
  return at === channel.link;
}

/** 'TS1', device, channel: what stands in front of index and link. */
function saltOf(device: string, channel: number): Bytes {
  const number = Buffer.alloc(4);
  number.writeUInt32BE(channel);
  return `TS1${fromBase64url(device) as Bytes}${number.toString('latin1')}`;
}
