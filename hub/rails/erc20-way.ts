// How payouts become calls on a chain, and how a receipt is read. In: payouts, and logs of transactions that were mined. Out: calls, and which payouts they have paid. Two ways: a transfer at the token
// for each payout; or many by the contract `payouts.sol`, which takes each payout id once.

import { decodeEventLog, decodeFunctionResult, encodeFunctionData, parseAbi } from 'viem';
import type { EvmLog, EvmNode, Hex } from './evm-rpc.ts';
import type { Payout, PayoutId } from './rail.ts';

export interface TokenOptions {
  readonly address: Hex;
  readonly decimals: number;
  /** Where `payouts.sol` is deployed for this token; without it each payout is a transfer of its own. */
  readonly contract?: Hex | undefined;
}

export interface Call {
  readonly currency: string;
  readonly to: Hex;
  readonly data: Hex;
  readonly gas: number;
  readonly payouts: readonly Payout[];
}

/** Far above what tokens in use take; what is not used is not paid. */
const TRANSFER_GAS = 150_000;
const BATCH_GAS = 60_000;
const BATCH_GAS_EACH = 130_000;
const MAX_PER_CALL = 100;

const TOKEN = parseAbi([
  'function transfer(address to, uint256 amount) returns (bool)',
  'function balanceOf(address owner) view returns (uint256)',
  'function decimals() view returns (uint8)',
  'function allowance(address owner, address spender) view returns (uint256)',
  'event Transfer(address indexed from, address indexed to, uint256 value)',
]);
const CONTRACT = parseAbi([
  'function pay(bytes32[] ids, address[] to, uint256[] amounts)',
  'function stateOf(bytes32 id) view returns (uint8)',
  'function owner() view returns (address)',
  'function token() view returns (address)',
  'event Paid(bytes32 indexed id, address indexed to, uint256 amount)',
  'event Refused(bytes32 indexed id, address indexed to, uint256 amount)',
]);

/** The smallest amount of the token, in micros, or one micro where the token is finer. */
export function tokenUnitMicros({ decimals }: TokenOptions): number {
  return decimals >= 6 ? 1 : 10 ** (6 - decimals);
}

export function tokenAmount(amountMicros: number, { decimals }: TokenOptions): bigint {
  return (BigInt(amountMicros) * 10n ** BigInt(decimals)) / 1_000_000n; // exact: amounts are multiples of the unit
}

const addressOf = ({ destination }: Payout): Hex => destination.address as Hex;

/** The payout's 16 bytes, and zeros. */
function onChain(id: PayoutId): Hex {
  return `0x${id.padEnd(64, '0')}`;
}

export function callsFor(payouts: readonly Payout[], token: TokenOptions): Call[] {
  if (token.contract === undefined) return payouts.map((payout) => transferCall(payout, token));
  const calls: Call[] = [];
  for (let at = 0; at < payouts.length; at += MAX_PER_CALL) calls.push(batchCall(payouts.slice(at, at + MAX_PER_CALL), token));
  return calls;
}

function transferCall(payout: Payout, token: TokenOptions): Call {
  const args = [addressOf(payout), tokenAmount(payout.amountMicros, token)] as const;
  const data = encodeFunctionData({ abi: TOKEN, functionName: 'transfer', args });
  return { currency: payout.currency, to: token.address, data, gas: TRANSFER_GAS, payouts: [payout] };
}

function batchCall(payouts: readonly Payout[], token: TokenOptions): Call {
  const { contract = token.address } = token;
  const { currency = '' } = payouts[0] ?? {};
  const args = [
    payouts.map(({ id }) => onChain(id)),
    payouts.map(addressOf),
    payouts.map(({ amountMicros }) => tokenAmount(amountMicros, token)),
  ] as const;
  const gas = BATCH_GAS + BATCH_GAS_EACH * payouts.length;
  return { currency, to: contract, data: encodeFunctionData({ abi: CONTRACT, functionName: 'pay', args }), gas, payouts };
}

export type Verdict = 'paid' | 'refused' | 'unclear';

/** What a mined transaction's logs say of a transfer. A token may answer `true` and move nothing: its logs are what counts. */
export function transferVerdict(payout: Payout, token: TokenOptions, wallet: Hex, logs: readonly EvmLog[]): Verdict {
  const moves = logs.flatMap((log) => (same(log.address, token.address) ? transferIn(log) : []));
  const own = moves.filter(({ from, to }) => same(from, wallet) && same(to, addressOf(payout)));
  if (own.length === 0) return 'refused';
  return own.some(({ value }) => value === tokenAmount(payout.amountMicros, token)) ? 'paid' : 'unclear';
}

/** The same of a payout that the contract made; `unclear` where an earlier transaction had made it already. */
export function contractVerdict(id: PayoutId, contract: Hex, logs: readonly EvmLog[]): Verdict {
  for (const { topics, data } of logs.filter((log) => same(log.address, contract))) {
    const [signature, ...rest] = topics;
    if (signature === undefined) continue;
    const event = decodeEventLog({ abi: CONTRACT, topics: [signature, ...rest], data });
    if (event.args.id === onChain(id)) return event.eventName === 'Paid' ? 'paid' : 'refused';
  }
  return 'unclear';
}

function transferIn({ topics, data }: EvmLog): { from: Hex; to: Hex; value: bigint }[] {
  const [signature, ...rest] = topics;
  if (signature === undefined) return [];
  try {
    return [decodeEventLog({ abi: TOKEN, topics: [signature, ...rest], data }).args];
  } catch (error) {
    if (error instanceof Error && /^AbiEventSignatureNotFound|^DecodeLog/.test(error.name)) return []; // another event of the token's
    throw error;
  }
}

const same = (a: Hex, b: Hex): boolean => a.toLowerCase() === b.toLowerCase();

/** What the contract itself has on record of a payout: it needs no memory of ours. */
export async function contractState(
  node: EvmNode,
  contract: Hex,
  id: PayoutId,
  block: number | 'latest',
): Promise<Verdict | 'unknown'> {
  const data = encodeFunctionData({ abi: CONTRACT, functionName: 'stateOf', args: [onChain(id)] });
  const state = decodeFunctionResult({ abi: CONTRACT, functionName: 'stateOf', data: await node.call(contract, data, block) });
  if (state === 0) return 'unknown';
  return state === 1 ? 'paid' : 'refused';
}

/** What the wallet can pay out: its balance, and no more than what the contract was approved for. */
export async function payable(node: EvmNode, wallet: Hex, token: TokenOptions): Promise<bigint> {
  const asked = encodeFunctionData({ abi: TOKEN, functionName: 'balanceOf', args: [wallet] });
  const balance = decodeFunctionResult({
    abi: TOKEN,
    functionName: 'balanceOf',
    data: await node.call(token.address, asked, 'latest'),
  });
  if (token.contract === undefined) return balance;
  const approved = encodeFunctionData({ abi: TOKEN, functionName: 'allowance', args: [wallet, token.contract] });
  const allowance = decodeFunctionResult({
    abi: TOKEN,
    functionName: 'allowance',
    data: await node.call(token.address, approved, 'latest'),
  });
  return allowance < balance ? allowance : balance;
}

/** Where the chain contradicts the configuration, field first: a wrong count of decimals would pay a million times too much. */
export async function tokenFault(node: EvmNode, wallet: Hex, token: TokenOptions): Promise<string | undefined> {
  const { address, contract } = token;
  const decimalsData = encodeFunctionData({ abi: TOKEN, functionName: 'decimals' });
  const decimals = decodeFunctionResult({
    abi: TOKEN,
    functionName: 'decimals',
    data: await node.call(address, decimalsData, 'latest'),
  });
  if (decimals !== token.decimals) return `decimals: expected ${decimals}, as the token says, got ${token.decimals}`;
  if (contract === undefined) return undefined;
  const ask = async (functionName: 'owner' | 'token'): Promise<Hex> =>
    decodeFunctionResult({
      abi: CONTRACT,
      functionName,
      data: await node.call(contract, encodeFunctionData({ abi: CONTRACT, functionName }), 'latest'),
    });
  const [owner, itsToken] = [await ask('owner'), await ask('token')];
  if (!same(owner, wallet)) return `contract: expected one that this wallet has deployed, got one of ${owner}`;
  return same(itsToken, address) ? undefined : `contract: expected one for token ${address}, got one for ${itsToken}`;
}
