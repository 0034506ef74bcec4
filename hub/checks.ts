// Signatures of waiting messages, checked on other threads before the judge sees them, so that a storm of openings stalls no payword. In: all that waits of one device. Out: a call back when
// the judge will find every answer it needs. Of several signed vouchers on one channel only the highest is checked ahead: once that is accepted the others are duplicates, and nobody
// looks at their proof [W-23]. It decides nothing: the judge asks, and what was not checked ahead is checked then.

import type { Bytes } from '../shared/bytes.ts';
import type { Commitment } from '../shared/commitment.ts';
import { PURPOSE_COMMITMENT, PURPOSE_VOUCHER, signedBytes } from '../shared/cose.ts';
import type { Uplink } from '../shared/uplink.ts';
import type { SignedVoucher } from '../shared/voucher.ts';
import type { Known, KnownDevice } from './known.ts';

type Proven = Commitment | SignedVoucher;

export interface Checks {
  /** True if nothing needs to be checked ahead; else `done` is called when it has been. */
  isReady(device: KnownDevice, messages: readonly Uplink[], done: () => void): boolean;
  /** Whether this message's signature is its device's; `undefined` if it was not checked. */
  answer(message: Uplink): boolean | undefined;
}

/** So many are with the pool, which has work while this thread is busy; the journal's next write waits for a millisecond of them at most. */
const CHECKS_AT_ONCE = 16;

export function openChecks(known: Known): Checks {
  const answers = new WeakMap<Uplink, boolean>();
  const queue: Array<() => void> = [];
  let running = 0;

  function next(): void {
    const check = running < CHECKS_AT_ONCE ? queue.shift() : undefined;
    if (check === undefined) return;
    running++;
    check();
  }

  function request(device: KnownDevice, message: Proven, done: () => void): void {
    const signed = signedBytes(purposeOf(message), device.context, message.payload);
    queue.push(() =>
      device.verifyLater(signed, message.signature, (isGood) => {
        answers.set(message, isGood);
        running--;
        next();
        done();
      }),
    );
    next();
  }

  return {
    isReady(device, messages, done) {
      const open = openProofs(known, device, messages);
      let left = open.length;
      for (const message of open) request(device, message, () => --left === 0 && done());
      return left === 0;
    },
    answer: (message) => answers.get(message),
  };
}

function purposeOf(message: Proven): typeof PURPOSE_COMMITMENT | typeof PURPOSE_VOUCHER {
  return message.kind === 'commitment' ? PURPOSE_COMMITMENT : PURPOSE_VOUCHER;
}

/** What the judge will have to verify, as far as one can know before the messages in front are judged. */
function openProofs(known: Known, device: KnownDevice, messages: readonly Uplink[]): Proven[] {
  const commitments = new Map<Bytes, Commitment>();
  const highest = new Map<number, SignedVoucher>();
  for (const message of messages) {
    if (message.kind === 'commitment') {
      const channel = known.channel(device, message.terms.channel);
      if (channel?.commitment.payload !== message.payload) commitments.set(message.payload + message.signature, message);
    } else if (message.kind === 'signed') {
      const channel = known.channel(device, message.channel);
      const isNews = message.units > (channel?.acceptedUnits ?? 0) || (message.closing && channel?.closed !== true);
      if (isNews && message.units >= (highest.get(message.channel)?.units ?? 0)) highest.set(message.channel, message);
    }
  }
  return [...commitments.values(), ...highest.values()];
}
