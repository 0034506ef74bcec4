// A batch's payouts and its entry, from its lines: each payout is what the lines sum to for its account and what it carries in, what needs no payout is cleared by the batch's own entry, and a payout
// that has moved has the entry that says so. In: a batch's lines. Out: faults.

import type { AccountId } from '../../shared/identity.ts';
import { bytesOfHex } from '../blob.ts';
import { sumMicros } from '../ledger.ts';
import { payoutIdOf } from '../payout.ts';
import type { Direction } from '../rails/rail.ts';
import type { RawRow } from '../store-tables.ts';
import type { Faults, Ground } from './fault.ts';
import type { RawLine } from './line.ts';

interface RawPayout extends RawRow {
  readonly payout: string;
  readonly direction: string;
  readonly account: string;
  readonly currency: string;
  readonly gross_micros: number;
  readonly amount_micros: number;
  readonly state: string;
  /** The entries that say that it has moved, and that it came back. */
  readonly movement: number | null;
  readonly reversal: number | null;
}

interface RawSum extends RawRow {
  readonly currency: string;
  readonly micros: number;
}

interface RawPosting extends RawRow {
  readonly account: string;
  readonly currency: string;
  readonly amount_micros: number;
}

export interface BatchPayouts {
  /** The next line of the batch. */
  add(line: RawLine): void;
  /** When all lines are added; `state` is the batch's. */
  faults(state: string): Faults;
}

export function payoutsIn(ground: Ground, batch: string): BatchPayouts {
  const payouts = [...ground.tables.of<RawPayout>('payoutsOf', batch)];
  const gross = new Map(payouts.map((payout) => [sideOf(payout.direction, payout.account, payout.currency), 0]));
  const direct = new Map<string, number>();
  return {
    add({ payer, payee, currency, from_micros: from, to_micros: to }) {
      const sides = [sideOf('pay', payee, currency), sideOf('collect', payer, currency)].filter((side) => gross.has(side));
      for (const side of sides) gross.set(side, sumMicros([gross.get(side) ?? 0, to - from]));
      if (sides.length === 0) direct.set(currency, sumMicros([direct.get(currency) ?? 0, to - from]));
    },
    *faults(state) {
      yield* faultsOfEntry(ground, batch, state === 'prepared' ? new Map<string, number>() : direct);
      for (const payout of payouts) {
        ground.counted('payouts', 1);
        yield* faultsOfPayout(ground, batch, payout, gross.get(sideOf(payout.direction, payout.account, payout.currency)) ?? 0);
      }
    },
  };
}

function sideOf(direction: string, account: string, currency: string): string {
  return `${direction} ${account} ${currency}`;
}

/** What has no payout is settled in the books alone, when the batch is sent. */
function* faultsOfEntry({ tables }: Ground, batch: string, due: ReadonlyMap<string, number>): Faults {
  const cleared = new Map([...tables.of<RawSum>('clearedBy', batch)].map(({ currency, micros }) => [currency, micros]));
  for (const currency of new Set([...due.keys(), ...cleared.keys()])) {
    const [expected, found] = [due.get(currency) ?? 0, cleared.get(currency) ?? 0];
    if (expected !== found)
      yield {
        table: 'batches',
        row: batch,
        what: `its lines clear ${expected} ${currency} micros in the books, its entry clears ${found}`,
      };
  }
}

function* faultsOfPayout({ tables, hub, sha256 }: Ground, batch: string, row: RawPayout, gross: number): Faults {
  const at = { table: 'payouts', row: row.payout };
  const { direction, account, currency, state, movement, reversal } = row;
  const id = payoutIdOf(
    { hub, batch, direction: direction as Direction, account: bytesOfHex(account) as AccountId, currency },
    sha256,
  );
  if (id !== row.payout) yield { ...at, what: `what it is for makes it payout ${id}` };
  if (row.gross_micros !== gross)
    yield { ...at, what: `the batch's lines sum to ${gross} micros for it, the row says ${row.gross_micros}` };
  const hasMoved = state === 'settled' || state === 'reversed';
  if (hasMoved !== (movement !== null))
    yield {
      ...at,
      what: `it is ${state}, and ${movement === null ? 'no entry says' : `entry ${movement} says`} that it has moved`,
    };
  if ((state === 'reversed') !== (reversal !== null))
    yield {
      ...at,
      what: `it is ${state}, and ${reversal === null ? 'no entry says' : `entry ${reversal} says`} that it came back`,
    };
  if (movement === null) return;
  const expected = direction === 'pay' ? -row.amount_micros : row.amount_micros;
  const own = tables
    .postingsOf<RawPosting>(movement)
    .find((posting) => posting.account === account && posting.currency === currency);
  if (own?.amount_micros !== expected)
    yield {
      ...at,
      what: `it moves ${row.amount_micros} micros, entry ${movement} posts ${own?.amount_micros ?? 'nothing'} to its account`,
    };
}
