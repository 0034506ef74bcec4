// Wrong variants of settlement, each of which somebody has shipped once. In: nothing. Out: what to plant. The harness must find every one of them, or it is blind.

import { nameOfIn } from '../../../hub/batch-view.ts';
import { payoutOf } from '../../../hub/payout.ts';
import type { Outcome, Outcomes, Payout, PayoutId, Rail } from '../../../hub/rails/rail.ts';
import { RailUnavailable } from '../../../hub/rails/rail.ts';
import { sendPayouts } from '../../../hub/send.ts';
import type { Store } from '../../../hub/store.ts';
import type { Planted } from './run.ts';

const REJECTED: Outcome = { kind: 'rejected', why: 'no answer' };

const inPayouts = (make: (payouts: Store['payouts']) => Partial<Store['payouts']>): Planted => ({
  store: (store) => ({ ...store, payouts: { ...store.payouts, ...make(store.payouts) } }),
});
const inAnswers = (change: (outcome: Outcome) => Outcome): Planted => ({
  rail: (rail) => changedAnswers(rail, (outcomes) => new Map([...outcomes].map(([id, outcome]) => [id, change(outcome)]))),
});

function changedAnswers(rail: Rail, change: (outcomes: Outcomes, payouts: readonly Payout[]) => Outcomes): Rail {
  return {
    ...rail,
    submit: async (payouts, memory) => change(await rail.submit(payouts, memory), payouts),
    poll: async (payouts, memory) => change(await rail.poll(payouts, memory), payouts),
  };
}

/** Told before it is written down: after a crash nobody knows that it was told. */
const tellsFirst: typeof sendPayouts = async (store, terms, nowSeconds) => {
  const nameOf = nameOfIn(store);
  for (const row of store.payouts.inState('prepared')) {
    const rail = terms.rails.get(row.rail);
    const destination = store.particulars.frozen(row.id);
    if (rail === undefined || destination === undefined || store.batches.head(row.batch)?.state !== 'sent') continue;
    await rail
      .submit([payoutOf(row, nameOf(row.account), destination)], { get: () => undefined, put: () => undefined })
      .catch(passOn);
  }
  return sendPayouts(store, terms, nowSeconds);
};

function passOn(error: unknown): void {
  if (!(error instanceof RailUnavailable)) throw error;
}

/** Each try is a payout of its own for the provider. */
function newIdEachTime(rail: Rail): Rail {
  let tries = 0;
  return {
    ...rail,
    async submit(payouts, memory) {
      tries++;
      const renamed = payouts.map((payout) => ({
        ...payout,
        id: `${payout.id.slice(0, 28)}${String(tries).padStart(4, '0')}` as PayoutId,
      }));
      const outcomes = await rail.submit(renamed, memory);
      return new Map(
        payouts.flatMap(({ id }, i) => {
          const outcome = outcomes.get(renamed[i]?.id ?? id);
          return outcome === undefined ? [] : [[id, outcome] as const];
        }),
      );
    },
  };
}

function timeoutRejects(rail: Rail): Rail {
  const rejectAll =
    (payouts: readonly Payout[]) =>
    (error: unknown): Outcomes => {
      passOn(error);
      return new Map(payouts.map(({ id }) => [id, REJECTED]));
    };
  return { ...rail, submit: (payouts, memory) => rail.submit(payouts, memory).catch(rejectAll(payouts)) };
}

const withRejects = (outcomes: Outcomes, payouts: readonly Payout[]): Outcomes =>
  new Map(payouts.map(({ id }) => [id, outcomes.get(id) ?? REJECTED]));

function shifted(outcomes: Outcomes): Outcomes {
  const all = [...outcomes];
  return new Map(all.map(([id], i) => [id, all[(i + 1) % all.length]?.[1] as Outcome]));
}

export const PLANTED: ReadonlyArray<readonly [string, Planted]> = [
  ['told before it is written down', { send: tellsFirst }],
  ['a new id at each try', { rail: newIdEachTime }],
  ['a timeout is taken for a rejection', { rail: timeoutRejects }],
  ['an unknown payout is taken for a rejected one', { rail: (rail) => changedAnswers(rail, withRejects) }],
  [
    'acceptance is taken for settlement',
    inAnswers((outcome) => (outcome.kind === 'accepted' ? { ...outcome, kind: 'settled' } : outcome)),
  ],
  [
    'a reversal is not believed',
    inAnswers((outcome) => (outcome.kind === 'reversed' ? { kind: 'settled', reference: 'r' } : outcome)),
  ],
  ['outcomes of one payout are given to another', { rail: (rail) => changedAnswers(rail, shifted) }],
  [
    'what was not moved is forgotten',
    inPayouts((payouts) => ({ sidesWithLost: () => [], carried: (side) => ({ ...payouts.carried(side), lost: [] }) })),
  ],
  [
    'what is below a cent is forgotten',
    inPayouts((payouts) => ({ carried: (side) => ({ ...payouts.carried(side), remainderMicros: 0 }) })),
  ],
  ['what moved counts for nothing', inPayouts(() => ({ moved: () => [] }))],
  [
    'a payout is in no entry',
    {
      store: (store) => ({
        ...store,
        books: {
          ...store.books,
          post: (entry, at) => (entry.kind === 'payout' ? store.books.head().entry : store.books.post(entry, at)),
        },
      }),
    },
  ],
  [
    'a prepared batch is forgotten',
    { store: (store) => ({ ...store, batches: { ...store.batches, underWay: () => undefined } }) },
  ],
];
