// The rail of webhooks: payouts are handed to a service of the operator's that moves the money. In: payouts. Out: what the service says of each. It gets one CloudEvent per payout, signed as
// Standard Webhooks has it, at least once and always under the same id; it must move each id once. A 2xx is a promise to move; settled is what it says
// is settled, in its answer, or in a later one, or in a reply file.

import type { RailWorld } from './attempts.ts';
import { assertMovable, submitEach } from './attempts.ts';
import type { AllowedHosts, Resolve } from './address-guard.ts';
import { guardedAddress } from './address-guard.ts';
import type { Delivery } from './deliveries.ts';
import { deliveryOf, disable, isDisabled, isDue, keepDelivery, nextAttempt, postponed } from './deliveries.ts';
import type { Answer } from './exchange.ts';
import { exchange } from './exchange.ts';
import type { Destination, Direction, FeeModel, Outcome, Outcomes, Payout, PayoutId, Rail, RailMemory } from './rail.ts';
import { RailUnavailable } from './rail.ts';
import type { Secret } from './secret.ts';
import { eventOf, signedHeaders } from './webhook-event.ts';
import { outcomeOfAnswer, readWebhookReply } from './webhook-reply.ts';

export interface WebhookOptions {
  readonly url: string;
  /** `whsec_...`; all of them sign, so that a new one can be brought in before an old one is taken out. */
  readonly secrets: readonly Secret[];
  readonly allow: AllowedHosts;
  readonly directions: readonly Direction[];
  readonly currencies: readonly string[];
  readonly unitMicros: number;
  readonly maxMicros: number;
  readonly fee: FeeModel;
  readonly timeoutMs: number;
  /** Who the event is from, as CloudEvents has it. */
  readonly source: string;
  /** `delivery`: a 2xx is enough, for a service that never says more. */
  readonly settledBy: 'answer' | 'delivery';
  /** How often the service is asked again about what it has only promised. */
  readonly askAgainMs: number;
}

const MAX_ANSWER_BYTES = 65_536;

export function webhookRail(options: WebhookOptions, world: RailWorld, resolve: Resolve): Rail {
  const url = new URL(options.url);
  const rail: Rail = {
    name: 'webhook',
    directions: options.directions,
    fee: options.fee,
    maxMicros: options.maxMicros,
    unitMicros: (currency) => (options.currencies.includes(currency) ? options.unitMicros : undefined),
    destinationOf,
    async submit(payouts, memory) {
      assertMovable(rail, payouts);
      return deliverDue(payouts, memory);
    },
    // What was never delivered, or was erased, is not begun by polling.
    poll: (payouts, memory) =>
      deliverDue(
        payouts.filter(({ id }) => deliveryOf(memory, id) !== undefined),
        memory,
      ),
    readReply: (bytes, payouts) => readWebhookReply(bytes, payouts),
  };

  async function deliverDue(payouts: readonly Payout[], memory: RailMemory): Promise<Outcomes> {
    if (isDisabled(memory, options.url)) {
      throw new RailUnavailable(
        'webhook: the receiver has answered 410 (gone); nothing is sent there until `tallystick deliveries replay`',
      );
    }
    const due = payouts.filter(({ id }) => ended(id, memory) === undefined && isDue(deliveryOf(memory, id), world.nowMs()));
    const outcomes = new Map(await submitEach(due, memory, world, (payout) => deliver(payout, memory)));
    for (const { id } of payouts) if (!outcomes.has(id)) outcomes.set(id, ended(id, memory) ?? { kind: 'sent' });
    return outcomes;
  }

  async function deliver(payout: Payout, memory: RailMemory): Promise<Outcome> {
    const attempt = nextAttempt(deliveryOf(memory, payout.id), world.nowMs(), world.random());
    keepDelivery(memory, payout.id, attempt);
    const answer = await post(payout).catch((error: unknown) => {
      if (error instanceof RailUnavailable) keepDelivery(memory, payout.id, { ...attempt, said: error.message });
      throw error;
    });
    const outcome = outcomeOfAnswer(answer, payout, options.settledBy);
    if (outcome === undefined) throw unusable(answer, attempt, payout.id, memory);
    const said = `${answer.status}, ${outcome.kind}`;
    if (outcome.kind === 'accepted') {
      keepDelivery(memory, payout.id, {
        ...attempt,
        state: 'delivered',
        attempts: 1,
        nextAtMs: world.nowMs() + options.askAgainMs,
        said,
      });
    } else {
      if (outcome.kind !== 'rejected') memory.put(endKey(payout.id), JSON.stringify(outcome));
      keepDelivery(memory, payout.id, { ...attempt, state: outcome.kind === 'rejected' ? 'waiting' : 'ended', said });
    }
    return outcome;
  }

  async function post(payout: Payout): Promise<Answer> {
    const body = eventOf(payout, options.source);
    const headers = signedHeaders(payout, body, options.secrets, world.nowMs());
    let address: string;
    try {
      address = await inTime(guardedAddress(url, options.allow, resolve), options.timeoutMs);
    } catch (error) {
      throw new RailUnavailable(`webhook: not sent (${(error as Error).message})`);
    }
    return exchange({ url, method: 'POST', headers, body, address, timeoutMs: options.timeoutMs, maxBytes: MAX_ANSWER_BYTES });
  }

  function unusable(answer: Answer, attempt: Delivery, id: PayoutId, memory: RailMemory): RailUnavailable {
    const { 'retry-after': retryAfter } = answer.headers;
    keepDelivery(memory, id, { ...postponed(attempt, retryAfter, world.nowMs()), said: String(answer.status) });
    if (answer.status === 410) disable(memory, options.url);
    return new RailUnavailable(
      `webhook: answered ${answer.status}${answer.status < 300 ? ' with something else than JSON' : ''}`,
    );
  }

  return rail;
}

const endKey = (id: PayoutId): string => `end:${id}`;

function ended(id: PayoutId, memory: RailMemory): Outcome | undefined {
  const text = memory.get(endKey(id));
  return text === undefined ? undefined : (JSON.parse(text) as Outcome);
}

/** Looking up a name has no time limit of its own. */
async function inTime<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, fail) => {
    timer = setTimeout(() => fail(new Error(`no address within ${timeoutMs} ms`)), timeoutMs);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** `webhookReceiver`: what the service knows the account by. */
function destinationOf({ webhookReceiver = '' }: Readonly<Record<string, string>>): Destination | string {
  if (webhookReceiver.length >= 1 && webhookReceiver.length <= 200) return { receiver: webhookReceiver };
  const got = webhookReceiver === '' ? 'none' : `${webhookReceiver.length} characters`;
  return `webhookReceiver: expected 1 to 200 characters that the receiver knows the account by, got ${got}`;
}

/** It asks with GET, which no receiver of webhooks takes for an order: any answer will do. */
export async function probeWebhook({ url, allow, timeoutMs }: WebhookOptions, resolve: Resolve): Promise<string> {
  const target = new URL(url);
  const address = await guardedAddress(target, allow, resolve).catch((error: unknown) => {
    throw new RailUnavailable(`webhook: ${(error as Error).message}`);
  });
  const { status } = await exchange({ url: target, method: 'GET', headers: {}, address, timeoutMs });
  return `${target.host} answers (${status} to GET)`;
}
