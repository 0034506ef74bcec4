// What a settlement, a payout or a collection in a statement is made of: the lines of the account's own channels, and cents from and for other payouts. In: the store, and an entry of the account. Out: parts that
// sum to what the entry has moved, or an exception. It looks at no other account's lines.

import type { AccountId } from '../shared/identity.ts';
import { sumMicros } from './ledger.ts';
import { parsePayoutId } from './payout.ts';
import { directLines, sideKeyOf, sidesOf } from './side.ts';
import type { Store } from './store.ts';
import type { Move } from './store-books.ts';
import type { PlacedLine } from './store-evidence.ts';
import type { PriceStep } from './tariff/price-steps.ts';

/** Of claims and of what an operator has posted: nothing. */
export type PartsOfEntry = (move: Move) => readonly PriceStep[];

interface OwnLine extends PlacedLine {
  readonly unit: string;
}

type OwnLines = ReadonlyMap<string, readonly OwnLine[]>;

export function partsOfEntries(store: Store, account: AccountId, currency: string): PartsOfEntry {
  let lines: OwnLines | undefined;
  return (move) => {
    const [of, id = ''] = (move.key ?? '').split(':');
    const isPayout = of === 'payout' || of === 'collection';
    if (!isPayout && of !== 'settlement') return [];
    lines ??= linesOf(store, account, currency);
    const parts = isPayout ? partsOfPayout(store, id, lines) : partsCleared(store, account, id, lines, move.amountMicros);
    const sum = sumMicros(parts.map(({ micros }) => micros));
    if (sum !== move.amountMicros)
      throw new Error(`entry ${move.entry}: it has moved ${move.amountMicros} micros ${currency}, its lines sum to ${sum}`);
    return parts;
  };
}

/** By batch. */
function linesOf(store: Store, account: AccountId, currency: string): OwnLines {
  const batches = new Map<string, OwnLine[]>();
  for (const { device, number, tariff } of store.channels.accountsOf(account)) {
    if (tariff.currency !== currency) continue;
    for (const line of store.evidence.linesOf(device, number)) {
      const own = batches.get(line.batch) ?? [];
      own.push({ ...line, unit: tariff.unit });
      batches.set(line.batch, own);
    }
  }
  return batches;
}

/** What parties have cleared between them. What a prepaid payer has used stays on its wallet: then only what it is owed is in the entry. */
function partsCleared(store: Store, account: AccountId, batch: string, lines: OwnLines, movedMicros: number): PriceStep[] {
  const direct = [...directLines(lines.get(batch) ?? [], store.payouts.ofBatch(batch))] as OwnLine[];
  const foreign = direct.filter(({ payer, payee }) => payer !== payee);
  const all = foreign.map((line) => partOf(line, line.payee === account ? -1 : 1));
  if (sumMicros(all.map(({ micros }) => micros)) === movedMicros) return all;
  return all.filter(({ micros }) => micros < 0);
}

function partsOfPayout(store: Store, text: string, lines: OwnLines): PriceStep[] {
  const id = parsePayoutId(text);
  const payout = id === undefined ? undefined : store.payouts.find(id);
  if (payout === undefined) throw new Error(`an entry is of payout ${text}, which is not there`);
  const sign = payout.direction === 'pay' ? -1 : 1;
  const own = store.payouts
    .madeOf(payout.id)
    .flatMap((made) =>
      (lines.get(made.batch) ?? []).filter((line) => sidesOf(line).some((side) => sideKeyOf(side) === sideKeyOf(made))),
    )
    .map((line) => partOf(line, sign));
  const leftMicros = payout.grossMicros + payout.carriedMicros - payout.amountMicros;
  const broughtMicros = payout.amountMicros + leftMicros - sign * sumMicros(own.map(({ micros }) => micros));
  const rest = [
    { what: 'left over by the payout before', micros: sign * broughtMicros },
    { what: 'left for the next payout', micros: -sign * leftMicros },
  ];
  return [...own, ...rest.filter(({ micros }) => micros !== 0)];
}

function partOf({ device, number, fromUnits, toUnits, unit, fromMicros, toMicros }: OwnLine, sign: 1 | -1): PriceStep {
  return { what: `channel ${device}/${number}, ${unit} ${fromUnits + 1} to ${toUnits}`, micros: sign * (toMicros - fromMicros) };
}
