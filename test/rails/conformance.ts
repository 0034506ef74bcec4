// What every rail must keep, whatever happens: one suite over a rail and its counterpart. In: how to start the counterpart, with its own ledger of what really
// moved and the faults that it knows. Out: tests. What it looks at is that ledger, and never what the rail says of itself alone.

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Destination, Direction, Outcome, PartsOf, Payout, PayoutId, Rail, RailMemory } from '../../hub/rails/rail.ts';
import { RailUnavailable } from '../../hub/rails/rail.ts';

/** As the counterpart's own ledger has it. */
export interface Movement {
  readonly direction: Direction;
  readonly address: string;
  readonly currency: string;
  readonly amountMicros: number;
}

export interface Counterpart {
  /** As a process that starts would: it knows nothing but its configuration and the memory that it is given. */
  readonly open: () => Rail | Promise<Rail>;
  /** All that ever moved, in any order. */
  readonly moved: () => readonly Movement[];
  readonly faults: readonly string[];
  /** The next request meets this fault. */
  readonly meet: (fault: string) => void;
  /** No more faults are waiting. */
  readonly calm: () => void;
  /** An hour or so goes by: what was late arrives, what takes its time gets done. */
  readonly passTime: () => void | Promise<void>;
  readonly close: () => void | Promise<void>;
}

export interface RailFixture {
  readonly name: string;
  readonly direction: Direction;
  readonly currency: string;
  /** A multiple of the unit, another one for each number. */
  amountMicros(number: number): number;
  particulars(number: number): Readonly<Record<string, string>>;
  /** The same as the counterpart's ledger names it. */
  address(number: number): string;
  /** What its `destinationOf` refuses, and the name that the sentence begins with. */
  readonly refused: readonly { readonly particulars: Readonly<Record<string, string>>; readonly field: string }[];
  /** A payee that the counterpart itself refuses for good. */
  readonly unpayable?: Readonly<Record<string, string>>;
  /** What the payouts are made of, for rails that ask. */
  readonly partsOf?: PartsOf;
  start(): Promise<Counterpart>;
}

/** One call, and what befalls it. */
export interface Step {
  readonly call: 'submit' | 'poll';
  readonly faults: readonly string[];
  /** The process ends at so manieth write to the memory, just before or just after it is durable. */
  readonly killAt?: { readonly put: number; readonly durable: boolean };
  readonly restart: boolean;
  readonly timePasses: boolean;
  /** Also those that have come to their end. */
  readonly all: boolean;
}

class Killed extends Error {}

const COUNT = 3;
/** Enough for the longest back-off of any rail here. */
const MAX_ROUNDS = 90;

export function payoutsOf(fixture: RailFixture, rail: Rail, count = COUNT): Payout[] {
  return Array.from({ length: count }, (_, number) => {
    const unpayable = number === count - 1 ? fixture.unpayable : undefined;
    const destination = rail.destinationOf(unpayable ?? fixture.particulars(number), fixture.direction);
    if (typeof destination === 'string') throw new Error(`fixture ${fixture.name}: ${destination}`);
    return payoutOf(fixture, number, destination);
  });
}

export function payoutOf(fixture: RailFixture, number: number, destination: Destination): Payout {
  const id = (number + 1).toString(16).padStart(32, 'abcdef0123456789') as PayoutId;
  const amountMicros = fixture.amountMicros(number);
  const { direction, currency } = fixture;
  return {
    id,
    batch: '5'.repeat(32),
    direction,
    account: `account ${number}`,
    currency,
    amountMicros,
    destination,
    createdAtSeconds: 1_800_000_000,
  };
}

/** A memory that outlives processes, and a handle on it per process: a dead one writes and reads no more. */
function memories(): { durable: Map<string, string>; handle: (killAt?: Step['killAt']) => RailMemory } {
  const durable = new Map<string, string>();
  return {
    durable,
    handle(killAt) {
      let puts = 0;
      let dead = false;
      return {
        get(key) {
          if (dead) throw new Killed();
          return durable.get(key);
        },
        put(key, value) {
          if (dead) throw new Killed();
          dead = killAt !== undefined && ++puts === killAt.put;
          if (!dead || killAt?.durable === true) durable.set(key, value);
          if (dead) throw new Killed();
        },
      };
    },
  };
}

const textOf = ({ direction, address, currency, amountMicros }: Movement): string =>
  `${direction} ${amountMicros} ${currency} ${address}`;

/** What is wrong after these steps, and after all the calm that it takes to come to an end; nothing, for a rail that conforms. */
export async function breachesOf(fixture: RailFixture, steps: readonly Step[]): Promise<string[]> {
  const counterpart = await fixture.start();
  try {
    return await new Trial(fixture, counterpart).run(steps);
  } finally {
    await counterpart.close();
  }
}

class Trial {
  readonly #fixture: RailFixture;
  readonly #counterpart: Counterpart;
  readonly #memory = memories();
  readonly #last = new Map<PayoutId, Outcome>();
  readonly #breaches: string[] = [];
  #payouts: readonly Payout[] = [];
  #rail: Rail | undefined;

  constructor(fixture: RailFixture, counterpart: Counterpart) {
    this.#fixture = fixture;
    this.#counterpart = counterpart;
  }

  async run(steps: readonly Step[]): Promise<string[]> {
    this.#rail = await this.#counterpart.open();
    this.#payouts = payoutsOf(this.#fixture, this.#rail);
    for (const step of steps) await this.#take(step);
    this.#counterpart.calm();
    await this.#bringToAnEnd();
    return this.#breaches;
  }

  async #take(step: Step): Promise<void> {
    for (const fault of step.faults) this.#counterpart.meet(fault);
    if (step.restart) this.#rail = await this.#counterpart.open();
    await this.#call(step.call, step.all ? this.#payouts : this.#open(), this.#memory.handle(step.killAt));
    this.#counterpart.calm();
    if (step.timePasses) await this.#counterpart.passTime();
    this.#look();
  }

  #open(): readonly Payout[] {
    return this.#payouts.filter(({ id }) => !['settled', 'rejected', 'reversed'].includes(this.#last.get(id)?.kind ?? ''));
  }

  async #call(call: 'submit' | 'poll', payouts: readonly Payout[], memory: RailMemory): Promise<void> {
    if (payouts.length === 0) return;
    try {
      const outcomes = await (this.#rail as Rail)[call](payouts, memory, this.#fixture.partsOf);
      for (const [id, outcome] of outcomes) this.#learn(id, outcome);
    } catch (error) {
      if (error instanceof Killed) this.#rail = await this.#counterpart.open();
      else if (!(error instanceof RailUnavailable)) throw error;
    }
  }

  #learn(id: PayoutId, outcome: Outcome): void {
    const before = this.#last.get(id);
    if (outcome.kind === 'sent' && before !== undefined) return; // no news
    const payout = this.#payouts.find((one) => one.id === id);
    if (payout === undefined) return void this.#breaches.push(`an outcome for ${id}, which nobody has asked for`);
    if (before?.kind === 'rejected' && outcome.kind !== 'rejected') this.#breaches.push(`${id}: ${outcome.kind} after rejected`);
    if (before?.kind === 'settled' && outcome.kind !== 'settled') this.#breaches.push(`${id}: ${outcome.kind} after settled`);
    if (outcome.kind === 'settled' && !this.#moved().includes(this.#expected(payout)))
      this.#breaches.push(`${id}: settled, and nothing moved`);
    if (outcome.kind === 'rejected' && this.#isPayable(payout))
      this.#breaches.push(`${id}: rejected (${outcome.why}), and nobody has refused it`);
    this.#last.set(id, outcome);
  }

  #isPayable(payout: Payout): boolean {
    return this.#fixture.unpayable === undefined || payout !== this.#payouts.at(-1);
  }

  #expected(payout: Payout): string {
    const { direction, currency, amountMicros } = payout;
    return textOf({ direction, address: this.#fixture.address(this.#payouts.indexOf(payout)), currency, amountMicros });
  }

  #moved(): string[] {
    return this.#counterpart.moved().map(textOf);
  }

  /** Nothing but what was ordered, and that once. */
  #look(): void {
    const left = this.#payouts.filter((payout) => this.#isPayable(payout)).map((payout) => this.#expected(payout));
    for (const movement of this.#moved()) {
      const at = left.indexOf(movement);
      if (at < 0) this.#breaches.push(`moved, and not ordered or not again: ${movement}`);
      else left.splice(at, 1);
    }
  }

  async #bringToAnEnd(): Promise<void> {
    for (let round = 0; round < MAX_ROUNDS && this.#open().length > 0; round++) {
      const unsent = this.#open().filter(({ id }) => this.#last.get(id)?.kind !== 'accepted');
      await this.#call('submit', unsent, this.#memory.handle());
      await this.#counterpart.passTime();
      await this.#call('poll', this.#open(), this.#memory.handle());
    }
    for (let more = 0; more < 3; more++) await this.#counterpart.passTime();
    await this.#call('submit', this.#payouts, this.#memory.handle());
    this.#look();
    for (const payout of this.#payouts) {
      const end = this.#last.get(payout.id)?.kind ?? 'nothing';
      const expected = this.#isPayable(payout) ? 'settled' : 'rejected';
      if (end !== expected) this.#breaches.push(`${payout.id}: expected ${expected} in the end, got ${end}`);
    }
  }
}

/** Steps at random, with the counterpart's faults. */
function anySteps(faults: readonly string[]): fc.Arbitrary<Step[]> {
  const step = fc.record({
    call: fc.constantFrom('submit' as const, 'submit' as const, 'poll' as const),
    faults: faults.length === 0 ? fc.constant([]) : fc.array(fc.constantFrom(...faults), { maxLength: 3 }),
    killAt: fc.option(fc.record({ put: fc.integer({ min: 1, max: 8 }), durable: fc.boolean() }), { nil: undefined, freq: 2 }),
    restart: fc.boolean(),
    timePasses: fc.boolean(),
    all: fc.boolean(),
  });
  return fc.array(
    step.map(({ killAt, ...rest }) => (killAt === undefined ? rest : { ...rest, killAt })),
    { maxLength: 7 },
  );
}

/** How many scripts of steps are tried: `RAIL_RUNS=1000` looks longer. */
const RUNS = Number(process.env.RAIL_RUNS ?? 25);

const QUIET: Step = { call: 'submit', faults: [], restart: false, timePasses: false, all: true };

export function conformance(fixture: RailFixture): void {
  describe(`${fixture.name}, as every rail`, () => {
    it('moves what was ordered, to where it was ordered, once', async () => {
      expect(await breachesOf(fixture, [])).toEqual([]);
    });

    it('takes the same payouts again and again without harm', async () => {
      expect(await breachesOf(fixture, [QUIET, QUIET, { ...QUIET, restart: true, timePasses: true }, QUIET])).toEqual([]);
    });

    it('begins nothing when it is only asked', async () => {
      const counterpart = await fixture.start();
      const rail = await counterpart.open();
      // Under load its short patience may end first: then it has begun nothing either.
      await rail.poll(payoutsOf(fixture, rail), memories().handle()).catch((error: unknown) => {
        if (!(error instanceof RailUnavailable)) throw error;
      });
      await counterpart.passTime();
      expect(counterpart.moved()).toEqual([]);
      await counterpart.close();
    });

    it('survives every fault, met at the first call, before and after a restart', async () => {
      const { faults, close } = await fixture.start();
      await close();
      for (const fault of faults) {
        const once = [{ ...QUIET, faults: [fault] }, QUIET];
        const thrice = [
          { ...QUIET, faults: [fault, fault, fault] },
          { ...QUIET, restart: true },
        ];
        for (const steps of [once, thrice])
          expect({ fault, breaches: await breachesOf(fixture, steps) }).toEqual({ fault, breaches: [] });
      }
    }, 120_000);

    it('may be killed at every write of its memory, before and after it is durable', async () => {
      for (let put = 1; put <= 7; put++) {
        for (const durable of [false, true]) {
          const breaches = await breachesOf(fixture, [{ ...QUIET, killAt: { put, durable } }]);
          expect({ put, durable, breaches }).toEqual({ put, durable, breaches: [] });
        }
      }
    });

    it('moves each payout exactly once under any order of calls, faults, kills and delays', async () => {
      const { faults, close } = await fixture.start();
      await close();
      await fc.assert(
        fc.asyncProperty(anySteps(faults), async (steps) => {
          expect(await breachesOf(fixture, steps)).toEqual([]);
        }),
        { numRuns: RUNS },
      );
    }, 120_000);

    describeRefusals(fixture);
  });
}

function describeRefusals(fixture: RailFixture): void {
  const withRail = async (look: (rail: Rail, counterpart: Counterpart) => void | Promise<void>): Promise<void> => {
    const counterpart = await fixture.start();
    try {
      await look(await counterpart.open(), counterpart);
    } finally {
      await counterpart.close();
    }
  };

  it('refuses particulars that it cannot pay to with a sentence that begins with their name', () =>
    withRail((rail) => {
      for (const { particulars, field } of fixture.refused) {
        const answer = rail.destinationOf(particulars, fixture.direction);
        expect({ particulars, answer }).toEqual({
          particulars,
          answer: expect.stringMatching(new RegExp(`^${field}: expected `)) as string,
        });
      }
    }));

  it('knows the unit of its currency and no currency that there is not', () =>
    withRail((rail) => {
      expect(fixture.amountMicros(0) % (rail.unitMicros(fixture.currency) as number)).toBe(0);
      expect(rail.unitMicros('XTS')).toBeUndefined();
      expect(rail.directions).toContain(fixture.direction);
    }));

  it('throws for a part of its unit, for nothing, for too much and for a foreign currency, before it writes or moves anything', () =>
    withRail(async (rail, counterpart) => {
      const [payout] = payoutsOf(fixture, rail, 2) as [Payout];
      const unit = rail.unitMicros(fixture.currency) as number;
      const tooMuch = Math.floor(rail.maxMicros / unit) * unit + unit;
      const wrong = [
        ...(unit > 1 ? [{ ...payout, amountMicros: payout.amountMicros + 1 }] : []),
        { ...payout, amountMicros: 0 },
        { ...payout, amountMicros: -unit },
        { ...payout, amountMicros: tooMuch },
        { ...payout, currency: 'XTS' },
      ];
      for (const one of wrong) {
        const memory = memories();
        await expect((async () => rail.submit([one], memory.handle()))(), JSON.stringify(one)).rejects.toThrow(/expected/);
        expect(memory.durable.size).toBe(0);
      }
      await counterpart.passTime();
      expect(counterpart.moved()).toEqual([]);
    }));
}
