// Whether what a rail talks to is there, and is what the operator meant. In: a rail's options. Out: a few words on what was found, or `RailUnavailable`. No probe moves money, and none shows a secret.

import { z } from 'zod';
import { privateKeyToAccount } from 'viem/accounts';
import type { Resolve } from './address-guard.ts';
import { guardedAddress } from './address-guard.ts';
import type { RailWorld } from './attempts.ts';
import type { Erc20Options } from './erc20-options.ts';
import { tokenFault } from './erc20-way.ts';
import { evmNode } from './evm-rpc.ts';
import type { Hex } from './evm-rpc.ts';
import { exchange, jsonOf } from './exchange.ts';
import type { LightningOptions } from './lightning.ts';
import type { PaypalOptions } from './paypal.ts';
import { paypalAccess } from './paypal-access.ts';
import { RailUnavailable } from './rail.ts';
import type { StripeOptions } from './stripe.ts';
import { stripeClient } from './stripe-client.ts';
import type { WebhookOptions } from './webhook.ts';

/** It asks with GET, which no receiver of webhooks takes for an order: any answer will do. */
export async function webhook({ url, allow, timeoutMs }: WebhookOptions, resolve: Resolve): Promise<string> {
  const target = new URL(url);
  const address = await guardedAddress(target, allow, resolve).catch((error: unknown) => {
    throw new RailUnavailable(`webhook: ${(error as Error).message}`);
  });
  const { status } = await exchange({ url: target, method: 'GET', headers: {}, address, timeoutMs });
  return `${target.host} answers (${status} to GET)`;
}

export async function stripe(options: StripeOptions): Promise<string> {
  const answer = await stripeClient(options)
    .balance.retrieve()
    .catch((error: unknown) => {
      throw new RailUnavailable(`stripe: ${(error as { type?: string }).type ?? 'no answer'}`);
    });
  const balance = z.object({ available: z.array(z.object({ amount: z.int(), currency: z.string() })) }).safeParse(answer).data;
  if (balance === undefined) throw new RailUnavailable('stripe: answered with something else than a balance');
  return `the key is taken; available: ${balance.available.map(({ amount, currency }) => `${amount} ${currency}`).join(', ')} (in the smallest units)`;
}

export async function paypal(options: PaypalOptions, world: RailWorld): Promise<string> {
  const { status } = await paypalAccess(options, world).call('GET', '/v1/payments/payouts/NOSUCHBATCH');
  if (status !== 404) throw new RailUnavailable(`paypal: expected 404 for a batch that there is not, got ${status}`);
  return 'the client is taken, and may look at payouts';
}

const infoSchema = z.object({
  identity_pubkey: z.string(),
  synced_to_chain: z.boolean().optional(),
  chains: z.array(z.object({ network: z.string() })),
});
const NETWORKS: Readonly<Record<string, string>> = { bc: 'mainnet', tb: 'testnet', tbs: 'signet', bcrt: 'regtest' };

export async function lightning({ url, macaroon, certificate, network, timeoutMs }: LightningOptions): Promise<string> {
  const pinned = certificate === undefined ? {} : { certificate };
  const headers = { 'grpc-metadata-macaroon': macaroon.reveal() };
  const answer = await exchange({ url: new URL('/v1/getinfo', url), method: 'GET', headers, timeoutMs, ...pinned });
  const info = infoSchema.safeParse(answer.status === 200 ? jsonOf(answer) : undefined).data;
  if (info === undefined) throw new RailUnavailable(`lightning: the node does not say who it is (${answer.status})`);
  const found = info.chains[0]?.network;
  if (found !== NETWORKS[network])
    throw new RailUnavailable(`lightning: expected a node of ${NETWORKS[network] ?? network}, got one of ${found ?? 'none'}`);
  return `node ${info.identity_pubkey.slice(0, 12)}... on ${found}${info.synced_to_chain === false ? ', not yet synced' : ''}`;
}

export async function erc20(options: Erc20Options): Promise<string> {
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
