// Transactions that were signed and are not yet buried under enough blocks. In: the rail's memory. Out: the outbox, as one value, so that a nonce and what it is used for are written
// down together or not at all. What has come to its end leaves it for a line per payout.

import type { Hex } from './evm-rpc.ts';
import type { Outcome, PayoutId, RailMemory } from './rail.ts';

/** The same nonce and the same content at one or more prices: at most one of them is ever mined. */
export interface OpenTransaction {
  readonly nonce: number;
  readonly currency: string;
  readonly to: Hex;
  readonly data: Hex;
  readonly gas: number;
  readonly payouts: readonly PayoutId[];
  readonly signedAtMs: number;
  readonly maxFeeWei: string;
  readonly tipWei: string;
  readonly raws: ReadonlyArray<{ readonly raw: Hex; readonly hash: Hex }>;
}

export interface Outbox {
  /** The lowest nonce that nothing was signed for. */
  readonly nextNonce: number;
  readonly open: readonly OpenTransaction[];
  /** Payouts whose transaction cannot be mined any more, and that the contract has not paid: they are signed for once more. */
  readonly again: readonly PayoutId[];
}

const KEY = 'outbox';

export function outboxOf(memory: RailMemory): Outbox {
  const text = memory.get(KEY);
  return text === undefined ? { nextNonce: 0, open: [], again: [] } : (JSON.parse(text) as Outbox);
}

export function keepOutbox(memory: RailMemory, outbox: Outbox): void {
  memory.put(KEY, JSON.stringify(outbox));
}

export function endOf(memory: RailMemory, id: PayoutId): Outcome | undefined {
  const text = memory.get(`end:${id}`);
  return text === undefined ? undefined : (JSON.parse(text) as Outcome);
}

export function keepEnd(memory: RailMemory, id: PayoutId, outcome: Outcome): void {
  memory.put(`end:${id}`, JSON.stringify(outcome));
}
