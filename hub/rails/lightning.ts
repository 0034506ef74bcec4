// The rail of Lightning, through the operator's own LND node: payouts in SAT to a payee's node (keysend) or an invoice. In: payouts. Out: what the node says of each. The payment hash is
// what makes a payment one: the node sends no second payment under a hash that is in flight or has succeeded. A keysend's preimage is
// secret and made before the first call, and written down first; an invoice's hash is bound to the one payout that it was given for.

import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Attempts, RailWorld } from './attempts.ts';
import { assertMovable, attemptsOf, submitEach } from './attempts.ts';
import { exchange, jsonOf } from './exchange.ts';
import { invoiceAmountMsat, lightningDestination } from './lightning-destination.ts';
import type { Lnd, LndPayment } from './lnd.ts';
import { lndOf } from './lnd.ts';
import type { FeeModel, Outcome, Outcomes, Payout, PayoutId, Rail, RailMemory } from './rail.ts';
import { RailUnavailable } from './rail.ts';
import type { Secret } from './secret.ts';

export interface LightningOptions {
  readonly url: string;
  /** In hex; one that may send and look, and no more: `lncli bakemacaroon offchain:read offchain:write info:read`. */
  readonly macaroon: Secret;
  /** The node's own certificate, PEM; left out where a public authority has signed it. */
  readonly certificate?: string | undefined;
  /** How an invoice of this network begins: `bc` the real one, `tb`, `tbs`, `bcrt` for tests. */
  readonly network: string;
  readonly fee: FeeModel;
  readonly maxMicros: number;
  readonly timeoutMs: number;
  /** The most that routing may cost, of the amount; at least one sat. */
  readonly feeLimitMillionths: number;
  /** So long after the first attempt a payment that keeps failing is given up. */
  readonly giveUpMs: number;
}

/** A micro of SAT is a thousandth of a thousandth of a satoshi; the network's smallest amount is one thousandth. */
const UNIT_MICROS = 1000;
const MICROS_PER_MSAT = 1000;
/** The payee does not know the payment, or not this amount: no route helps. */
const FINAL = 'FAILURE_REASON_INCORRECT_PAYMENT_DETAILS';

interface Order {
  readonly hash: string;
  readonly request: object;
}

export function lightningRail(options: LightningOptions, world: RailWorld): Rail {
  const lnd = lndOf(options);
  const advanceAll = (payouts: readonly Payout[], memory: RailMemory): Promise<Outcomes> =>
    submitEach(payouts, memory, world, (payout, before) => advance(payout, before, memory));
  const rail: Rail = {
    name: 'lightning',
    directions: ['pay'],
    fee: options.fee,
    maxMicros: options.maxMicros,
    unitMicros: (currency) => (currency === 'SAT' ? UNIT_MICROS : undefined),
    destinationOf: (particulars) => lightningDestination(particulars, options.network),
    async submit(payouts, memory) {
      assertMovable(rail, payouts);
      return advanceAll(payouts, memory);
    },
    // What was in flight may have failed: then it is sent again, under the same hash.
    async poll(payouts, memory) {
      const paid = payouts.flatMap(({ id }) => {
        const outcome = paidOutcome(id, memory);
        return outcome === undefined ? [] : [[id, outcome] as const];
      });
      // What nothing is known of was never begun, or was erased: polling begins nothing.
      const open = payouts.filter(({ id }) => memory.get(paidKey(id)) === undefined && attemptsOf(memory, id) !== undefined);
      return new Map([...paid, ...(await advanceAll(open, memory))]);
    },
  };

  async function advance(payout: Payout, before: Attempts, memory: RailMemory): Promise<Outcome> {
    const paid = paidOutcome(payout.id, memory);
    if (paid !== undefined) return paid;
    const order = await orderOf(payout, memory);
    if ('rejected' in order) return { kind: 'rejected', why: order.rejected };
    const known = before.tries === 0 && payout.destination.invoice === undefined ? undefined : await lnd.track(order.hash);
    if (known !== undefined && known.status !== 'FAILED') return outcomeOf(known, payout, memory);
    if (known?.failure_reason === FINAL || (known !== undefined && world.nowMs() - before.firstAtMs > options.giveUpMs)) {
      return { kind: 'rejected', why: `Lightning: ${known.failure_reason ?? 'failed'}` };
    }
    return outcomeOf(await lnd.send({ ...order.request, fee_limit_msat: feeLimitMsat(payout) }, order.hash), payout, memory);
  }

  function outcomeOf(payment: LndPayment, payout: Payout, memory: RailMemory): Outcome {
    const reference = payment.payment_hash;
    if (payment.status === 'SUCCEEDED') {
      const settled: Outcome = { kind: 'settled', reference, feeMicros: payment.fee_msat * MICROS_PER_MSAT };
      memory.put(paidKey(payout.id), JSON.stringify(settled));
      return settled;
    }
    if (payment.status === 'IN_FLIGHT' || payment.status === 'INITIATED') return { kind: 'accepted', reference };
    if (payment.failure_reason === FINAL) return { kind: 'rejected', why: `Lightning: ${FINAL}` };
    return { kind: 'sent' };
  }

  function feeLimitMsat({ amountMicros }: Payout): string {
    const share = (BigInt(amountMicros / MICROS_PER_MSAT) * BigInt(options.feeLimitMillionths)) / 1_000_000n; // rounded down: a limit is a limit
    return String(share < 1000n ? 1000n : share);
  }

  async function orderOf(payout: Payout, memory: RailMemory): Promise<Order | { readonly rejected: string }> {
    const { invoice } = payout.destination;
    return invoice === undefined ? keysendOf(payout, memory) : invoiceOrder(invoice, payout, memory, lnd);
  }

  return rail;
}

const paidKey = (id: PayoutId): string => `paid:${id}`;

/** What has succeeded is never asked about again: the node may have been told to forget it, and would take it for new. */
function paidOutcome(id: PayoutId, memory: RailMemory): Outcome | undefined {
  const paid = memory.get(paidKey(id));
  return paid === undefined ? undefined : (JSON.parse(paid) as Outcome);
}

/** Written down before it is used: under another preimage the same payout would be another payment. */
function keysendOf(payout: Payout, memory: RailMemory): Order {
  const key = `preimage:${payout.id}`;
  const kept = memory.get(key);
  const preimage = kept === undefined ? randomBytes(32) : Buffer.from(kept, 'hex');
  if (kept === undefined) memory.put(key, preimage.toString('hex'));
  const hash = createHash('sha256').update(preimage).digest();
  return {
    hash: hash.toString('hex'),
    request: {
      dest: Buffer.from(payout.destination.node ?? '', 'hex').toString('base64'),
      amt_msat: String(payout.amountMicros / MICROS_PER_MSAT),
      payment_hash: hash.toString('base64'),
      dest_custom_records: { [KEYSEND_RECORD]: preimage.toString('base64') },
    },
  };
}

const KEYSEND_RECORD = '5482373484';

async function invoiceOrder(
  invoice: string,
  payout: Payout,
  memory: RailMemory,
  lnd: Lnd,
): Promise<Order | { readonly rejected: string }> {
  const amountMsat = payout.amountMicros / MICROS_PER_MSAT;
  const saidMsat = invoiceAmountMsat(invoice);
  if (saidMsat !== amountMsat) {
    return { rejected: `lightningInvoice: expected an invoice over ${amountMsat} msat, got one over ${saidMsat ?? 'no amount'}` };
  }
  const decoded = await lnd.decode(invoice);
  if (decoded.num_msat !== amountMsat)
    throw new RailUnavailable(`lightning: the node reads another amount in the invoice, ${decoded.num_msat} msat`);
  const key = `hash:${decoded.payment_hash}`;
  const owner = memory.get(key) as PayoutId | undefined;
  if (owner !== undefined && owner !== payout.id)
    return { rejected: 'lightningInvoice: expected an invoice that was not given for another payout' };
  if (owner === undefined) memory.put(key, payout.id);
  return { hash: decoded.payment_hash, request: { payment_request: invoice } };
}

const infoSchema = z.object({
  identity_pubkey: z.string(),
  synced_to_chain: z.boolean().optional(),
  chains: z.array(z.object({ network: z.string() })),
});
const NETWORKS: Readonly<Record<string, string>> = { bc: 'mainnet', tb: 'testnet', tbs: 'signet', bcrt: 'regtest' };

/** Asks the node who it is. */
export async function probeLightning({ url, macaroon, certificate, network, timeoutMs }: LightningOptions): Promise<string> {
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
