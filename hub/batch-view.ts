// A batch as people and reports read it: accounts by their names, units and amounts of the lines themselves. In: a batch. Out: plain JSON values.

import type { AccountId } from '../shared/identity.ts';
import { toHex } from '../shared/bytes.ts';
import type { Batch, BatchState } from './batch.ts';
import type { Store } from './store.ts';

export interface BatchLineView {
  /** `<device>/<number>` */
  readonly channel: string;
  readonly payer: string;
  readonly payee: string;
  readonly units: number;
  readonly amountMicros: number;
  readonly currency: string;
}

export interface BatchView {
  readonly id: string;
  readonly createdAtSeconds: number;
  readonly state: BatchState;
  readonly lines: readonly BatchLineView[];
}

type NameOf = (account: AccountId) => string;

/** Lines are read when they are asked for, each time, and not held: of many batches few are looked at. */
export function batchViewOf(batch: Batch, nameOf: NameOf): BatchView {
  return {
    ...headViewOf(batch),
    get lines() {
      return [...lineViewsOf(batch, nameOf)];
    },
  };
}

export interface StreamedBatchView extends BatchView {
  /** One at a time, for those who need not hold them. */
  readonly eachLine: () => Iterable<BatchLineView>;
}

export function streamedViewOf(batch: Batch, nameOf: NameOf): StreamedBatchView {
  const eachLine = (): Iterable<BatchLineView> => lineViewsOf(batch, nameOf);
  return {
    ...headViewOf(batch),
    get lines() {
      return [...eachLine()];
    },
    eachLine,
  };
}

function headViewOf({ id, preparedAtSeconds, state }: Batch): Omit<BatchView, 'lines'> {
  return { id, createdAtSeconds: preparedAtSeconds, state };
}

function* lineViewsOf({ lines }: Batch, nameOf: NameOf): Iterable<BatchLineView> {
  for (const { device, number, payer, payee, fromUnits, toUnits, fromMicros, toMicros, currency } of lines) {
    const parties = { payer: nameOf(payer), payee: nameOf(payee) };
    yield {
      channel: `${device}/${number}`,
      ...parties,
      units: toUnits - fromUnits,
      amountMicros: toMicros - fromMicros,
      currency,
    };
  }
}

/** The names of accounts, each read once; an account without a name is a broken reference. */
export function nameOfIn(store: Store): (account: AccountId) => string {
  const names = new Map<AccountId, string>();
  return (account) => {
    const name = names.get(account) ?? store.devices.accountName(account);
    if (name === undefined) throw new Error(`account ${toHex(account)} is in the books and has no name`);
    names.set(account, name);
    return name;
  };
}
