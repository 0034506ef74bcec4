// A store that dies: at any call of its rows, at any begin, before and after any commit. In: a real store, and when. Out: the same store, with every step told. What a crash
// leaves is what SQLite leaves: a transaction is there whole or not at all (that commits survive power cuts is what test/power-loss is for).

import type { Store } from '../../../hub/store.ts';

/** The process is gone: nothing after it runs. */
export class Crash extends Error {}

/** Those whose calls are steps of settlement. */
const ROWS = ['channels', 'books', 'batches', 'payouts', 'routes', 'heads', 'particulars'] as const;

export function steppedStore(store: Store, onStep: (step: string) => void): Store {
  const rows = Object.fromEntries(ROWS.map((name) => [name, stepped(name, store[name], onStep)])) as Partial<Store>;
  return {
    ...store,
    ...rows,
    atomically(write) {
      onStep('begin');
      const result = store.atomically(() => {
        const written = write();
        onStep('commit');
        return written;
      });
      onStep('committed');
      return result;
    },
  };
}

function stepped<Rows extends object>(name: string, rows: Rows, onStep: (step: string) => void): Rows {
  const verbs = Object.entries(rows) as Array<[string, (...args: unknown[]) => unknown]>;
  return Object.fromEntries(
    verbs.map(([verb, run]) => {
      const step = `${name}.${verb}`;
      return [
        verb,
        (...args: unknown[]) => {
          onStep(step);
          return run(...args);
        },
      ];
    }),
  ) as Rows;
}
