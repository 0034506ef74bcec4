// A payment provider as honest as they come, and the network before it. It knows a payout by its id and moves each at most once; it may be slow, reject, or take money
// back; and its ledger, which no crash of the hub reaches, is what the hub's books are held against. In: payouts, over a network that loses requests and answers, and says
// old things late. Out: what the provider has really moved.

import type {
  Direction,
  FeeModel,
  Outcome,
  Outcomes,
  Payout,
  PayoutId,
  Rail,
  RailMemory,
  RailName,
} from '../../../hub/rails/rail.ts';
import { RailUnavailable } from '../../../hub/rails/rail.ts';
import type { Random } from '../../../simulator/random.ts';

type Stage = 'taken' | 'accepted' | 'settled' | 'rejected' | 'reversed';

interface Order {
  readonly payout: Payout;
  readonly stages: Stage[];
}

/** How bad it is out there, in parts of one. */
export interface Weather {
  requestLost: number;
  answerLost: number;
  /** An answer that was true once. */
  answerLate: number;
  /** Of a payout that it has, the provider says nothing. */
  unsaid: number;
  rejects: number;
  reverses: number;
  progresses: number;
}

export const CALM: Weather = { requestLost: 0, answerLost: 0, answerLate: 0, unsaid: 0, rejects: 0, reverses: 0, progresses: 1 };

export interface Provider {
  /** As the hub's process knows it: made anew after each crash. */
  rail(onStep: (step: string) => void): Rail;
  /** Something happens on its side. */
  progress(): void;
  /** An answer of now or of earlier, as a message or a file would bring it. */
  said(): { readonly payout: PayoutId; readonly outcome: Outcome } | undefined;
  /** What came to an account less what went: of everything that was ever settled and not reversed. */
  netMicros(account: string, direction: Direction): number;
  /** Payouts that have reached it. */
  orders(): number;
  isIdle(): boolean;
}

export interface ProviderOptions {
  readonly name: RailName;
  readonly unitMicros: number;
  readonly maxMicros: number;
  readonly feeMicros: number;
  readonly random: Random;
  readonly weather: () => Weather;
}

const FREE: FeeModel = { perBatchMicros: 0, fixedMicros: 0, shareMillionths: 0, minMicros: 0, maxMicros: undefined };

export function openProvider({ name, unitMicros, maxMicros, feeMicros, random, weather }: ProviderOptions): Provider {
  const orders = new Map<string, Order>();
  const chance = (share: number): boolean => share > 0 && random.integer(0, 999_999) < share * 1_000_000;

  function take(payout: Payout): void {
    const known = orders.get(payout.id);
    if (known === undefined) orders.set(payout.id, { payout, stages: ['taken'] });
    else if (JSON.stringify(known.payout) !== JSON.stringify(payout))
      throw new Error(`payout ${payout.id} came again as another one`);
  }

  function next(order: Order): void {
    const stage = order.stages.at(-1) as Stage;
    const { rejects, reverses } = weather();
    if (stage === 'taken') order.stages.push(chance(rejects) ? 'rejected' : chance(0.5) ? 'accepted' : 'settled');
    else if (stage === 'accepted') order.stages.push(chance(rejects) ? 'rejected' : 'settled');
    else if (stage === 'settled' && chance(reverses)) order.stages.push('reversed');
  }

  function outcomeOf({ payout, stages }: Order): Outcome {
    const late = chance(weather().answerLate) ? random.integer(0, stages.length - 1) : stages.length - 1;
    const stage = stages[late] as Stage;
    const reference = `ref ${payout.id.slice(0, 6)}`;
    if (stage === 'taken') return { kind: 'sent' };
    if (stage === 'accepted') return { kind: 'accepted', reference };
    if (stage === 'settled') return { kind: 'settled', reference, feeMicros };
    return stage === 'rejected'
      ? { kind: 'rejected', why: 'no such account' }
      : { kind: 'reversed', reference, why: 'account closed' };
  }

  function answer(payouts: readonly Payout[]): Outcomes {
    if (chance(weather().answerLost)) throw new RailUnavailable('no answer');
    const said = new Map<PayoutId, Outcome>();
    for (const { id } of payouts) {
      const order = orders.get(id);
      if (order !== undefined && !chance(weather().unsaid)) said.set(id, outcomeOf(order));
    }
    return said;
  }

  function railFor(onStep: (step: string) => void): Rail {
    const call = async (payouts: readonly Payout[], effect: () => void): Promise<Outcomes> => {
      onStep('call');
      await Promise.resolve();
      if (chance(weather().requestLost)) throw new RailUnavailable('no route to host');
      effect();
      onStep('called');
      await Promise.resolve();
      const outcomes = answer(payouts);
      onStep('answered');
      return outcomes;
    };
    return {
      ...{ name, directions: ['pay', 'collect'], fee: FREE, maxMicros },
      unitMicros: () => unitMicros,
      destinationOf: () => ({ iban: 'DE02120300000000202051' }),
      submit(payouts, memory: RailMemory) {
        for (const { batch } of payouts) memory.put(`handed over:${batch}`, memory.get(`handed over:${batch}`) ?? 'once');
        return call(payouts, () => payouts.forEach(take));
      },
      poll: (payouts) => call(payouts, () => undefined),
    };
  }

  return {
    rail: railFor,
    progress() {
      for (const order of orders.values()) if (chance(weather().progresses)) next(order);
    },
    said() {
      const [order] = [...orders.values()].slice(random.integer(0, Math.max(0, orders.size - 1)));
      return order === undefined ? undefined : { payout: order.payout.id, outcome: outcomeOf(order) };
    },
    netMicros(account, direction) {
      const own = [...orders.values()].filter(({ payout }) => payout.account === account && payout.direction === direction);
      return own.filter(({ stages }) => stages.at(-1) === 'settled').reduce((sum, { payout }) => sum + payout.amountMicros, 0);
    },
    orders: () => orders.size,
    isIdle: () =>
      [...orders.values()].every(({ stages }) => ['settled', 'rejected', 'reversed'].includes(stages.at(-1) as Stage)),
  };
}
