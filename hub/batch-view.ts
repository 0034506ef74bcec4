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

export function batchViewOf(batch: Batch, nameOf: (account: AccountId) => string): BatchView {
  return {
    id: batch.id,
    createdAtSeconds: batch.preparedAtSeconds,
    state: batch.state,
    lines: batch.lines.map((line) => ({
      channel: `${line.device}/${line.number}`,
      payer: nameOf(line.payer),
      payee: nameOf(line.payee),
      units: line.toUnits - line.fromUnits,
      amountMicros: line.toMicros - line.fromMicros,
      currency: line.currency,
    })),
  };
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
