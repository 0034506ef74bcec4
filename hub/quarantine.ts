// What was refused, kept where the operator can see it: counted by reason, with the newest samples. In: refused messages. Out: counts and samples. Memory is
// bounded; a message is never dropped without a trace here and in the log.

import type { DeviceId } from '../shared/identity.ts';
import type { Reason } from '../shared/reject.ts';
import { REASONS } from '../shared/reject.ts';

export interface Sample {
  readonly device: DeviceId;
  readonly reason: Reason;
  /** What was expected and what came; '' where the reason says it all. */
  readonly detail: string;
  readonly messageHex: string;
  readonly atSeconds: number;
}

export interface Quarantine {
  add(sample: Sample): void;
  /** The newest last. */
  samples(): readonly Sample[];
}

const SAMPLES_HELD = 100;

export function quarantine(): Quarantine {
  const held: Sample[] = [];
  return {
    add(sample) {
      held.push(sample);
      if (held.length > SAMPLES_HELD) held.shift();
    },
    samples: () => [...held],
  };
}

export function noReasons(): Record<Reason, number> {
  return Object.fromEntries(REASONS.map((reason) => [reason, 0])) as Record<Reason, number>;
}
