// What all rails that talk to servers have in common: each payout is asked for on its own, and what was tried is written down before it is tried. In: payouts, the
// memory, and how a rail asks for one. Out: outcomes. A refusal is believed only when no earlier attempt can still be on its way, and is then
// remembered: under that id nothing is ever asked for again.

import type { Outcome, Outcomes, Payout, PayoutId, Rail, RailMemory } from './rail.ts';
import { RailUnavailable } from './rail.ts';

/** What a rail takes from the world beside its counterpart. */
export interface RailWorld {
  readonly nowMs: () => number;
  /** From 0 to below 1. */
  readonly random: () => number;
}

/** What was tried for a payout before. */
export interface Attempts {
  readonly tries: number;
  readonly firstAtMs: number;
  /** When an attempt began that nobody has answered. */
  readonly doubtAtMs?: number;
  /** It was refused for good. */
  readonly rejected?: string;
}

export type Ask = (payout: Payout, before: Attempts) => Promise<Outcome>;

/** A request without an answer may arrive so much later: networks and proxies hold nothing for longer. */
export const LATE_MS = 15 * 60_000;
/** So many payouts are asked for at a time. */
const LANES = 4;
/** After so many in a row without an answer the others are left alone: they would wait as long, for as little. */
const MAX_FAILURES = 3;

/** Throws for what must never reach a rail: the caller has to know units and currencies. */
export function assertMovable(
  rail: Pick<Rail, 'name' | 'unitMicros' | 'maxMicros' | 'directions'>,
  payouts: readonly Payout[],
): void {
  for (const { id, amountMicros, currency, direction } of payouts) {
    const unit = rail.unitMicros(currency);
    if (unit === undefined) throw new Error(`payout ${id}: expected a currency that ${rail.name} moves, got ${currency}`);
    if (!rail.directions.includes(direction))
      throw new Error(`payout ${id}: expected ${rail.directions.join(' or ')}, got ${direction}`);
    if (!Number.isSafeInteger(amountMicros) || amountMicros <= 0 || amountMicros % unit !== 0 || amountMicros > rail.maxMicros) {
      throw new Error(`payout ${id}: expected a multiple of ${unit} up to ${rail.maxMicros} micros, got ${amountMicros}`);
    }
  }
}

export function attemptsOf(memory: RailMemory, id: PayoutId): Attempts | undefined {
  const text = memory.get(`payout:${id}`);
  return text === undefined ? undefined : (JSON.parse(text) as Attempts);
}

function keep(memory: RailMemory, id: PayoutId, attempts: Attempts): void {
  memory.put(`payout:${id}`, JSON.stringify(attempts));
}

/**
 * Asks for each payout that was not refused before, those first that were tried least: one that never has an answer must not stand before the others for
 * ever. Those without an answer are `sent`; when none has one, it throws.
 */
export function submitEach(payouts: readonly Payout[], memory: RailMemory, world: RailWorld, ask: Ask): Promise<Outcomes> {
  const tries = new Map(payouts.map(({ id }) => [id, attemptsOf(memory, id)?.tries ?? 0]));
  const inOrder = [...payouts].sort((a, b) => (tries.get(a.id) ?? 0) - (tries.get(b.id) ?? 0));
  return inLanes(inOrder, { kind: 'sent' }, async (payout) => {
    const nowMs = world.nowMs();
    const past = attemptsOf(memory, payout.id) ?? { tries: 0, firstAtMs: nowMs };
    if (past.rejected !== undefined) return { kind: 'rejected', why: past.rejected };
    const { tries, firstAtMs, doubtAtMs } = past;
    keep(memory, payout.id, { tries: tries + 1, firstAtMs, doubtAtMs: nowMs });
    const outcome = await ask(payout, past);
    const doubt = doubtAtMs !== undefined && nowMs - doubtAtMs < LATE_MS ? { doubtAtMs } : {};
    const rejected = outcome.kind === 'rejected' && doubt.doubtAtMs === undefined ? { rejected: outcome.why } : {};
    keep(memory, payout.id, { tries: tries + 1, firstAtMs, ...doubt, ...rejected });
    return outcome.kind === 'rejected' && rejected.rejected === undefined ? { kind: 'sent' } : outcome;
  });
}

/** Asks what has become of each payout; an end that the counterpart has on record is believed at once. */
export function pollEach(
  payouts: readonly Payout[],
  memory: RailMemory,
  ask: (payout: Payout) => Promise<Outcome | undefined>,
): Promise<Outcomes> {
  return inLanes(payouts, undefined, async (payout) => {
    const past = attemptsOf(memory, payout.id);
    if (past?.rejected !== undefined) return { kind: 'rejected', why: past.rejected };
    const outcome = await ask(payout);
    if (outcome?.kind === 'rejected' && past !== undefined) keep(memory, payout.id, { ...past, rejected: outcome.why });
    return outcome;
  });
}

async function inLanes(
  payouts: readonly Payout[],
  unknown: Outcome | undefined,
  one: (payout: Payout) => Promise<Outcome | undefined>,
): Promise<Outcomes> {
  const outcomes = new Map<PayoutId, Outcome>();
  const waiting = [...payouts];
  let unavailable: RailUnavailable | undefined;
  let failures = 0;
  const lane = async (): Promise<void> => {
    for (let payout = waiting.shift(); payout !== undefined && failures < MAX_FAILURES; payout = waiting.shift()) {
      try {
        const outcome = await one(payout);
        failures = 0;
        if (outcome !== undefined) outcomes.set(payout.id, outcome);
      } catch (error) {
        if (!(error instanceof RailUnavailable)) throw error;
        unavailable = error;
        failures++;
      }
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: LANES }, lane));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  if (unavailable !== undefined && outcomes.size === 0) throw unavailable;
  if (unknown !== undefined) for (const { id } of payouts) if (!outcomes.has(id)) outcomes.set(id, unknown);
  return outcomes;
}
