// Defects of the judge: proofs that are not checked, or checked by another rule. In: what the shipped hub knows of its devices. Out: the same with one of its
// means of proof exchanged.

import { createHash } from 'node:crypto';
import * as ed from '@noble/ed25519';
import type { Known, KnownDevice } from '../../hub/known.ts';
import type { Verify } from '../../hub/accept.ts';
import { sha256 } from '../../hub/proofs.ts';
import type { Bytes, Sha256 } from '../../shared/bytes.ts';
import { NO_CHAIN } from '../../shared/commitment.ts';
import { PROTOCOL } from '../../shared/cose.ts';
import type { Units } from '../../shared/units.ts';
import type { Defect } from './defect.ts';
import { SHIPPED_PARTS } from '../world/parts.ts';
import { inHub, JUDGED_PARTS } from './defect.ts';

/** Changes each device as it is first read; it stays the same object, because the hub puts its counts into it. */
export function onDevice(change: (device: KnownDevice) => void): () => { known: (known: Known) => Known } {
  return () => ({
    known(known) {
      const done = new WeakSet<KnownDevice>();
      return {
        ...known,
        find(id, nowMs) {
          const device = known.find(id, nowMs);
          if (device !== undefined && !done.has(device)) {
            done.add(device);
            change(device);
          }
          return device;
        },
      };
    },
  });
}

const verifying = (make: (verify: Verify, device: KnownDevice) => Verify): (() => { known: (known: Known) => Known }) =>
  onDevice((device) => {
    (device as { verify: Verify }).verify = make(device.verify, device);
  });

ed.hashes.sha512 = (message) => new Uint8Array(createHash('sha512').update(message).digest());

const raw = (bytes: Bytes): Uint8Array => new Uint8Array(Buffer.from(bytes, 'latin1'));

function cofactored(device: KnownDevice): Verify {
  const publicKey = raw(device.row.publicKey);
  return (message, signature) => {
    try {
      return ed.verify(raw(signature), raw(message), publicKey);
    } catch {
      return false; // what noble cannot decode is no signature by its rule either
    }
  };
}

/** The purpose stands behind the protocol's name in what is signed. */
function underPurpose(message: Bytes, purpose: number): Bytes {
  const at = message.indexOf(PROTOCOL) + PROTOCOL.length;
  return message.substring(0, at) + String.fromCharCode(purpose) + message.substring(at + 1);
}

const LINK_INPUT_BYTES = 35;
const isLinkInput = (data: Bytes): boolean => data.length === LINK_INPUT_BYTES && data.startsWith('TS1');

/** Hub and boards alike, so that they understand each other: only somebody who knows the wire's rules can tell. */
function otherLinks(id: string, what: string, change: (plain: Sha256) => Sha256): Defect {
  const changed = change(sha256);
  return {
    id,
    room: 'judge',
    what,
    parts: () => ({
      ...JUDGED_PARTS,
      hub: { ...JUDGED_PARTS.hub, known: (known) => ({ ...known, lookups: { ...known.lookups, sha256: changed } }) },
      board: (board) => ({ ...board, sha256: changed }),
    }),
  };
}

/** Every link is taken for the one that is asked for. */
function anyLink(known: Known): Known {
  let wanted: Bytes = '';
  return {
    ...known,
    channel(device, number) {
      const channel = known.channel(device, number);
      if (channel !== undefined) wanted = channel.link;
      return channel;
    },
    lookups: { ...known.lookups, sha256: (data) => (isLinkInput(data) ? wanted + wanted : sha256(data)) },
  };
}

/** With it the hub cannot tell that a commitment which conflicts has the board's own chain, and refuses it as any other. */
function withoutAnchor(known: Known): Known {
  return {
    ...known,
    channel(device, number) {
      const channel = known.channel(device, number);
      return channel === undefined ? undefined : { ...channel, terms: { ...channel.terms, anchor: NO_CHAIN } };
    },
  };
}

export const JUDGE_DEFECTS: readonly Defect[] = [
  inHub(
    { id: 'signature-not-checked', room: 'judge', what: 'Every signature is taken for good.' },
    verifying(() => () => true),
  ),
  inHub(
    {
      id: 'wrong-cofactor-rule',
      room: 'judge',
      what: 'Signatures are checked with the cofactor, which accepts some that others refuse.',
    },
    verifying((_verify, device) => cofactored(device)),
  ),
  inHub(
    { id: 'purpose-not-bound', room: 'judge', what: 'A signature for one purpose counts for another.' },
    verifying((verify) => (message, signature) => [1, 2].some((purpose) => verify(underPurpose(message, purpose), signature))),
  ),
  inHub({ id: 'payword-not-checked', room: 'judge', what: 'Every link is taken for good.' }, () => ({ known: anyLink })),
  otherLinks('link-not-salted', 'Links are hashed without the device and the channel.', (plain) => (data) => {
    return plain(isLinkInput(data) ? `TS1${'\0'.repeat(12)}${data.substring(15)}` : data);
  }),
  otherLinks('link-cut-short', 'Only four bytes of a link carry the chain.', (plain) => (data) => {
    const hashed = plain(data);
    return isLinkInput(data) ? hashed.substring(0, 4) + '\0'.repeat(12) + hashed.substring(16) : hashed;
  }),
  inHub(
    { id: 'credit-not-checked', room: 'judge', what: 'A channel may owe more than its device was given credit for.' },
    onDevice((device) => {
      device.row = { ...device.row, creditMicros: Number.MAX_SAFE_INTEGER };
    }),
  ),
  inHub(
    { id: 'receipt-one-too-many', room: 'judge', what: 'A repeated voucher is answered with one unit more than was accepted.' },
    () => ({
      known: (known) => ({
        ...known,
        channel(device, number) {
          const channel = known.channel(device, number);
          return channel === undefined || channel.acceptedUnits % 7 !== 3
            ? channel
            : { ...channel, acceptedUnits: (channel.acceptedUnits + 1) as Units };
        },
      }),
    }),
  ),
  {
    id: 'conflict-without-receipt',
    room: 'judge',
    what: 'A board whose channel somebody with its key has opened under other terms is refused, and hears nothing of what it has paid there.',
    // Boards must meet a thief just before they restart, which few days bring about: the one whose seed is known, with the hub as the scenario has it.
    parts: () => ({ ...SHIPPED_PARTS, hub: { ...SHIPPED_PARTS.hub, known: withoutAnchor } }),
  },
  inHub(
    { id: 'channel-forgotten', room: 'judge', what: 'After a restart the hub does not know the channels that were open.' },
    () => ({
      known: (known) => ({
        ...known,
        channel: (device, number) => device.channels.get(number),
      }),
    }),
  ),
];
