// How long units wait for their receipt. In: deliveries, starts of the board and receipts. Out: a time for each delivery, once a receipt covers it, in positions of the board's register, which a lost unit leaves
// behind the truth. It judges nothing.

import type { OwnDevice } from './own-books.ts';

export interface LatencyBook {
  delivered(own: OwnDevice): void;
  booted(own: OwnDevice, registerUnits: number): void;
  covered(own: OwnDevice, registerUnits: number): void;
}

export interface LatencyOptions {
  readonly nowMs: () => number;
  readonly onLatency: (ms: number) => void;
}

interface Waiting {
  readonly registerUnits: number;
  readonly atMs: number;
}

export function latencyBook({ nowMs, onLatency }: LatencyOptions): LatencyBook {
  const waiting = new Map<OwnDevice, Waiting[]>();
  const behindUnits = new Map<OwnDevice, number>();
  return {
    delivered(own) {
      const queue = waiting.get(own) ?? [];
      if (queue.length === 0) waiting.set(own, queue);
      queue.push({ registerUnits: own.deliveredUnits - (behindUnits.get(own) ?? 0), atMs: nowMs() });
    },
    booted(own, registerUnits) {
      behindUnits.set(own, own.deliveredUnits - registerUnits);
      waiting.set(
        own,
        (waiting.get(own) ?? []).filter((one) => one.registerUnits <= registerUnits),
      );
    },
    covered(own, registerUnits) {
      const queue = waiting.get(own);
      if (queue === undefined) return;
      let done = 0;
      while (done < queue.length && (queue[done] as Waiting).registerUnits <= registerUnits) {
        onLatency(nowMs() - (queue[done] as Waiting).atMs);
        done++;
      }
      if (done > 0) queue.splice(0, done);
    },
  };
}
