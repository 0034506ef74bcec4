// Defects of payouts: money that moves twice, or not at all, or of which the books think otherwise than the provider. In: the shipped rail, sender or store. Out: the same with one thing wrong.

import { nameOfIn } from '../../hub/batch-view.ts';
import { payoutOf } from '../../hub/payout.ts';
import type { Outcome, Outcomes, Payout, PayoutId, Rail } from '../../hub/rails/rail.ts';
import { RailUnavailable } from '../../hub/rails/rail.ts';
import type { sendPayouts } from '../../hub/send.ts';
import type { Store } from '../../hub/store.ts';
import type { Defect } from './defect.ts';
import { inHub, inStore } from './defect.ts';

type Send = typeof sendPayouts;
type Payouts = Store['payouts'];

/** What is prepared goes out first, and becomes `sent` when that is done. */
function sendingFirst(send: Send): Send {
  return async (store, terms, nowSeconds) => {
    for (const rail of terms.rails.values()) {
      const rows = store.payouts.inState('prepared').filter((row) => row.rail === rail.name);
      const payouts = rows.map((row) => payoutOf(row, nameOfIn(store)(row.account), store.particulars.frozen(row.id) ?? {}));
      const memory = store.payouts.memoryOf(rail.name, (write) => store.atomically(write));
      if (payouts.length > 0) await rail.submit(payouts, memory).catch(() => undefined);
    }
    return send(store, terms, nowSeconds);
  };
}

/** Whatever was handed over before gets another id when it is handed over again. */
function renaming(): (rail: Rail) => Rail {
  const times = new Map<PayoutId, number>();
  const names = new Map<PayoutId, PayoutId>();
  const named = (payout: Payout): Payout => ({ ...payout, id: names.get(payout.id) ?? payout.id });
  const back = (outcomes: Outcomes, payouts: readonly Payout[]): Outcomes =>
    new Map(
      payouts.flatMap(({ id }) => {
        const outcome = outcomes.get(names.get(id) ?? id);
        return outcome === undefined ? [] : [[id, outcome] as const];
      }),
    );
  return (rail) => ({
    ...rail,
    async submit(payouts, memory) {
      for (const { id } of payouts) {
        const n = times.get(id) ?? 0;
        times.set(id, n + 1);
        names.set(id, (String(n % 100).padStart(2, '0') + id.slice(2)) as PayoutId);
      }
      return back(await rail.submit(payouts.map(named), memory), payouts);
    },
    poll: async (payouts, memory) => back(await rail.poll(payouts.map(named), memory), payouts),
    readReply: () => ({ replies: [], remarks: [] }),
  });
}

function concluding(rail: Rail): Rail {
  const rejected =
    (payouts: readonly Payout[]) =>
    (error: unknown): Outcomes => {
      if (!(error instanceof RailUnavailable)) throw error;
      return new Map(payouts.map(({ id }) => [id, { kind: 'rejected', why: 'timeout' }]));
    };
  return {
    ...rail,
    submit: (payouts, memory) => rail.submit(payouts, memory).catch(rejected(payouts)),
    poll: (payouts, memory) => rail.poll(payouts, memory).catch(rejected(payouts)),
  };
}

/** However it is told. */
function mishearing(change: (outcome: Outcome) => Outcome): (rail: Rail) => Rail {
  const all = (outcomes: Outcomes): Outcomes => new Map([...outcomes].map(([id, outcome]) => [id, change(outcome)]));
  return (rail) => ({
    ...rail,
    submit: async (payouts, memory) => all(await rail.submit(payouts, memory)),
    poll: async (payouts, memory) => all(await rail.poll(payouts, memory)),
    readReply(bytes, payouts, memory) {
      const read = rail.readReply?.(bytes, payouts, memory) ?? 'no reply';
      if (typeof read === 'string') return read;
      return { ...read, replies: read.replies.map((reply) => ({ ...reply, outcome: change(reply.outcome) })) };
    },
  });
}

function roundingUp(rail: Rail): Rail {
  const up = (payout: Payout): Payout => ({ ...payout, amountMicros: Math.ceil(payout.amountMicros / 1_000_000) * 1_000_000 });
  return { ...rail, submit: (payouts, memory) => rail.submit(payouts.map(up), memory) };
}

const inPayouts = (make: (payouts: Payouts) => Partial<Payouts>) => () => (store: Store) => ({
  ...store,
  payouts: { ...store.payouts, ...make(store.payouts) },
});

export const RAIL_DEFECTS: readonly Defect[] = [
  inHub({ id: 'sent-before-durable', room: 'rails', what: 'A payout is handed over before it is written that it is.' }, () => ({
    send: sendingFirst,
  })),
  inHub({ id: 'new-id-on-retry', room: 'rails', what: 'A payout that is handed over again has another id.' }, () => ({
    rail: renaming(),
  })),
  inHub({ id: 'timeout-is-a-reject', room: 'rails', what: 'No answer is taken for a refusal.' }, () => ({ rail: concluding })),
  inHub({ id: 'reversal-not-believed', room: 'rails', what: 'What came back counts as settled.' }, () => ({
    rail: mishearing((outcome) => (outcome.kind === 'reversed' ? { kind: 'settled', reference: outcome.reference } : outcome)),
  })),
  inHub({ id: 'reject-not-believed', room: 'rails', what: 'What was refused counts as settled.' }, () => ({
    rail: mishearing((outcome) => (outcome.kind === 'rejected' ? { kind: 'settled', reference: 'refused' } : outcome)),
  })),
  inHub({ id: 'file-rounded-up', room: 'rails', what: 'Amounts in a payout file are rounded up to whole euros.' }, () => ({
    rail: (rail) => (rail.name === 'csv' ? roundingUp(rail) : rail),
  })),
  inHub({ id: 'fee-forgotten', room: 'rails', what: 'What the provider has kept is in no entry.' }, () => ({
    rail: mishearing((outcome) => (outcome.kind === 'settled' ? { ...outcome, feeMicros: 0 } : outcome)),
  })),
  inStore(
    { id: 'reversal-not-carried-over', room: 'settlement', what: 'What came back is owed, and no later payout takes it up.' },
    inPayouts((payouts) => ({
      carried(side) {
        const { remainderMicros, lost } = payouts.carried(side);
        return { remainderMicros, lost: lost.filter(({ id }) => payouts.find(id)?.state !== 'reversed') };
      },
      sidesWithLost: () =>
        payouts
          .sidesWithLost()
          .filter((side) => payouts.carried(side).lost.some(({ id }) => payouts.find(id)?.state !== 'reversed')),
    })),
  ),
  inStore(
    { id: 'remainder-forgotten', room: 'settlement', what: 'What was below the smallest unit is lost.' },
    inPayouts((payouts) => ({ carried: (side) => ({ ...payouts.carried(side), remainderMicros: 0 }) })),
  ),
  inStore(
    { id: 'settled-when-prepared', room: 'settlement', what: 'Channels count as settled as soon as their payout is prepared.' },
    () => (store) => ({
      ...store,
      payouts: {
        ...store.payouts,
        add(payout, nowSeconds) {
          store.payouts.add(payout, nowSeconds);
          store.payouts.moved(payout.id);
        },
      },
    }),
  ),
];
