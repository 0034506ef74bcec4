// A chain with a token, a payout contract and the operator's wallet, behind the faults of a node. In: which way the rail pays. Out: a counterpart whose ledger is the token's own events.

import type { Abi } from 'viem';
import { decodeEventLog, encodeDeployData, encodeFunctionData, getAddress, parseAbi } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import type { Erc20Options } from '../../hub/rails/erc20-options.ts';
import { erc20Rail } from '../../hub/rails/erc20.ts';
import type { Hex } from '../../hub/rails/evm-rpc.ts';
import { Secret } from '../../hub/rails/secret.ts';
import type { Counterpart, Movement } from './conformance.ts';
import type { EvmChain } from './evm-chain.ts';
import { evmChain } from './evm-chain.ts';
import type { FaultyServer } from './faulty-server.ts';
import { FAULTS, faultyServer, READ_FAULTS } from './faulty-server.ts';
import type { TestClock } from './rail-world.ts';
import { NO_FEE } from './rail-world.ts';
import { compiled } from './solidity.ts';

const KEY: Hex = `0x${'1'.repeat(64)}`;
export const WALLET = privateKeyToAccount(KEY);
/** The token does not pay to it. */
export const REFUSED = getAddress(`0x${'bad'.padStart(40, '0')}`);
const CONFIRMATIONS = 3;
const SUPPLY = 10n ** 30n;
const TRANSFER = parseAbi(['event Transfer(address indexed from, address indexed to, uint256 value)']);
const token = compiled('test/rails/evm-token.sol', 'TestToken');
const payouts = compiled('hub/rails/payouts.sol', 'Payouts');

export interface Erc20World extends Counterpart {
  readonly chain: EvmChain;
  readonly door: FaultyServer;
  readonly options: Erc20Options;
  readonly contract: Hex;
  /** From the wallet, as somebody else who has its key would. */
  send(to: Hex | undefined, data: Hex): Promise<Hex | undefined>;
  tokenCall(functionName: string, ...args: readonly unknown[]): Hex;
}

interface Deployed {
  readonly chain: EvmChain;
  readonly address: Hex;
  readonly contract: Hex;
  nonce: number;
}

const shared = new Map<number, Promise<Deployed>>();

/** One chain for each count of decimals: deploying takes longer than most tests, and what came after it can be undone. */
async function freshly(decimals: number): Promise<Deployed> {
  const made = shared.get(decimals) ?? deploy(decimals);
  shared.set(decimals, made);
  const world = await made;
  await world.chain.restore();
  return { ...world };
}

async function deploy(decimals: number): Promise<Deployed> {
  const chain = await evmChain([WALLET.address]);
  const world: Deployed = { chain, address: '0x', contract: '0x', nonce: 0 };
  const address = (await sendAs(world, undefined, deployed(token, [SUPPLY, decimals]))) as Hex;
  const contract = (await sendAs(world, undefined, deployed(payouts, [address]))) as Hex;
  await sendAs(world, address, encodeFunctionData({ abi: token.abi, functionName: 'approve', args: [contract, SUPPLY] }));
  await sendAs(world, address, encodeFunctionData({ abi: token.abi, functionName: 'refuse', args: [REFUSED, 0] }));
  chain.keep();
  return { ...world, address, contract };
}

async function sendAs(world: Deployed, to: Hex | undefined, data: Hex): Promise<Hex | undefined> {
  const fees = { maxFeePerGas: 3_000_000_000n, maxPriorityFeePerGas: 200_000_000n, gas: 3_000_000n };
  const raw = await WALLET.signTransaction({
    type: 'eip1559',
    chainId: 1,
    nonce: world.nonce++,
    data,
    ...fees,
    ...(to === undefined ? {} : { to }),
  });
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_sendRawTransaction', params: [raw] });
  await world.chain.answer({ method: 'POST', url: new URL('http://node'), headers: {}, body });
  await world.chain.mine();
  return world.chain.receipts().at(-1)?.contractAddress;
}

export async function erc20World(clock: TestClock, way: 'transfer' | 'contract', decimals = 18): Promise<Erc20World> {
  const fresh = await freshly(decimals);
  const { chain, address, contract } = fresh;
  const send = (to: Hex | undefined, data: Hex): Promise<Hex | undefined> => sendAs(fresh, to, data);
  const tokenCall = (functionName: string, ...args: readonly unknown[]): Hex =>
    encodeFunctionData({ abi: token.abi, functionName, args });
  const counter = {
    answer: (asked: never) => chain.answer(asked),
    moves: ({ body }: { body: string }) => body.includes('eth_sendRawTransaction'),
  };
  const door = await faultyServer(counter);
  const options: Erc20Options = {
    url: new Secret(`${door.url}/v3/hush`),
    chainId: 1,
    privateKey: new Secret(KEY),
    tokens: { USD: { address, decimals, ...(way === 'contract' ? { contract } : {}) } },
    confirmations: CONFIRMATIONS,
    maxFeeWei: 100_000_000_000n,
    raiseAfterMs: 7_200_000,
    fee: NO_FEE,
    maxMicros: 1_000_000_000_000,
    timeoutMs: 80,
  };
  return {
    chain,
    door,
    options,
    contract,
    send,
    tokenCall,
    faults: [...FAULTS, ...READ_FAULTS, 'reorganised', 'reorganised, and lost'],
    open: () => erc20Rail(options, clock),
    moved: () => movedIn(chain, address, decimals),
    meet(fault) {
      if (fault.startsWith('reorganised')) void chain.reorganise(CONFIRMATIONS - 1, fault.endsWith('lost'));
      else door.meet(fault);
    },
    calm: door.calm,
    async passTime() {
      clock.pass(3_600_000);
      await door.arrive();
      await chain.mine();
      await chain.mine();
    },
    close: door.close,
  };
}

function deployed({ abi, bytecode }: { abi: Abi; bytecode: Hex }, args: readonly unknown[]): Hex {
  return encodeDeployData({ abi, bytecode, args });
}

function movedIn(chain: EvmChain, token: Hex, decimals: number): Movement[] {
  return chain
    .receipts()
    .flatMap(({ logs }) => logs)
    .filter(({ address }) => address === token)
    .flatMap(({ topics, data }) => {
      const [signature, ...rest] = topics as [Hex, ...Hex[]];
      if (rest.length !== 2) return [];
      const { from, to, value } = decodeEventLog({ abi: TRANSFER, topics: [signature, ...rest], data }).args;
      if (from.toLowerCase() !== WALLET.address.toLowerCase()) return [];
      return [
        {
          direction: 'pay' as const,
          address: to,
          currency: 'USD',
          amountMicros: Number((value * 1_000_000n) / 10n ** BigInt(decimals)),
        },
      ];
    });
}
