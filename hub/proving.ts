// Signed vouchers that wait for their check. In: messages that a lane would take if their signature held. Out: to the commits, or, all of a lane's, to the judge, who knows the reason. Of those that wait on
// one channel the highest is checked; when it is good all are covered by it, and when it is not none is acknowledged here [W-23]. Checks take a little of each turn of the event loop, so that
// signatures, which are dear, hold up no paywords, which are cheap: the more wait, the more are covered by one check.

import type { Bytes } from '../shared/bytes.ts';
import type { Asker, Commits } from './commits.ts';
import type { Known } from './known.ts';
import type { Lane } from './lane.ts';
import { advanceSigned, signedUnits } from './signed-lane.ts';
import type { Turns } from './turns.ts';

export interface Proving {
  /** A message from `at` to before `end`; false: nothing has changed, and it is for the judge. */
  take(asker: Asker, lane: Lane, data: Buffer, at: number, end: number, packetId: number): boolean;
  /** Too many wait: whoever reads messages should stop for now. */
  isCrowded(): boolean;
  /** Checks all that waits, now. */
  finish(): void;
}

/** What waits on one lane, for one connection. */
interface Waiting {
  readonly asker: Asker;
  readonly number: number;
  readonly messages: Bytes[];
  readonly packetIds: number[];
  highest: Bytes;
  units: number;
}

/** So long the event loop is held by checks, and by one more. */
const SLICE_MS = 2;
const CROWD_MESSAGES = 16_384;

export function openProving(known: Known, commits: Commits, turns: Turns): Proving {
  const queue = new Map<Lane, Waiting>();
  let messages = 0;
  let scheduled = false;

  function schedule(): void {
    if (scheduled) return;
    scheduled = true;
    turns.soon(() => {
      scheduled = false;
      slice(turns.nowMs() + SLICE_MS);
      if (queue.size > 0) schedule();
    });
  }

  function slice(untilMs: number): void {
    if (queue.size > 0) known.refresh();
    for (const [lane, waiting] of queue) {
      queue.delete(lane);
      messages -= waiting.messages.length;
      prove(lane, waiting);
      if (turns.nowMs() >= untilMs) return;
    }
  }

  function prove(lane: Lane, { asker, number, messages, packetIds, highest, units }: Waiting): void {
    lane.isProving = false;
    asker.pendingRuns--;
    if (advanceSigned(lane, highest, number, units)) commits.addCovered(asker, lane, packetIds);
    else asker.judge(messages, packetIds);
  }

  return {
    take(asker, lane, data, at, end, packetId) {
      const units = signedUnits(lane, known, data, at, end);
      if (units === 0) return false;
      const waiting = queue.get(lane);
      if (waiting !== undefined && waiting.asker !== asker) return false;
      const message = data.toString('latin1', at, end);
      messages++;
      if (waiting === undefined) {
        lane.isProving = true;
        asker.pendingRuns++;
        const first = { asker, number: lane.number, messages: [message], packetIds: [packetId], highest: message, units };
        queue.set(lane, first);
        schedule();
        return true;
      }
      waiting.messages.push(message);
      waiting.packetIds.push(packetId);
      if (units > waiting.units) {
        waiting.units = units;
        waiting.highest = message;
      }
      return true;
    },
    isCrowded: () => messages >= CROWD_MESSAGES,
    finish: () => slice(Number.POSITIVE_INFINITY),
  };
}
