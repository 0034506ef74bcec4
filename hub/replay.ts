// Refused messages judged again, because the operator asks for it: the cause may be gone. In: requests in the database, whichever process wrote them. Out: each
// message goes through the intake like any other, and what the hub would have told the device is written down. It must never
// judge by itself, nor tell the device: a board sends again what it owes.

import type { Logger } from 'pino';
import type { Bytes } from '../shared/bytes.ts';
import { decodeDownlink } from '../shared/downlink.ts';
import type { Intake } from './intake.ts';
import { macOf } from './proofs.ts';
import type { Store } from './store.ts';
import { isStorageFault } from './storage-fault.ts';
import type { Replay, ReplayOutcome } from './store-quarantine.ts';

export interface Replays {
  /** Works off what was asked for, if another process has written; cheap when none has. */
  look(): void;
}

export interface ReplayOptions {
  readonly store: Store;
  readonly intake: Intake;
  readonly log: Logger;
  readonly nowSeconds: () => number;
}

export function openReplays({ store, intake, log, nowSeconds }: ReplayOptions): Replays {
  const changedElsewhere = store.watchElsewhere();
  let waiting: Replay[] = [];
  let due = true; // what a hub before this one left

  // One after the other: two messages in one group may share an answer.
  function judgeNext(): void {
    const [replay] = waiting;
    if (replay === undefined) return;
    let answer: Bytes | undefined;
    const send = (message: Bytes): void => void (answer = message);
    const done = (): void => void setImmediate(() => end(replay, answer)); // the answer follows the acknowledgement at once
    intake.receive({ device: replay.device, send, cut: () => {} }, replay.message, done);
  }

  /**
   * Asked for again at the next look if there is no outcome: the commit failed, the device's own message in the same group took the answer, or the
   * device has used up its allowance, which comes back.
   */
  function end(replay: Replay, answer: Bytes | undefined): void {
    const outcome = answer === undefined ? undefined : outcomeOf(store, replay, answer);
    const isOutcome = outcome !== undefined && !(outcome.kind === 'rejected' && outcome.reason === 'rate-limited');
    if (!isOutcome || !kept(replay, outcome)) due = true;
    waiting = waiting.slice(1);
    judgeNext();
  }

  function kept(replay: Replay, outcome: ReplayOutcome): boolean {
    try {
      store.atomically(() => store.quarantine.answer(replay, outcome, nowSeconds()));
    } catch (error) {
      if (!isStorageFault(error)) throw error;
      return false;
    }
    log.info({ sample: replay.sample, device: replay.device, outcome }, 'judged a refused message again');
    return true;
  }

  return {
    look() {
      due = changedElsewhere() || due;
      if (!due || waiting.length > 0) return;
      due = false;
      waiting = store.quarantine.asked();
      judgeNext();
    },
  };
}

function outcomeOf(store: Store, { device }: Replay, message: Bytes): ReplayOutcome | undefined {
  const row = store.devices.find(device);
  if (row === undefined) return undefined;
  const said = decodeDownlink(message, { hub: store.hub, device }, macOf(row.macKey));
  if (typeof said === 'string') throw new Error(`the hub's own answer cannot be read: ${said}`);
  if (said.kind === 'reject') return { kind: 'rejected', reason: said.reason };
  return said.kind === 'receipt' ? { kind: 'accepted', channel: said.channel, acceptedUnits: said.acceptedUnits } : undefined;
}
