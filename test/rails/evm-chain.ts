// A chain in this process: a real EVM under blocks, nonces, receipts, a pool of waiting transactions, and reorganisations. In: JSON-RPC. Out: answers, and the logs of what the present chain holds. It is
// as strict as nodes are: a nonce is used once, a better offer must be a tenth better.

import { createBlock } from '@ethereumjs/block';
import { Common, Hardfork, Mainnet } from '@ethereumjs/common';
import type { TypedTransaction } from '@ethereumjs/tx';
import { createTxFromRLP } from '@ethereumjs/tx';
import { Account, bytesToHex, createAddressFromString, hexToBytes } from '@ethereumjs/util';
import type { VM } from '@ethereumjs/vm';
import { createVM, runTx } from '@ethereumjs/vm';
import type { Hex, Receipt } from '../../hub/rails/evm-rpc.ts';
import type { Answered, Asked } from './faulty-server.ts';

const common = new Common({ chain: Mainnet, hardfork: Hardfork.Shanghai });
const BASE_WEI = 1_000_000_000n;
const TIP_WEI = 100_000_000n;
const GAS_LIMIT = 30_000_000n;

interface MinedBlock {
  readonly root: Uint8Array;
  readonly receipts: readonly (Receipt & { readonly contractAddress: Hex | undefined })[];
  readonly transactions: readonly TypedTransaction[];
}

export interface EvmChain {
  answer(asked: Asked): Promise<Answered>;
  /** One block with all that can be mined. */
  mine(): Promise<void>;
  /** The last so many blocks below the tallest that the chain has been are undone, once or again: what lay deeper stays. Their transactions wait again, or are lost. */
  reorganise(blocks: number, lost: boolean): Promise<void>;
  /** What is mined by now is the ground that `restore` comes back to, and no reorganisation undoes. */
  keep(): void;
  restore(): Promise<void>;
  receipts(): MinedBlock['receipts'][number][];
  waiting(): number;
  /** While true, nothing is mined. */
  stalled: boolean;
}

export async function evmChain(rich: readonly Hex[]): Promise<EvmChain> {
  const vm = await createVM({ common });
  for (const address of rich) await vm.stateManager.putAccount(createAddressFromString(address), new Account(0n, 10n ** 21n));
  const blocks: MinedBlock[] = [{ root: await vm.stateManager.getStateRoot(), receipts: [], transactions: [] }];
  let pool: TypedTransaction[] = [];
  let ground = 1;
  let tallest = 1;
  let tail: Promise<unknown> = Promise.resolve();

  /** The EVM has one state: one at a time. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const next = tail.then(work, work);
    tail = next.catch(() => undefined);
    return next;
  }

  async function at<T>(number: number, look: (vm: VM) => Promise<T>): Promise<T> {
    await vm.stateManager.setStateRoot((blocks[number] as MinedBlock).root, true);
    const found = await look(vm);
    await vm.stateManager.setStateRoot((blocks.at(-1) as MinedBlock).root, true);
    return found;
  }

  const nonceOf = (address: string, number: number): Promise<bigint> =>
    at(number, async () => (await vm.stateManager.getAccount(createAddressFromString(address)))?.nonce ?? 0n);

  async function mineBlock(): Promise<void> {
    if (chain.stalled) return;
    const number = blocks.length;
    const block = createBlock(
      { header: { number, baseFeePerGas: BASE_WEI, gasLimit: GAS_LIMIT, timestamp: 1_800_000_000 + number * 12 } },
      { common, skipConsensusFormatValidation: true },
    );
    const [receipts, transactions]: [MinedBlock['receipts'][number][], TypedTransaction[]] = [[], []];
    for (const tx of [...pool].sort((a, b) => (a.nonce < b.nonce ? -1 : 1))) {
      const account = await vm.stateManager.getAccount(tx.getSenderAddress());
      if (account?.nonce !== tx.nonce) continue;
      const result = await runTx(vm, { tx, block });
      const logs = (result.execResult.logs ?? []).map(([address, topics, data]) => ({
        address: bytesToHex(address),
        topics: topics.map((topic) => bytesToHex(topic)),
        data: bytesToHex(data),
      }));
      const contractAddress = result.createdAddress === undefined ? undefined : bytesToHex(result.createdAddress.bytes);
      receipts.push({
        transactionHash: bytesToHex(tx.hash()),
        blockNumber: number,
        status: result.execResult.exceptionError === undefined ? 1 : 0,
        logs,
        contractAddress,
      });
      transactions.push(tx);
    }
    blocks.push({ root: await vm.stateManager.getStateRoot(), receipts, transactions });
    const mined = new Set(transactions.map((tx) => `${tx.getSenderAddress().toString()} ${tx.nonce}`));
    pool = pool.filter((tx) => !mined.has(`${tx.getSenderAddress().toString()} ${tx.nonce}`));
  }

  async function take(raw: Hex): Promise<{ result: Hex } | { error: object }> {
    const tx = createTxFromRLP(hexToBytes(raw), { common });
    const from = tx.getSenderAddress().toString();
    if ((await nonceOf(from, blocks.length - 1)) > tx.nonce) return refused('nonce too low');
    const rival = pool.find((one) => one.getSenderAddress().toString() === from && one.nonce === tx.nonce);
    if (rival !== undefined && bytesToHex(rival.hash()) === bytesToHex(tx.hash())) return refused('already known');
    if (rival !== undefined && offerOf(tx) * 10n < offerOf(rival) * 11n) return refused('replacement transaction underpriced');
    pool = [...pool.filter((one) => one !== rival), tx];
    return { result: bytesToHex(tx.hash()) };
  }

  const receipts = (): MinedBlock['receipts'][number][] => blocks.flatMap((block) => block.receipts);

  async function reply(method: string, params: readonly unknown[]): Promise<{ result: unknown } | { error: object }> {
    const [first, second] = params as [never, never];
    const number = (tag: string): number => (tag === 'latest' ? blocks.length - 1 : Number(tag));
    switch (method) {
      case 'eth_chainId':
        return { result: '0x1' };
      case 'eth_blockNumber':
        return { result: hexOf(blocks.length - 1) };
      case 'eth_getTransactionCount':
        return { result: hexOf(await nonceOf(first, number(second))) };
      case 'eth_getTransactionReceipt': {
        const receipt = receipts().find(({ transactionHash }) => transactionHash === first);
        return {
          result:
            receipt === undefined ? null : { ...receipt, blockNumber: hexOf(receipt.blockNumber), status: hexOf(receipt.status) },
        };
      }
      case 'eth_getBlockByNumber':
        return { result: { number: hexOf(blocks.length - 1), baseFeePerGas: hexOf(BASE_WEI) } };
      case 'eth_maxPriorityFeePerGas':
        return { result: hexOf(TIP_WEI) };
      case 'eth_sendRawTransaction':
        return take(first);
      case 'eth_call':
        return call(first, number(second));
      default:
        return { error: { code: -32601, message: `the method ${method} does not exist` } };
    }
  }

  function call({ to, data }: { to: Hex; data: Hex }, number: number): Promise<{ result: Hex } | { error: object }> {
    return at(number, async () => {
      const { execResult } = await vm.evm.runCall({ to: createAddressFromString(to), data: hexToBytes(data) });
      return execResult.exceptionError === undefined
        ? { result: bytesToHex(execResult.returnValue) }
        : refused('execution reverted');
    });
  }

  const chain: EvmChain = {
    stalled: false,
    receipts,
    keep: () => void (ground = blocks.length),
    restore: () =>
      inTurn(async () => {
        blocks.splice(ground);
        tallest = blocks.length;
        pool = [];
        chain.stalled = false;
        await vm.stateManager.setStateRoot((blocks.at(-1) as MinedBlock).root, true);
      }),
    waiting: () => pool.length,
    mine: () =>
      inTurn(async () => {
        await mineBlock();
        tallest = Math.max(tallest, blocks.length);
      }),
    reorganise: (count, lost) =>
      inTurn(async () => {
        const undone = blocks.splice(Math.max(ground, tallest - count));
        if (!lost) pool = [...undone.flatMap(({ transactions }) => transactions), ...pool];
        await vm.stateManager.setStateRoot((blocks.at(-1) as MinedBlock).root, true);
      }),
    async answer(asked) {
      const { id, method, params } = JSON.parse(asked.body) as { id: number; method: string; params: unknown[] };
      const told = await inTurn(() => reply(method, params));
      return { status: 200, body: JSON.stringify({ jsonrpc: '2.0', id, ...told }) };
    },
  };
  return chain;
}

function offerOf(tx: TypedTransaction): bigint {
  return 'maxFeePerGas' in tx ? tx.maxFeePerGas : 0n;
}

function refused(message: string): { error: object } {
  return { error: { code: -32000, message } };
}

function hexOf(value: number | bigint): Hex {
  return `0x${value.toString(16)}`;
}
