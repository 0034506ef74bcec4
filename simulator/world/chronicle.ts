// The chronicle of a world: every event in its order, as one hash, and the figures that people look at. In: events, as short words and numbers. Out: a hash
// that is the same wherever the same seed has run, counts, latencies and a series for plots. It must never hold more than a bounded picture.

import { createHash } from 'node:crypto';

/** One point of the series: what happened since the point before. */
export interface SeriesPoint {
  readonly atMs: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly p99Ms: number;
}

export interface Chronicle {
  /** An event; goes into the hash. */
  note(what: string): void;
  /** A figure; adds to the counts and to the series. */
  count(what: string, by?: number): void;
  latency(ms: number): void;
  counts(): Readonly<Record<string, number>>;
  latencies(): { readonly p50Ms: number; readonly p95Ms: number; readonly p99Ms: number; readonly samples: number };
  series(): readonly SeriesPoint[];
  /** Hex, 32 characters; the chronicle goes on. */
  hash(): string;
  events(): number;
}

const POINTS = 240;
const FLUSH_CHARACTERS = 32_768;
const STEPS_PER_OCTAVE = 8;

export function createChronicle(nowMs: () => number, durationMs: number): Chronicle {
  const digest = createHash('sha256');
  const stepMs = Math.max(1, Math.ceil(durationMs / POINTS));
  const all = histogram();
  const points: Array<{ atMs: number; counts: Record<string, number>; latencies: Histogram }> = [];
  let held = '';
  let events = 0;

  let last: (typeof points)[number] | undefined;

  function point(): (typeof points)[number] {
    const atMs = nowMs();
    if (last !== undefined && atMs < last.atMs + stepMs) return last;
    const place = Math.floor(atMs / stepMs);
    while (points.length <= place) points.push({ atMs: points.length * stepMs, counts: {}, latencies: histogram() });
    const found = points[place] as (typeof points)[number];
    last = found;
    return found;
  }

  return {
    note(what) {
      events++;
      held += `${nowMs()} ${what}\n`;
      if (held.length < FLUSH_CHARACTERS) return;
      digest.update(held, 'latin1');
      held = '';
    },
    count(what, by = 1) {
      const { counts } = point();
      counts[what] = (counts[what] ?? 0) + by;
    },
    latency(ms) {
      all.add(ms);
      point().latencies.add(ms);
    },
    counts: () => sumOf(points.map((one) => one.counts)),
    latencies: () => ({ p50Ms: all.at(0.5), p95Ms: all.at(0.95), p99Ms: all.at(0.99), samples: all.samples() }),
    series: () => points.map(({ atMs, counts, latencies }) => ({ atMs, counts, p99Ms: latencies.at(0.99) })),
    hash: () => digest.copy().update(held, 'latin1').digest('hex').slice(0, 32),
    events: () => events,
  };
}

function sumOf(parts: readonly Record<string, number>[]): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const part of parts) for (const [what, by] of Object.entries(part)) sum[what] = (sum[what] ?? 0) + by;
  return sum;
}

interface Histogram {
  add(ms: number): void;
  /** The upper edge of the step that holds this share. */
  at(share: number): number;
  samples(): number;
}

/** Steps of an eighth of an octave: a percentile is at most nine per cent too high. */
function histogram(): Histogram {
  const steps: number[] = [];
  let samples = 0;
  return {
    add(ms) {
      const step = Math.ceil(Math.log2(Math.max(1, ms)) * STEPS_PER_OCTAVE);
      steps[step] = (steps[step] ?? 0) + 1;
      samples++;
    },
    at(share) {
      let below = 0;
      for (let step = 0; step < steps.length; step++) {
        below += steps[step] ?? 0;
        if (samples > 0 && below >= samples * share) return Math.round(2 ** (step / STEPS_PER_OCTAVE));
      }
      return 0;
    },
    samples: () => samples,
  };
}
