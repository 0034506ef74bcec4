// An Ethereum node, as much as a payout needs. In: questions. Out: answers, checked at the door. A node may lag behind, be another chain's, or be none at all: what it does not
// know is not taken for what is not so. Its address often holds a key, so it is never said.

import { z } from 'zod';
import { exchange, jsonOf } from './exchange.ts';
import { RailUnavailable } from './rail.ts';
import type { Secret } from './secret.ts';

export type Hex = `0x${string}`;

const hex = z.string().regex(/^0x[0-9a-f]*$/i) as unknown as z.ZodType<Hex>;
const count = z
  .string()
  .regex(/^0x[0-9a-f]{1,13}$/i)
  .transform(Number);
const wei = z
  .string()
  .regex(/^0x[0-9a-f]{1,64}$/i)
  .transform(BigInt);
const logSchema = z.object({ address: hex, topics: z.array(hex), data: hex });
const receiptSchema = z.object({ transactionHash: hex, blockNumber: count, status: count, logs: z.array(logSchema) });

export type EvmLog = z.infer<typeof logSchema>;
export type Receipt = z.infer<typeof receiptSchema>;

export interface EvmNode {
  chainId(): Promise<number>;
  blockNumber(): Promise<number>;
  nonceOf(address: Hex, block: number | 'latest'): Promise<number>;
  receiptOf(hash: Hex): Promise<Receipt | undefined>;
  call(to: Hex, data: Hex, block: number | 'latest'): Promise<Hex>;
  /** The base fee of the newest block, and the usual tip, in wei. */
  prices(): Promise<{ readonly baseWei: bigint; readonly tipWei: bigint }>;
  /** Whatever it answers: it may know it already, or not want it now. `undefined`: it took it. */
  broadcast(raw: Hex): Promise<string | undefined>;
}

interface NodeOptions {
  readonly url: Secret;
  readonly timeoutMs: number;
}

const envelopeSchema = z.object({
  jsonrpc: z.literal('2.0'),
  result: z.unknown().optional(),
  error: z.object({ code: z.int(), message: z.string() }).optional(),
});
type Envelope = z.infer<typeof envelopeSchema>;

export function evmNode({ url, timeoutMs }: NodeOptions): EvmNode {
  async function ask(method: string, params: readonly unknown[]): Promise<Envelope> {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
    const headers = { 'content-type': 'application/json' };
    const answer = await exchange({ url: new URL(url.reveal()), method: 'POST', headers, body, timeoutMs });
    const envelope = envelopeSchema.safeParse(answer.status === 200 ? jsonOf(answer) : undefined).data;
    if (envelope === undefined) throw new RailUnavailable(`erc20: the node gave no usable answer (${answer.status})`);
    return envelope;
  }

  async function told<T>(schema: z.ZodType<T>, method: string, ...params: readonly unknown[]): Promise<T> {
    const { result, error } = await ask(method, params);
    const parsed = schema.safeParse(result);
    if (error !== undefined) throw new RailUnavailable(`erc20: the node answered ${method} with error ${error.code}`);
    if (!parsed.success) throw new RailUnavailable(`erc20: the node answered ${method} with something else`);
    return parsed.data;
  }

  return {
    chainId: () => told(count, 'eth_chainId'),
    blockNumber: () => told(count, 'eth_blockNumber'),
    nonceOf: (address, block) => told(count, 'eth_getTransactionCount', address, blockText(block)),
    receiptOf: async (hash) => (await told(receiptSchema.nullable(), 'eth_getTransactionReceipt', hash)) ?? undefined,
    call: (to, data, block) => told(hex, 'eth_call', { to, data }, blockText(block)),
    async prices() {
      const { baseFeePerGas } = await told(z.object({ baseFeePerGas: wei }), 'eth_getBlockByNumber', 'latest', false);
      return { baseWei: baseFeePerGas, tipWei: await told(wei, 'eth_maxPriorityFeePerGas') };
    },
    broadcast: async (raw) => (await ask('eth_sendRawTransaction', [raw])).error?.message,
  };
}

const blockText = (block: number | 'latest'): string => (block === 'latest' ? block : `0x${block.toString(16)}`);
