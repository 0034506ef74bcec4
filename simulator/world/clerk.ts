// A clerk between the hub and a bank that takes files: carries each payout file over and takes it away, and brings back what the bank says of everything it has. In: the hub's folder, and a bank. Out: orders at the
// bank, and statements for the hub to read. The files are the shipped rail's own; what is in them is read here by other code.

import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { FOLDER } from '../../hub/rails/csv.ts';
import type { Direction, Outcome, Payout, PayoutId } from '../../hub/rails/rail.ts';
import type { Clock } from './clock.ts';

export interface Bank {
  take(payout: Payout): void;
  /** Of each order what the bank has to say now, which may be what was true earlier. */
  said(): ReadonlyArray<readonly [PayoutId, Outcome]>;
}

export interface ClerkOptions {
  readonly clock: Clock;
  readonly everyMs: number;
  /** Moves when the hub comes back from a crash. */
  readonly dataDir: () => string;
  readonly bank: Bank;
  readonly onStatement: (bytes: Uint8Array) => void;
}

const ENDING = '.payouts.csv';

export function employClerk({ clock, everyMs, dataDir, bank, onStatement }: ClerkOptions): void {
  const walk = (): void => {
    const folder = join(dataDir(), FOLDER);
    for (const name of existsSync(folder) ? readdirSync(folder).sort() : []) {
      if (!name.endsWith(ENDING)) continue;
      for (const payout of payoutsIn(readFileSync(join(folder, name), 'utf8'))) bank.take(payout);
      rmSync(join(folder, name));
    }
    const statement = statementOf(bank.said());
    if (statement !== undefined) onStatement(Buffer.from(statement));
    clock.after(everyMs, walk);
  };
  clock.after(everyMs, walk);
}

/** Nothing that is written there needs quotes in these worlds; a field that has some is no field of a payout. */
function payoutsIn(text: string): Payout[] {
  const [head, ...rows] = text.split('\r\n').filter((line) => line !== '');
  const names = (head ?? '').split(',');
  return rows.map((row) => {
    const cells = new Map(row.split(',').map((cell, i) => [names[i] ?? '', cell]));
    const cell = (name: string): string => cells.get(name) ?? '';
    const [whole = '', part = ''] = cell('amount').split('.');
    return {
      id: cell('payout') as PayoutId,
      batch: cell('batch'),
      direction: cell('direction') as Direction,
      account: cell('account'),
      currency: cell('currency'),
      amountMicros: Number(whole + part.padEnd(6, '0')),
      destination: {},
      createdAtSeconds: 0,
    };
  });
}

/** `undefined` when there is nothing to say. */
function statementOf(said: ReadonlyArray<readonly [PayoutId, Outcome]>): string | undefined {
  const rows = said.flatMap(([id, outcome]) => {
    if (outcome.kind === 'sent') return [];
    const reference = 'reference' in outcome ? outcome.reference : '';
    return [[id, outcome.kind, reference, 'why' in outcome ? outcome.why : ''].join(',')];
  });
  return rows.length === 0 ? undefined : ['payout,state,reference,why', ...rows, ''].join('\r\n');
}
