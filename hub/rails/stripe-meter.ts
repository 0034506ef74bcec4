// A collection by Stripe as usage: meter events, one per unit of the tariffs, which Stripe prices and bills by its own subscriptions. In: payouts and their parts. Out: what has become of the events. A payout
// is settled when Stripe's own sums show its usage, for Stripe takes events that it drops later; what the payer then pays, and when, is between Stripe and him.
//
// Stripe knows an identifier again for a day and lets nobody look one up. So each event has a minute of its own for its customer and meter, written down before it is sent; whoever has waited for an
// answer for longer than identifiers are surely known, looks at what Stripe's sum for that minute is before anything is sent again.

import Stripe from 'stripe';
import { z } from 'zod';
import type { RailWorld } from './attempts.ts';
import type { Outcome, Payout, PayoutPart, RailMemory } from './rail.ts';
import { RailUnavailable } from './rail.ts';
import type { Meter } from './stripe-answers.ts';
import { checked, checkedList, customerSchema, meterEventSchema, meterSchema, meterSummarySchema } from './stripe-answers.ts';
import type { Refusal, StripeWay } from './stripe-way.ts';
import { answered, refusalOf } from './stripe-way.ts';

/** Less than half of the day for which Stripe knows identifiers: what is sent again within it is known, and what was sent before it shows in the sums after it. */
const KNOWN_MS = 11 * 3_600_000;
const MINUTE_SECONDS = 60;
/** Stripe takes events of the next five minutes. */
const MAX_AHEAD_MINUTES = 4;

const eventsSchema = z.record(
  z.string(),
  z.object({ units: z.int(), minute: z.int(), sinceMs: z.int(), state: z.enum(['sent', 'taken', 'shown']) }),
);
/** By unit: what was sent, for which minute, since when its identifier is surely known, and how far it has come. */
type Events = z.infer<typeof eventsSchema>;
type Event = Events[string];

/** One payout's events on their way. */
interface Sending {
  readonly client: Stripe;
  readonly payout: Payout;
  readonly memory: RailMemory;
  readonly meters: Meters;
  readonly events: Events;
}

type Meters = ReadonlyMap<string, Meter>;

export function meterEvents(client: Stripe, names: Readonly<Record<string, string>>, world: RailWorld): StripeWay {
  const metersNow = remembered(() => activeMeters(client, names));
  return {
    async submit(payout, { memory, partsOf }) {
      const there = eventsIn(memory, payout);
      const refused = there === undefined ? await customerFault(client, payout) : undefined;
      if (refused !== undefined) return refused;
      const meters = await answered(metersNow);
      const events = there ?? planned(payout, unitsOf(partsOf(payout)), meters, memory, world.nowMs());
      const sending = { client, payout, memory, meters, events };
      return answered(async () => {
        for (const unit of Object.keys(events)) await send(sending, unit, world.nowMs());
        return shown(sending);
      });
    },
    async poll(payout, memory) {
      const events = eventsIn(memory, payout);
      if (events === undefined || Object.values(events).some(({ state }) => state === 'sent')) return undefined;
      return answered(async () => shown({ client, payout, memory, meters: await metersNow(), events }));
    },
  };
}

/** Asked for once, and again after a failure. */
function remembered<T>(ask: () => Promise<T>): () => Promise<T> {
  let known: Promise<T> | undefined;
  return () => {
    known ??= ask().catch((error: unknown) => {
      known = undefined;
      throw error;
    });
    return known;
  };
}

/** By unit, the meters that the events of these names go to. */
export async function activeMeters(client: Stripe, names: Readonly<Record<string, string>>): Promise<Meters> {
  const { data } = checkedList(meterSchema, await client.billing.meters.list({ status: 'active', limit: 100 }));
  return new Map(
    Object.entries(names).map(([unit, name]) => {
      const meter = data.find(({ event_name }) => event_name === name);
      const fault = meter === undefined ? 'none of that name' : meterFault(meter);
      if (meter === undefined || fault !== undefined)
        throw new RailUnavailable(
          `stripe: meters.${unit}: expected an active meter that sums "${name}" as it comes, got ${fault ?? ''}`,
        );
      return [unit, meter];
    }),
  );
}

/** The sum of one minute must be the value of one event. */
function meterFault({ default_aggregation: { formula }, event_time_window: window }: Meter): string | undefined {
  if (formula !== 'sum') return `one that takes the ${formula}`;
  return window === null || window === undefined ? undefined : `one that is summed by the ${window}`;
}

function meterOf(meters: Meters, unit: string): Meter {
  const meter = meters.get(unit);
  if (meter === undefined)
    throw new RailUnavailable(`stripe: meters.${unit}: expected the name of a meter's events, got none; add it to stripe.meters`);
  return meter;
}

function unitsOf(parts: readonly PayoutPart[]): Map<string, number> {
  const units = new Map<string, number>();
  for (const part of parts) units.set(part.unit, (units.get(part.unit) ?? 0) + part.units);
  if (units.size === 0) throw new RailUnavailable('stripe: expected the units that a payout is made of, got none');
  return units;
}

const eventsKey = ({ id }: Payout): string => `events:${id}`;

function eventsIn(memory: RailMemory, payout: Payout): Events | undefined {
  const text = memory.get(eventsKey(payout));
  return text === undefined ? undefined : eventsSchema.parse(JSON.parse(text));
}

function keep(memory: RailMemory, payout: Payout, events: Events): void {
  memory.put(eventsKey(payout), JSON.stringify(events));
}

/** Gives each event its minute; durable when it returns. */
function planned(payout: Payout, units: ReadonlyMap<string, number>, meters: Meters, memory: RailMemory, nowMs: number): Events {
  for (const unit of units.keys()) meterOf(meters, unit);
  const minute = freeMinute(payout, memory, nowMs);
  const events = Object.fromEntries(
    [...units].map(([unit, count]): [string, Event] => [unit, { units: count, minute, sinceMs: nowMs, state: 'sent' }]),
  );
  keep(memory, payout, events);
  return events;
}

/** The minute is taken before the event knows it: a crash in between leaves one unused. */
function freeMinute({ destination }: Payout, memory: RailMemory, nowMs: number): number {
  const key = `minute:${destination.customer ?? ''}`;
  const now = Math.floor(nowMs / 1000 / MINUTE_SECONDS);
  const minute = Math.max(now, Number(memory.get(key) ?? -1) + 1);
  if (minute > now + MAX_AHEAD_MINUTES)
    throw new RailUnavailable('stripe: a customer has one meter event a minute; the next ones wait');
  memory.put(key, String(minute));
  return minute;
}

async function customerFault(client: Stripe, { destination }: Payout): Promise<Refusal | undefined> {
  const { customer = '' } = destination;
  try {
    const { deleted } = checked(customerSchema, await client.customers.retrieve(customer));
    return deleted ? { kind: 'rejected', why: `Stripe: customer ${customer} was deleted` } : undefined;
  } catch (error) {
    return refusalOf(error);
  }
}

/** Sends it, unless it was taken, or what was sent without an answer is there. */
async function send(sending: Sending, unit: string, nowMs: number): Promise<void> {
  const { payout, memory, events } = sending;
  const event = events[unit] as Event;
  if (event.state !== 'sent') return;
  if (nowMs - event.sinceMs > KNOWN_MS) {
    const there = await sumOf(sending, unit);
    if (there === event.units) return advance(sending, event, 'taken');
    if (there !== 0) {
      const expected = `expected 0 or ${event.units} ${unit} in minute ${event.minute} of ${payout.destination.customer ?? ''}`;
      throw new RailUnavailable(`stripe: ${expected}, got ${there}; report usage to this meter from nowhere else`);
    }
    event.sinceMs = nowMs;
    keep(memory, payout, events);
  }
  await create(sending, unit, event);
  advance(sending, event, 'taken');
}

/** One that Stripe knows already is as good as taken. */
async function create({ client, payout, meters }: Sending, unit: string, { units, minute }: Event): Promise<void> {
  const meter = meterOf(meters, unit);
  const identifier = `tallystick-${payout.id}-${unit}`;
  const payload = {
    [meter.customer_mapping.event_payload_key]: payout.destination.customer ?? '',
    [meter.value_settings.event_payload_key]: String(units),
  };
  const event = { event_name: meter.event_name, identifier, payload, timestamp: minute * MINUTE_SECONDS };
  try {
    const answer = checked(meterEventSchema, await client.billing.meterEvents.create(event));
    if (answer.identifier !== identifier) throw new RailUnavailable(`stripe: expected event ${identifier}, got another one`);
  } catch (error) {
    // As Stripe says it: there is no code for it in its reference.
    const isKnown =
      error instanceof Stripe.errors.StripeInvalidRequestError && /^An event already exists with identifier/.test(error.message);
    if (!isKnown) throw error;
  }
}

function advance({ payout, events, memory }: Sending, event: Event, state: Event['state']): void {
  event.state = state;
  keep(memory, payout, events);
}

/** Settled when Stripe's sums show all of it. What they show beyond it is somebody else's. */
async function shown(sending: Sending): Promise<Outcome> {
  const { payout, events } = sending;
  for (const [unit, event] of Object.entries(events))
    if (event.state === 'taken' && (await sumOf(sending, unit)) >= event.units) advance(sending, event, 'shown');
  const reference = `tallystick-${payout.id}`;
  const isAll = Object.values(events).every(({ state }) => state === 'shown');
  return isAll ? { kind: 'settled', reference } : { kind: 'accepted', reference };
}

async function sumOf({ client, payout, meters, events }: Sending, unit: string): Promise<number> {
  const { minute } = events[unit] as Event;
  const between = { start_time: minute * MINUTE_SECONDS, end_time: (minute + 1) * MINUTE_SECONDS };
  const of = { customer: payout.destination.customer ?? '', ...between };
  const answer = await client.billing.meters.listEventSummaries(meterOf(meters, unit).id, of);
  return checkedList(meterSummarySchema, answer).data.reduce((sum, { aggregated_value }) => sum + aggregated_value, 0);
}
