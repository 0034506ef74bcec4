// How often a webhook was tried, and when it is tried again: kept in the rail's memory, so that it outlives the process. In: payouts and attempts. Out: what is due. The attempt is
// written down before it is made, so that a process that dies at each one does not make them faster.

import type { PayoutId, RailMemory } from './rail.ts';

export interface Delivery {
  /** `given-up`: after the last attempt of the schedule, until somebody has it replayed. */
  readonly state: 'waiting' | 'delivered' | 'ended' | 'given-up';
  readonly attempts: number;
  readonly lastAtMs: number;
  readonly nextAtMs: number;
  /** What came of the last attempt. */
  readonly said: string;
}

const SECOND_MS = 1000;
const HOUR_MS = 3_600_000;
/** After so many attempts, so much later the next one: 75 hours in all, as Standard Webhooks recommends. */
const BACK_OFF_MS = [
  5 * SECOND_MS,
  300 * SECOND_MS,
  HOUR_MS / 2,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
  14 * HOUR_MS,
  20 * HOUR_MS,
  24 * HOUR_MS,
];
/** A receiver may ask for time, but not for ever. */
const MAX_RETRY_AFTER_MS = 24 * HOUR_MS;
const DISABLED = 'disabled';

export function deliveryOf(memory: RailMemory, id: PayoutId): Delivery | undefined {
  const text = memory.get(`delivery:${id}`);
  return text === undefined ? undefined : (JSON.parse(text) as Delivery);
}

export function keepDelivery(memory: RailMemory, id: PayoutId, delivery: Delivery): void {
  memory.put(`delivery:${id}`, JSON.stringify(delivery));
}

export function isDue(delivery: Delivery | undefined, nowMs: number): boolean {
  if (delivery === undefined) return true;
  return (delivery.state === 'waiting' || delivery.state === 'delivered') && nowMs >= delivery.nextAtMs;
}

/** The attempt that is about to be made; a fifth of the delay is chance, so that many do not come at once. */
export function nextAttempt(past: Delivery | undefined, nowMs: number, random: number): Delivery {
  const attempts = (past?.attempts ?? 0) + 1;
  const delayMs = BACK_OFF_MS[attempts - 1];
  const nextAtMs = delayMs === undefined ? nowMs : nowMs + Math.round(delayMs * (0.9 + 0.2 * random));
  return { state: delayMs === undefined ? 'given-up' : 'waiting', attempts, lastAtMs: nowMs, nextAtMs, said: 'no answer' };
}

/** `Retry-After` in seconds or as a date. */
export function postponed(delivery: Delivery, retryAfter: string | undefined, nowMs: number): Delivery {
  if (retryAfter === undefined) return delivery;
  const untilMs = /^\d{1,9}$/.test(retryAfter) ? nowMs + Number(retryAfter) * SECOND_MS : Date.parse(retryAfter);
  if (!Number.isFinite(untilMs)) return delivery;
  return { ...delivery, nextAtMs: Math.max(delivery.nextAtMs, Math.min(untilMs, nowMs + MAX_RETRY_AFTER_MS)) };
}

/** Tried from the beginning again, at once. */
export function replayDelivery(memory: RailMemory, id: PayoutId, nowMs: number): Delivery | undefined {
  const past = deliveryOf(memory, id);
  if (past === undefined) return undefined;
  const again: Delivery = {
    state: 'waiting',
    attempts: 0,
    lastAtMs: past.lastAtMs,
    nextAtMs: nowMs,
    said: 'replayed by the operator',
  };
  keepDelivery(memory, id, again);
  memory.put(DISABLED, '');
  return again;
}

/** The receiver has said that it is gone for good. */
export function disable(memory: RailMemory, url: string): void {
  memory.put(DISABLED, url);
}

export function isDisabled(memory: RailMemory, url: string): boolean {
  return memory.get(DISABLED) === url;
}
