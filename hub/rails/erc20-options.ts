// What the rail of ERC-20 tokens is told: a node, a chain, a wallet, its tokens and how patient and how generous to be. In: checked configuration. Out: a noun.

import type { TokenOptions } from './erc20-way.ts';
import type { FeeModel } from './rail.ts';
import type { Secret } from './secret.ts';

export interface Erc20Options {
  /** Of a node; it often holds a key. */
  readonly url: Secret;
  readonly chainId: number;
  readonly privateKey: Secret;
  /** By currency. */
  readonly tokens: Readonly<Record<string, TokenOptions>>;
  /** So many blocks, its own among them, before a payment counts. */
  readonly confirmations: number;
  /** The most to offer for a unit of gas. */
  readonly maxFeeWei: bigint;
  /** So long unmined, and a transaction is offered again at a better price. */
  readonly raiseAfterMs: number;
  readonly fee: FeeModel;
  readonly maxMicros: number;
  readonly timeoutMs: number;
}
