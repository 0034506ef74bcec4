// The other end of a rail: a provider that knows a payout by its id and moves each once at most, behind a network that loses requests and answers and says old things late. In: payouts, as the hub's process hands
// them over. Out: answers, messages, and a ledger that no crash of the hub reaches: what was really moved, for the auditor to hold the books against.

import type { Outcome, Outcomes, Payout, PayoutId, Rail, ReplyFile } from '../../hub/rails/rail.ts';
import { RailUnavailable } from '../../hub/rails/rail.ts';
import { csvRail } from '../../hub/rails/csv-rail.ts';
import type { Random } from '../random.ts';
import type { RailSpec } from '../scenario-rails.ts';
import { employClerk } from './clerk.ts';
import type { Clock } from './clock.ts';

export type Stage = 'taken' | 'accepted' | 'settled' | 'rejected' | 'reversed';

export interface Order {
  readonly payout: Payout;
  readonly stages: Stage[];
}

/** The hub's process, as it uses the rail; it may be gone before an answer comes. */
export interface RailUser {
  isAlive(): boolean;
  onStep(step: string): void;
}

export interface Counterpart {
  readonly spec: RailSpec;
  rail(user: RailUser): Rail;
  /** Everything that has ever reached it. */
  readonly orders: ReadonlyMap<string, Order>;
  /** An operator wanted to keep these back; and has, and must never see these here. */
  readonly doubted: Set<string>;
  readonly withheld: Set<string>;
  /** From now on nothing is lost, rejected or taken back. */
  calm(): void;
}

export interface CounterpartOptions {
  readonly spec: RailSpec;
  readonly clock: Clock;
  readonly random: Random;
  /** Promises have been kept: who waits for them goes on before anything else happens. */
  readonly onAnswer: () => void;
  readonly onOrder: (counterpart: Counterpart, order: Order) => void;
  /** The same id came again with other content. */
  readonly onOther: (payout: Payout) => void;
  readonly onStage: (order: Order) => void;
  readonly onMessage: (counterpart: Counterpart, bytes: Uint8Array) => void;
  readonly fault: (kind: string, detail: string) => void;
  /** Of the hub, for a rail whose payouts are carried in files. */
  readonly dataDir: () => string;
}

const REQUEST_MS = 150;
const NEXT: Readonly<Record<Stage, readonly Stage[]>> = {
  taken: ['accepted', 'settled'],
  accepted: ['settled'],
  settled: [],
  rejected: [],
  reversed: [],
};

export function openCounterpart(options: CounterpartOptions): Counterpart {
  const { spec, clock, random, fault } = options;
  const orders = new Map<string, Order>();
  const isCarried = spec.name === 'csv';
  let isCalm = false;
  const chance = (share: number): boolean => !isCalm && random.next() < share;
  const weather = spec.counterpart;

  function take(payout: Payout): void {
    const known = orders.get(payout.id);
    if (known !== undefined) {
      if (JSON.stringify(known.payout) !== JSON.stringify(payout)) options.onOther(payout);
      return;
    }
    const order: Order = { payout, stages: ['taken'] };
    orders.set(payout.id, order);
    options.onOrder(counterpart, order);
    goOn(order);
  }

  function goOn(order: Order): void {
    clock.after(random.exponential(weather.takes), () => {
      const stage = order.stages.at(-1) as Stage;
      const nexts = NEXT[stage];
      const isEnd = nexts.length === 0;
      if (isEnd && !(stage === 'settled' && chance(weather.reverses))) return;
      const rejects = !isEnd && chance(weather.rejects);
      const next = isEnd ? 'reversed' : rejects ? 'rejected' : (nexts[random.integer(0, nexts.length - 1)] as Stage);
      order.stages.push(next);
      if (next === 'rejected' || next === 'reversed') fault(`payout ${next}`, order.payout.id);
      options.onStage(order);
      tell(order);
      goOn(order);
    });
  }

  function outcomeOf({ payout, stages }: Order): Outcome {
    const isLate = stages.length > 1 && chance(weather.answerLate);
    const stage = stages[isLate ? random.integer(0, stages.length - 2) : stages.length - 1] as Stage;
    if (isLate) fault('answer late', payout.id);
    const reference = `ref-${payout.id.slice(0, 8)}`;
    if (stage === 'taken') return { kind: 'sent' };
    if (stage === 'accepted') return { kind: 'accepted', reference };
    if (stage === 'settled') return { kind: 'settled', reference, feeMicros: spec.feeMicros };
    return stage === 'rejected'
      ? { kind: 'rejected', why: 'no such account' }
      : { kind: 'reversed', reference, why: 'account closed' };
  }

  /** As it is now, and read when it comes. */
  function tell(order: Order): void {
    if (isCarried) return;
    if (!isCalm && random.next() >= weather.messages) return;
    const bytes = Buffer.from(JSON.stringify([{ payout: order.payout.id, outcome: outcomeOf(order) }]));
    const times = chance(weather.messagesTwice) ? 2 : 1;
    if (times === 2) fault('message doubled', order.payout.id);
    for (let i = 0; i < times; i++)
      clock.after(random.exponential(weather.messagesAfter), () => options.onMessage(counterpart, bytes));
  }

  /** What passes through people's hands is neither lost nor late by the network; what the bank says may be old. */
  function carriedRail(user: RailUser): Rail {
    const rail = csvRail(options.dataDir());
    return {
      ...rail,
      submit(...handed) {
        user.onStep('rail.call');
        return rail.submit(...handed);
      },
    };
  }

  function answerTo(payouts: readonly Payout[]): Outcomes {
    const said = new Map<PayoutId, Outcome>();
    for (const { id } of payouts) {
      const order = orders.get(id);
      if (order !== undefined && !chance(weather.unsaid)) said.set(id, outcomeOf(order));
    }
    return said;
  }

  /** The request takes its time, and so does the answer; whoever has died meanwhile hears nothing. */
  function exchange(user: RailUser, payouts: readonly Payout[], effect: () => void): Promise<Outcomes> {
    user.onStep('rail.call');
    return new Promise((resolve, reject) => {
      const end = (finish: () => void): void => {
        clock.after(random.exponential(REQUEST_MS), () => {
          if (!user.isAlive()) return;
          finish();
          options.onAnswer();
        });
      };
      const lose = (what: string): void => {
        fault(`${what} lost`, spec.name);
        end(() => reject(new RailUnavailable(`expected an answer from ${spec.name}, got none`)));
      };
      clock.after(random.exponential(REQUEST_MS), () => {
        if (chance(weather.requestLost)) return lose('request');
        effect();
        const said = answerTo(payouts);
        if (chance(weather.answerLost)) return lose('answer');
        end(() => resolve(said));
      });
    });
  }

  const counterpart: Counterpart = {
    spec,
    orders,
    doubted: new Set(),
    withheld: new Set(),
    calm: () => void (isCalm = true),
    rail: (user) => (isCarried ? carriedRail(user) : answeringRail(user)),
  };

  /** A provider that is asked and answers. */
  function answeringRail(user: RailUser): Rail {
    return {
      name: spec.name,
      directions: ['pay', 'collect'],
      fee: { perBatchMicros: 0, fixedMicros: spec.feeMicros, shareMillionths: 0, minMicros: 0, maxMicros: undefined },
      maxMicros: spec.maxMicros,
      unitMicros: () => spec.unitMicros,
      destinationOf: () => ({ to: 'an account there' }),
      submit(payouts, memory) {
        for (const batch of new Set(payouts.map((payout) => payout.batch)))
          if (memory.get(`handed over:${batch}`) === undefined) memory.put(`handed over:${batch}`, 'once');
        return exchange(user, payouts, () => payouts.forEach(take));
      },
      poll: (payouts) => exchange(user, payouts, () => undefined),
      readReply: (bytes): ReplyFile => ({
        replies: JSON.parse(Buffer.from(bytes).toString()) as ReplyFile['replies'],
        remarks: [],
      }),
    };
  }

  if (isCarried) {
    const said = (): Array<readonly [PayoutId, Outcome]> =>
      [...orders.values()].map((order) => [order.payout.id, outcomeOf(order)]);
    const onStatement = (bytes: Uint8Array): void => options.onMessage(counterpart, bytes);
    employClerk({ clock, everyMs: spec.sendEvery, dataDir: options.dataDir, bank: { take, said }, onStatement });
  }
  return counterpart;
}
