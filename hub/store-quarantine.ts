// Refused messages in the database: how many by device and reason, the newest samples of each, and what became of samples that the operator had judged again.
// In: what was refused. Out: rows. It must never grow with the number of refused messages: so many samples per device and reason, and no more.

import type { Database } from 'better-sqlite3';
import type { Bytes } from '../shared/bytes.ts';
import type { DeviceId } from '../shared/identity.ts';
import type { Reason } from '../shared/reject.ts';
import { blobOf, bytesOf } from './blob.ts';
import type { RefusedGroup } from './quarantine.ts';
import { SAMPLES_PER_REASON } from './quarantine.ts';

export interface RefusedCount {
  readonly device: DeviceId;
  readonly reason: Reason;
  readonly messages: number;
  readonly firstAtSeconds: number;
  readonly lastAtSeconds: number;
}

export interface KeptSample {
  readonly sample: number;
  readonly device: DeviceId;
  readonly reason: Reason;
  readonly detail: string;
  readonly message: Bytes;
  readonly times: number;
  readonly firstAtSeconds: number;
  readonly lastAtSeconds: number;
}

/** A sample that is to be judged again, with its bytes: the sample itself may be gone by then. */
export interface Replay {
  readonly replay: number;
  readonly sample: number;
  readonly device: DeviceId;
  readonly message: Bytes;
}

export type ReplayOutcome =
  | { readonly kind: 'accepted'; readonly channel: number; readonly acceptedUnits: number }
  | { readonly kind: 'rejected'; readonly reason: Reason };

export interface QuarantineRows {
  /** Within the caller's transaction. */
  keep(group: RefusedGroup): void;
  counts(): RefusedCount[];
  samples(): KeptSample[];
  find(sample: number): KeptSample | undefined;
  /** Asks for a sample to be judged again; answers the number under which its outcome will be found. */
  ask(sample: KeptSample, nowSeconds: number): number;
  /** Replays that wait for their outcome, the oldest first. */
  asked(): Replay[];
  /** Within the caller's transaction. A sample that was accepted leaves the quarantine; its count stays. */
  answer(replay: Replay, outcome: ReplayOutcome, nowSeconds: number): void;
  outcome(replay: number): ReplayOutcome | undefined;
}

interface RawSample extends Omit<KeptSample, 'message'> {
  readonly message: Buffer;
}

interface RawOutcome {
  readonly reason: Reason | null;
  readonly channel: number | null;
  readonly acceptedUnits: number | null;
}

const REPLAYS_HELD = 1000;
const SAMPLE = `SELECT sample, device, reason, detail, message, times, first_at_seconds AS firstAtSeconds,
  last_at_seconds AS lastAtSeconds FROM quarantine_samples`;

export function quarantineRows(db: Database): QuarantineRows {
  return { ...keptRows(db), ...replayRows(db) };
}

function keptRows(db: Database): Pick<QuarantineRows, 'keep' | 'counts' | 'samples' | 'find'> {
  const count = db.prepare(
    `INSERT INTO quarantine (device, reason, messages, first_at_seconds, last_at_seconds) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET messages = messages + excluded.messages, last_at_seconds = max(last_at_seconds, excluded.last_at_seconds)`,
  );
  const keep = db.prepare(
    `INSERT INTO quarantine_samples (device, reason, detail, message, times, first_at_seconds, last_at_seconds) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (device, reason, message) DO UPDATE SET times = times + excluded.times, last_at_seconds = excluded.last_at_seconds`,
  );
  const bound = db.prepare(
    `DELETE FROM quarantine_samples WHERE device = ? AND reason = ? AND sample NOT IN
       (SELECT sample FROM quarantine_samples WHERE device = ? AND reason = ? ORDER BY last_at_seconds DESC, sample DESC LIMIT ?)`,
  );
  const counts = db.prepare<[], RefusedCount>(
    `SELECT device, reason, messages, first_at_seconds AS firstAtSeconds, last_at_seconds AS lastAtSeconds
     FROM quarantine ORDER BY last_at_seconds DESC, device, reason`,
  );
  const samples = db.prepare<[], RawSample>(`${SAMPLE} ORDER BY last_at_seconds DESC, sample DESC`);
  const find = db.prepare<[number], RawSample>(`${SAMPLE} WHERE sample = ?`);
  return {
    keep({ device, reason, messages, lastAtSeconds: at, samples: newest }) {
      count.run(device, reason, messages, at, at);
      for (const { messageHex, detail, times } of newest) {
        keep.run(device, reason, detail, Buffer.from(messageHex, 'hex'), times, at, at);
      }
      bound.run(device, reason, device, reason, SAMPLES_PER_REASON);
    },
    counts: () => counts.all(),
    samples: () => samples.all().map(sampleOf),
    find(sample) {
      const raw = find.get(sample);
      return raw === undefined ? undefined : sampleOf(raw);
    },
  };
}

function sampleOf(raw: RawSample): KeptSample {
  return { ...raw, message: bytesOf(raw.message) };
}

function replayRows(db: Database): Pick<QuarantineRows, 'ask' | 'asked' | 'answer' | 'outcome'> {
  const ask = db.prepare('INSERT INTO replays (sample, device, message, asked_at_seconds) VALUES (?, ?, ?, ?)');
  const bound = db.prepare('DELETE FROM replays WHERE replay <= ? AND answered_at_seconds IS NOT NULL');
  const asked = db.prepare<[], Omit<Replay, 'message'> & { readonly message: Buffer }>(
    'SELECT replay, sample, device, message FROM replays WHERE answered_at_seconds IS NULL ORDER BY replay',
  );
  const answer = db.prepare(
    'UPDATE replays SET reason = ?, channel = ?, accepted_units = ?, answered_at_seconds = ? WHERE replay = ?',
  );
  const release = db.prepare('DELETE FROM quarantine_samples WHERE sample = ?');
  const outcome = db.prepare<[number], RawOutcome>(
    `SELECT reason, channel, accepted_units AS acceptedUnits FROM replays WHERE replay = ? AND answered_at_seconds IS NOT NULL`,
  );
  return {
    ask(sample, nowSeconds) {
      const replay = Number(ask.run(sample.sample, sample.device, blobOf(sample.message), nowSeconds).lastInsertRowid);
      bound.run(replay - REPLAYS_HELD);
      return replay;
    },
    asked: () => asked.all().map((raw) => ({ ...raw, message: bytesOf(raw.message) })),
    answer({ replay, sample }, said, nowSeconds) {
      if (said.kind === 'rejected') answer.run(said.reason, null, null, nowSeconds, replay);
      else {
        answer.run(null, said.channel, said.acceptedUnits, nowSeconds, replay);
        release.run(sample);
      }
    },
    outcome(replay) {
      const raw = outcome.get(replay);
      if (raw === undefined) return undefined;
      if (raw.reason !== null) return { kind: 'rejected', reason: raw.reason };
      return { kind: 'accepted', channel: raw.channel ?? 0, acceptedUnits: raw.acceptedUnits ?? 0 };
    },
  };
}
