// From payouts to mined transactions. In: payouts without an end. Out: how far each has come. A nonce is given once, together with what it is for; whether it was used for that is read from receipts, and where the
// chain says that it was used and shows no receipt, a plain transfer waits for a person: another attempt could pay twice.

import type { PrivateKeyAccount } from 'viem/accounts';
import { keccak256 } from 'viem';
import type { RailWorld } from './attempts.ts';
import type { Erc20Options } from './erc20-options.ts';
import type { OpenTransaction, Outbox } from './erc20-outbox.ts';
import { endOf, keepEnd, keepOutbox, outboxOf } from './erc20-outbox.ts';
import type { Call, TokenOptions, Verdict } from './erc20-way.ts';
import { callsFor, contractState, contractVerdict, payable, tokenAmount, tokenFault, transferVerdict } from './erc20-way.ts';
import type { Hex, Receipt } from './evm-rpc.ts';
import { evmNode } from './evm-rpc.ts';
import type { Outcome, Outcomes, Payout, PayoutId, RailMemory } from './rail.ts';
import { RailUnavailable } from './rail.ts';

export interface Chain {
  /** `mayBegin`: payouts that nothing is known of are signed for; else they are left out. */
  advance(payouts: readonly Payout[], memory: RailMemory, mayBegin: boolean): Promise<Outcomes>;
}

type Prices = Pick<OpenTransaction, 'maxFeeWei' | 'tipWei'>;

export function chainOf(options: Erc20Options, wallet: PrivateKeyAccount, world: RailWorld): Chain {
  const node = evmNode(options);
  const seen = new Set<string>();

  async function advance(payouts: readonly Payout[], memory: RailMemory, mayBegin: boolean): Promise<Outcomes> {
    const chainId = await node.chainId();
    if (chainId !== options.chainId)
      throw new RailUnavailable(`erc20: expected a node of chain ${options.chainId}, got one of chain ${chainId}`);
    await assertTokens(payouts);
    const head = await node.blockNumber();
    const outcomes = new Map<PayoutId, Outcome>();
    const recorded = await onRecord(payouts, head, memory, outcomes);
    const { again } = outboxOf(memory);
    await sign(mayBegin ? recorded : recorded.filter(({ id }) => again.includes(id)), memory);
    let unavailable: RailUnavailable | undefined;
    for (const open of outboxOf(memory).open) {
      try {
        await follow(open, payouts, head, memory, outcomes);
      } catch (error) {
        if (!(error instanceof RailUnavailable)) throw error;
        unavailable ??= error; // one that is stuck must not hold up the others
      }
    }
    if (unavailable !== undefined && outcomes.size === 0) throw unavailable;
    for (const { id } of payouts) if (!outcomes.has(id)) outcomes.set(id, { kind: 'sent' });
    return outcomes;
  }

  /** Once per process: what is configured is what is there. */
  async function assertTokens(payouts: readonly Payout[]): Promise<void> {
    for (const currency of new Set(payouts.map((payout) => payout.currency))) {
      if (seen.has(currency)) continue;
      const fault = await tokenFault(node, wallet.address, options.tokens[currency] as TokenOptions);
      if (fault !== undefined) throw new RailUnavailable(`erc20: tokens.${currency}.${fault}`);
      seen.add(currency);
    }
  }

  /** Payouts that the contract knows already need no transaction, whatever has become of our memory; the others are given back. */
  async function onRecord(
    payouts: readonly Payout[],
    head: number,
    memory: RailMemory,
    outcomes: Map<PayoutId, Outcome>,
  ): Promise<Payout[]> {
    const inOutbox = new Set(outboxOf(memory).open.flatMap((open) => open.payouts));
    const unsigned: Payout[] = [];
    for (const payout of payouts.filter(({ id }) => !inOutbox.has(id))) {
      const { contract } = tokenOf(payout);
      const state = contract === undefined ? 'unknown' : await contractState(node, contract, payout.id, 'latest');
      if (state === 'unknown' || contract === undefined) unsigned.push(payout);
      else if ((await contractState(node, contract, payout.id, deepOf(head))) === state)
        outcomes.set(payout.id, ended(payout.id, state === 'paid', contract, memory));
      else outcomes.set(payout.id, { kind: 'accepted', reference: contract });
    }
    return unsigned;
  }

  const deepOf = (head: number): number => Math.max(head - options.confirmations + 1, 0);
  const tokenOf = ({ currency }: Payout): TokenOptions => options.tokens[currency] as TokenOptions;

  /** Nonces, content and signatures for all of them, in one write, before any of it is sent. */
  async function sign(payouts: readonly Payout[], memory: RailMemory): Promise<void> {
    if (payouts.length === 0) return;
    const prices = await pricesNow();
    const used = await node.nonceOf(wallet.address, 'latest');
    const outbox = outboxOf(memory);
    const calls = await callsOf(payouts, outbox);
    const first = Math.max(outbox.nextNonce, used);
    const signed = await Promise.all(
      calls.map((call, at) =>
        signed1559({ ...plainOf(call), ...prices, nonce: first + at, raws: [], signedAtMs: world.nowMs() }),
      ),
    );
    const again = outbox.again.filter((id) => payouts.every((payout) => payout.id !== id));
    keepOutbox(memory, { nextNonce: first + calls.length, open: [...outbox.open, ...signed], again });
  }

  async function callsOf(payouts: readonly Payout[], outbox: Outbox): Promise<Call[]> {
    const calls: Call[] = [];
    for (const currency of new Set(payouts.map((payout) => payout.currency))) {
      const token = options.tokens[currency] as TokenOptions;
      const own = payouts.filter((payout) => payout.currency === currency);
      const needed = own.reduce((sum, { amountMicros }) => sum + tokenAmount(amountMicros, token), 0n);
      // What is on its way may or may not have left the balance: only what is left for certain is promised again.
      const quiet = outbox.open.length === 0;
      if (quiet && (await payable(node, wallet.address, token)) < needed)
        throw new RailUnavailable(`erc20: the wallet holds (or has approved) too little ${currency}; add funds`);
      calls.push(...callsFor(own, token));
    }
    return calls;
  }

  async function pricesNow(): Promise<Prices> {
    const { baseWei, tipWei } = await node.prices();
    if (baseWei + tipWei > options.maxFeeWei)
      throw new RailUnavailable(`erc20: gas costs ${baseWei + tipWei} wei now, more than maxFeeWei; waiting`);
    const wanted = baseWei * 2n + tipWei;
    return { maxFeeWei: String(wanted > options.maxFeeWei ? options.maxFeeWei : wanted), tipWei: String(tipWei) };
  }

  async function signed1559(open: OpenTransaction): Promise<OpenTransaction> {
    const { to, data, nonce } = open;
    const fees = { maxFeePerGas: BigInt(open.maxFeeWei), maxPriorityFeePerGas: BigInt(open.tipWei), gas: BigInt(open.gas) };
    const raw = await wallet.signTransaction({ type: 'eip1559', chainId: options.chainId, to, data, nonce, value: 0n, ...fees });
    return { ...open, raws: [...open.raws, { raw, hash: keccak256(raw) }] };
  }

  async function follow(
    open: OpenTransaction,
    payouts: readonly Payout[],
    head: number,
    memory: RailMemory,
    outcomes: Map<PayoutId, Outcome>,
  ): Promise<void> {
    const receipt = await receiptFor(open);
    if (receipt === undefined) return unmined(open, head, memory);
    const reference = receipt.transactionHash;
    for (const { id } of payouts) if (open.payouts.includes(id)) outcomes.set(id, { kind: 'accepted', reference });
    if (head - receipt.blockNumber + 1 < options.confirmations) return;
    for (const id of open.payouts.filter((one) => endOf(memory, one) === undefined)) {
      const verdict = verdictOf(id, open, payouts, receipt);
      if (verdict === undefined) return; // a transfer that nobody has asked about now
      if (verdict !== 'unclear') outcomes.set(id, ended(id, verdict === 'paid', reference, memory));
      else if (contractOf(open) === undefined) return; // it moved another amount: a person has to look
    }
    close(open, memory);
  }

  function verdictOf(id: PayoutId, open: OpenTransaction, payouts: readonly Payout[], receipt: Receipt): Verdict | undefined {
    const contract = contractOf(open);
    if (receipt.status !== 1) return 'refused';
    if (contract !== undefined) return contractVerdict(id, contract, receipt.logs);
    const payout = payouts.find((one) => one.id === id);
    return payout === undefined ? undefined : transferVerdict(payout, tokenOf(payout), wallet.address, receipt.logs);
  }

  /** Where the transaction is one of the contract's. */
  function contractOf({ currency, to }: OpenTransaction): Hex | undefined {
    const contract = options.tokens[currency]?.contract;
    return contract?.toLowerCase() === to.toLowerCase() ? contract : undefined;
  }

  function close({ nonce }: OpenTransaction, memory: RailMemory, again: readonly PayoutId[] = []): void {
    const outbox = outboxOf(memory);
    keepOutbox(memory, { ...outbox, open: outbox.open.filter((one) => one.nonce !== nonce), again: [...outbox.again, ...again] });
  }

  async function receiptFor(open: OpenTransaction): Promise<Receipt | undefined> {
    for (const { hash } of open.raws) {
      const receipt = await node.receiptOf(hash);
      if (receipt !== undefined) return receipt;
    }
    return undefined;
  }

  async function unmined(open: OpenTransaction, head: number, memory: RailMemory): Promise<void> {
    if ((await node.nonceOf(wallet.address, deepOf(head))) > open.nonce) return taken(open, memory);
    const offered = world.nowMs() - open.signedAtMs > options.raiseAfterMs ? await raised(open, memory) : open;
    const refusal = await node.broadcast((offered.raws.at(-1) as { raw: Hex }).raw);
    if (/insufficient funds/i.test(refusal ?? ''))
      throw new RailUnavailable('erc20: the wallet cannot pay for gas; add the coin of the chain');
  }

  /** The nonce was used for something else, or the node does not show our receipt. Only the contract can tell which. */
  function taken(open: OpenTransaction, memory: RailMemory): void {
    if (contractOf(open) !== undefined) return close(open, memory, open.payouts);
    throw new RailUnavailable(
      `erc20: nonce ${open.nonce} of the wallet was used and no receipt is shown; compare the wallet's history with payout ${open.payouts.join(', ')}`,
    );
  }

  /** A quarter more, as nodes want at least a tenth; the older offers stay valid and are looked for too. */
  async function raised(open: OpenTransaction, memory: RailMemory): Promise<OpenTransaction> {
    const maxFeeWei = (BigInt(open.maxFeeWei) * 5n) / 4n;
    if (maxFeeWei > options.maxFeeWei) return open;
    const better = await signed1559({
      ...open,
      maxFeeWei: String(maxFeeWei),
      tipWei: String((BigInt(open.tipWei) * 5n) / 4n + 1n),
      signedAtMs: world.nowMs(),
    });
    const outbox = outboxOf(memory);
    keepOutbox(memory, { ...outbox, open: outbox.open.map((one) => (one.nonce === open.nonce ? better : one)) });
    return better;
  }

  function ended(id: PayoutId, paid: boolean, reference: string, memory: RailMemory): Outcome {
    const outcome: Outcome = paid
      ? { kind: 'settled', reference }
      : { kind: 'rejected', why: `the token refused the payment (${reference})` };
    keepEnd(memory, id, outcome);
    return outcome;
  }

  return { advance };
}

function plainOf({
  currency,
  to,
  data,
  gas,
  payouts,
}: Call): Pick<OpenTransaction, 'currency' | 'to' | 'data' | 'gas' | 'payouts'> {
  return { currency, to, data, gas, payouts: payouts.map(({ id }) => id) };
}
