// What was refused, so that nobody has to guess: the newest samples in memory, and what is still to be written down. In: refused messages. Out: samples, and in
// parts what came since, by device and reason. It is bounded by the number of devices and never by their zeal; nothing is dropped without being counted.

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

/** What one device was refused for one reason since this was last asked. */
export interface RefusedGroup {
  readonly device: DeviceId;
  readonly reason: Reason;
  readonly messages: number;
  readonly lastAtSeconds: number;
  /** The newest distinct ones, the newest last. */
  readonly samples: readonly RefusedSample[];
}

export interface RefusedSample {
  readonly messageHex: string;
  readonly detail: string;
  /** How often these very bytes came. */
  readonly times: number;
}

export interface Quarantine {
  add(sample: Sample): void;
  /** The newest last. */
  samples(): readonly Sample[];
  /** The next to be written down, those that have waited longest; none when all are. */
  pending(): RefusedGroup[];
  /** These are written down, right after they were asked for. */
  kept(groups: readonly RefusedGroup[]): void;
}

/** So many distinct messages are kept for a device and a reason, in memory and in the database. */
export const SAMPLES_PER_REASON = 8;
const SAMPLES_HELD = 100;
/** A flood comes from many devices, and who writes all of it down at once holds up everybody else: so many groups at a time, or so large a share of them where many wait: of 1,600 the last has its turn after 44. */
const GROUPS_AT_ONCE = 16;
const SHARE_AT_ONCE = 1 / 16;

interface Gathered {
  readonly device: DeviceId;
  readonly reason: Reason;
  messages: number;
  lastAtSeconds: number;
  /** By their bytes; the newest last. */
  readonly samples: Map<string, RefusedSample>;
}

export function quarantine(): Quarantine {
  const held: Sample[] = [];
  const groups = new Map<string, Gathered>();
  return {
    add(sample) {
      held.push(sample);
      if (held.length > SAMPLES_HELD) held.shift();
      const key = keyOf(sample);
      const group = groups.get(key);
      if (group === undefined) groups.set(key, gathered(sample));
      else gather(group, sample);
    },
    samples: () => [...held],
    pending() {
      const most = Math.max(GROUPS_AT_ONCE, Math.ceil(groups.size * SHARE_AT_ONCE));
      const next = [...groups.values()].slice(0, most);
      return next.map((group) => ({ ...group, samples: [...group.samples.values()] }));
    },
    kept: (written) => written.forEach((group) => groups.delete(keyOf(group))),
  };
}

const keyOf = ({ device, reason }: Pick<Sample, 'device' | 'reason'>): string => `${device} ${reason}`;

function gathered(sample: Sample): Gathered {
  const group = {
    device: sample.device,
    reason: sample.reason,
    messages: 0,
    lastAtSeconds: 0,
    samples: new Map<string, RefusedSample>(),
  };
  gather(group, sample);
  return group;
}

/** A repeated message becomes the newest; of too many, the oldest goes. */
function gather(group: Gathered, { messageHex, detail, atSeconds }: Sample): void {
  const { samples } = group;
  group.messages++;
  group.lastAtSeconds = atSeconds;
  const times = (samples.get(messageHex)?.times ?? 0) + 1;
  samples.delete(messageHex);
  samples.set(messageHex, { messageHex, detail, times });
  const [oldest] = samples.keys();
  if (samples.size > SAMPLES_PER_REASON && oldest !== undefined) samples.delete(oldest);
}

export function noReasons(): Record<Reason, number> {
  return Object.fromEntries(REASONS.map((reason) => [reason, 0])) as Record<Reason, number>;
}
