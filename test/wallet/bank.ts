// A hub without its broker, for wallets: the real store, judge and books, and payers who are heard at once. In: accounts and messages. Out: what the hub answers, and where
// money stands by a sum that looks at every channel instead of at reservations.

import { pino } from 'pino';
import type { Bytes } from '../../shared/bytes.ts';
import type { Downlink } from '../../shared/downlink.ts';
import type { AccountId } from '../../shared/identity.ts';
import { messageCounter } from '../../hub/counters.ts';
import { enrol } from '../../hub/enrol.ts';
import type { EnrolRequest } from '../../hub/enrol.ts';
import { accountIdOf } from '../../hub/ids.ts';
import { openIntake } from '../../hub/intake.ts';
import { knownDevices } from '../../hub/known.ts';
import { quarantine } from '../../hub/quarantine.ts';
import { openReleases } from '../../hub/release.ts';
import type { Store } from '../../hub/store.ts';
import { EVENT_LOOP } from '../../hub/turns.ts';
import { requestOf, startStore } from '../hub/fixture.ts';
import type { Payer } from '../hub/payer.ts';
import { payerOf } from '../hub/payer.ts';

/** What a unit costs in these tests. */
export const UNIT_MICROS = 10_000;

export interface Bank {
  readonly store: Store;
  /** The hub's clock; tests move it on. */
  nowSeconds: number;
  enrol(changes?: Partial<EnrolRequest>): Payer;
  /** All of them in one group; what the hub says to the payer, as words. */
  hear(payer: Payer, ...messages: Bytes[]): string[];
  /** Messages of several payers in one group. */
  hearAll(said: ReadonlyArray<readonly [Payer, Bytes]>): string[];
  /** What is said of refused messages, beside the reason. */
  refusals(): string[];
  /** Does the releases that were asked for. */
  release(): void;
}

function wordsOf(answer: Downlink | string): string {
  if (typeof answer === 'string') return answer;
  if (answer.kind === 'receipt') return `${answer.channel}:${answer.acceptedUnits}${answer.closed ? ' closed' : ''}`;
  return answer.kind === 'reject' ? answer.reason : answer.kind;
}

export function openBank(): Bank {
  const store = startStore();
  const known = knownDevices(store);
  const log = pino({ level: 'silent' });
  const now = (): { nowMs: number; nowSeconds: number } => ({ nowMs: bank.nowSeconds * 1000, nowSeconds: bank.nowSeconds });
  const held = quarantine();
  const intake = openIntake({
    store,
    known,
    counter: messageCounter(),
    quarantine: held,
    log,
    now,
    turns: { ...EVENT_LOOP, soon: () => {} },
  });
  const releases = openReleases({ store, known, lanes: undefined, log, now, changedElsewhere: () => true });
  const bank: Bank = {
    store,
    nowSeconds: 1_000_000,
    enrol: (changes = {}) =>
      payerOf(enrol(store, requestOf(1883, { limitUnits: 30, chainUnits: 30, creditMicros: 1e9, ...changes }))),
    hear: (payer, ...messages) => bank.hearAll(messages.map((message) => [payer, message] as const)),
    hearAll(said) {
      const answers: string[] = [];
      for (const [payer, message] of said) {
        const send = (answer: Bytes): void => void answers.push(wordsOf(payer.read(answer)));
        intake.receive({ device: payer.config.device, send, cut: () => {} }, message, () => {});
      }
      intake.flush();
      return answers;
    },
    refusals: () => held.samples().map(({ detail }) => detail),
    release: () => releases.look(),
  };
  return bank;
}

export interface Balance {
  /** With every unit that was accepted counted at once. */
  readonly trueMicros: number;
  /** And every open channel used up to its limit. */
  readonly worstMicros: number;
}

/** From the channels themselves: no reservation is looked at. */
export function balanceOf(store: Store, name: string): Balance {
  const account: AccountId = accountIdOf(name);
  const terms = store.wallets.termsOf(account);
  if (terms === undefined) throw new Error(`${name} has no terms`);
  const heldMicros = store.wallets.heldMicros(account, terms.currency);
  let [trueMicros, worstMicros] = [heldMicros, heldMicros];
  for (const channel of store.channels.accountsOf(account)) {
    if (channel.payer !== account || channel.tariff.currency !== terms.currency) continue;
    const limitUnits = store.channels.find(channel.device, channel.number)?.terms.limitUnits ?? 0;
    trueMicros -= channel.chargedMicros - channel.claimedMicros;
    worstMicros -= (channel.closed ? channel.chargedMicros : limitUnits * UNIT_MICROS) - channel.claimedMicros;
  }
  return { trueMicros, worstMicros };
}
