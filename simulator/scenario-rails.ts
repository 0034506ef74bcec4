// The rails of a scenario: who is paid and collected from by which, and what its counterpart is like. In: plain values. Out: the same, checked. Accounts that no rail names settle in the hub's own books.

import { z } from 'zod';
import { duration, micros, share } from './scenario-values.ts';

const counterpartSchema = z.strictObject({
  /** From one state to the next, on average. */
  takes: duration.default(900_000),
  /** Of requests, and of answers to those that have arrived: each takes part in none of the other's luck. */
  requestLost: share.default(0),
  answerLost: share.default(0),
  /** Answers that say what was true earlier. */
  answerLate: share.default(0),
  /** Of a payout that it has, it says nothing this time. */
  unsaid: share.default(0),
  /** Of changes, so many are told by a message of its own: some of them twice, all of them some time later. */
  messages: share.default(0.5),
  messagesTwice: share.default(0),
  messagesAfter: duration.default(600_000),
  rejects: share.default(0),
  reverses: share.default(0),
});

export const railSchema = z
  .strictObject({
    /** Under whose name it goes in the books. Payouts by `csv` are carried in files, by the hub's own rail; of the others the provider is a model. */
    name: z.enum(['csv', 'webhook', 'stripe', 'paypal', 'lightning', 'erc20']),
    payees: z.array(z.string().min(1)).default([]),
    /** As groups name them; with several `payers`, all of them. */
    payers: z.array(z.string().min(1)).default([]),
    unitMicros: micros.min(1).default(10_000),
    maxMicros: micros.min(1).default(1_000_000_000_000),
    feeMicros: micros.default(0),
    /** Less is not moved. */
    leastMicros: micros.default(0),
    sendEvery: duration.default(600_000),
    /** What was rejected or came back is tried again after so long without new lines, too. */
    retryAfter: duration.default(21_600_000),
    /** Of what is prepared, so much is kept back by an operator who has doubts; it goes into a later payout. */
    withholds: share.default(0),
    counterpart: counterpartSchema.prefault({}),
  })
  .refine(({ name, feeMicros }) => name !== 'csv' || feeMicros === 0, {
    path: ['feeMicros'],
    message: 'expected none for csv: what a bank keeps for it, its file does not say',
  });

export type RailSpec = z.output<typeof railSchema>;
