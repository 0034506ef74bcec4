// The rail of ERC-20 tokens, from a wallet of the operator's that nothing else uses. In: payouts. Out: what the chain says of each. What is signed is written down before it is sent, and only
// the same bytes, or the same nonce and content at a better price, are ever sent again. Settled is what lies under so many blocks.

import { isAddress } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import type { RailWorld } from './attempts.ts';
import { assertMovable } from './attempts.ts';
import type { Chain } from './erc20-chain.ts';
import { chainOf } from './erc20-chain.ts';
import type { Erc20Options } from './erc20-options.ts';
import { endOf } from './erc20-outbox.ts';
import { tokenFault, tokenUnitMicros } from './erc20-way.ts';
import type { Hex } from './evm-rpc.ts';
import { evmNode } from './evm-rpc.ts';
import type { Destination, Outcome, Outcomes, Payout, PayoutId, Rail, RailMemory } from './rail.ts';
import { RailUnavailable } from './rail.ts';

export function erc20Rail(options: Erc20Options, world: RailWorld): Rail {
  const wallet = privateKeyToAccount(options.privateKey.reveal() as Hex);
  const chain = chainOf(options, wallet, world);
  const inTurn = turns();
  const advance = (payouts: readonly Payout[], memory: RailMemory, mayBegin: boolean): Promise<Outcomes> =>
    inTurn(() => outcomesOf(chain, payouts, memory, mayBegin));
  const rail: Rail = {
    name: 'erc20',
    directions: ['pay'],
    fee: options.fee,
    maxMicros: options.maxMicros,
    unitMicros(currency) {
      const token = options.tokens[currency];
      return token === undefined ? undefined : tokenUnitMicros(token);
    },
    destinationOf: (particulars) =>
      destinationOf(particulars, [wallet.address, ...Object.values(options.tokens).map(({ address }) => address)]),
    async submit(payouts, memory) {
      assertMovable(rail, payouts);
      return advance(payouts, memory, true);
    },
    // What was mined may have been unmined, what was sent may have been forgotten: looking and sending are one.
    poll: (payouts, memory) => advance(payouts, memory, false),
  };
  return rail;
}

async function outcomesOf(chain: Chain, payouts: readonly Payout[], memory: RailMemory, mayBegin: boolean): Promise<Outcomes> {
  const outcomes = new Map<PayoutId, Outcome>();
  const open: Payout[] = [];
  for (const payout of payouts) {
    const end = endOf(memory, payout.id);
    if (end === undefined) open.push(payout);
    else outcomes.set(payout.id, end);
  }
  if (open.length === 0) return outcomes;
  return new Map([...outcomes, ...(await chain.advance(open, memory, mayBegin))]);
}

/** One at a time: two that read the outbox at once would give one nonce twice. */
function turns(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const next = last.then(work, work);
    last = next.catch(() => undefined); // whoever asked has the error
    return next;
  };
}

function destinationOf({ evmAddress = '' }: Readonly<Record<string, string>>, own: readonly string[]): Destination | string {
  const got = evmAddress === '' ? 'none' : evmAddress;
  if (!isAddress(evmAddress, { strict: true }))
    return `evmAddress: expected 0x and 40 hex digits whose capitals are right, got ${got}`;
  if (/^0x0{40}$/.test(evmAddress)) return 'evmAddress: expected an address that somebody owns, got the zero address';
  if (own.some((address) => address.toLowerCase() === evmAddress.toLowerCase()))
    return `evmAddress: expected an address of the payee's, got a token's or the hub's own (${got})`;
  return { address: evmAddress };
}

/** Compares chain, tokens and contracts with what is configured. */
export async function probeErc20(options: Erc20Options): Promise<string> {
  const node = evmNode(options);
  const chainId = await node.chainId();
  if (chainId !== options.chainId)
    throw new RailUnavailable(`erc20: expected a node of chain ${options.chainId}, got one of chain ${chainId}`);
  const { address } = privateKeyToAccount(options.privateKey.reveal() as Hex);
  for (const [currency, token] of Object.entries(options.tokens)) {
    const fault = await tokenFault(node, address, token);
    if (fault !== undefined) throw new RailUnavailable(`erc20: tokens.${currency}.${fault}`);
  }
  return `chain ${chainId}, block ${await node.blockNumber()}, wallet ${address}`;
}
