// The bank rail under the suite of every rail. In: a bank that executes every file as often as it is given it, and whose reports are late, lost or repeated. Out:
// that each payout moves once. Its `poll` here reads the bank's files, as the operator does by `settle reply`.

import { conformance } from './conformance.ts';
import type { Counterpart, RailFixture } from './conformance.ts';
import type { Direction, Outcomes, Payout, PayoutId, Outcome, Rail, RailMemory } from '../../hub/rails/rail.ts';
import { openSepa } from '../../hub/rails/sepa.ts';
import type { BankFault } from '../bank/account-keeper.ts';
import { BANK_FAULTS, movementsOf, openBank } from '../bank/account-keeper.ts';
import { configOf, FRIDAY_SECONDS } from '../bank/bank.ts';
import { freshFolder } from '../hub/fixture.ts';

const IBANS = ['AT611904300234573201', 'DE02120300000000202051', 'NL91ABNA0417164300'];

function fixtureOf(direction: Direction): RailFixture {
  const mandate = (number: number): Record<string, string> => ({ mandateId: `M-${number}`, mandateSignedOn: '2026-01-31' });
  const particulars = (number: number): Record<string, string> => ({
    holder: `Person ${number}`,
    iban: IBANS[number] as string,
    ...(direction === 'pay' ? {} : mandate(number)),
  });
  const { holder, iban } = particulars(0) as { holder: string; iban: string };
  return {
    name: `sepa ${direction}`,
    direction,
    currency: 'EUR',
    amountMicros: (number) => (number + 1) * 12_340_000,
    particulars,
    address: (number) => IBANS[number] as string,
    refused: [
      { particulars: { holder }, field: 'iban' },
      { particulars: { iban }, field: 'holder' },
      { particulars: { holder, iban: 'BR1500000000000010932840814P2' }, field: 'iban' },
      { particulars: { holder, iban: 'CH9300762011623852957' }, field: 'bic' },
      { particulars: { holder, iban, street: 'Weg' }, field: 'town' },
      { particulars: { holder: '王', iban }, field: 'holder' },
      ...(direction === 'pay' ? [] : [{ particulars: { holder, iban }, field: 'mandateId' }]),
    ],
    start: () => Promise.resolve(startBank()),
  };
}

function startBank(): Counterpart {
  const folder = freshFolder();
  const config = configOf({ iban: 'DE87123456781234567890' });
  const bank = openBank(folder, config.iban);
  const waiting: BankFault[] = [];
  return {
    open: () =>
      withReplies(
        openSepa(config, folder, () => FRIDAY_SECONDS),
        bank.outbox,
      ),
    moved: () => movementsOf(bank.ledger),
    faults: BANK_FAULTS,
    meet: (fault) => void waiting.push(fault as BankFault),
    calm: () => undefined, // a bank's faults are met when time passes
    passTime: () => bank.carry(waiting.shift()),
    close: () => undefined,
  };
}

function withReplies(rail: Rail, outbox: readonly string[]): Rail {
  return {
    ...rail,
    poll(payouts: readonly Payout[], memory: RailMemory): Promise<Outcomes> {
      const outcomes = new Map<PayoutId, Outcome>();
      for (const xml of outbox) {
        const read = rail.readReply?.(Buffer.from(xml), payouts, memory);
        if (read === undefined || typeof read === 'string') throw new Error(`expected replies, got ${read ?? 'no reader'}`);
        for (const { payout, outcome } of read.replies)
          if (outcomes.get(payout)?.kind !== 'settled') outcomes.set(payout, outcome);
      }
      return Promise.resolve(outcomes);
    },
  };
}

for (const direction of ['pay', 'collect'] as const) conformance(fixtureOf(direction));
