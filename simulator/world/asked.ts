// What somebody asks of the hub until it has answered. In: requests, in their order. Out: answers, as far as the hub is up: what it was killed over may have happened or not, and is asked for again.

import { MoneyRefused } from '../../hub/money-door.ts';
import type { Store } from '../../hub/store.ts';
import type { World } from './world.ts';

export interface Asked {
  /** Of the entry that it makes; '' for none. */
  readonly key: string;
  readonly ask: (store: Store) => void;
}

export const RETRY_MS = 60_000;

/** `onAnswer`: with the hub's reason, where it has refused. */
export function askInOrder(world: World, asked: Asked[], onAnswer: (key: string, refusal: string | undefined) => void): void {
  while (asked.length > 0) {
    const [first] = asked as [Asked];
    let isAnswered = false;
    let refusal: string | undefined;
    world.site.attempt((store) => {
      try {
        first.ask(store);
      } catch (error) {
        if (!(error instanceof MoneyRefused)) throw error;
        refusal = error.message;
      }
      isAnswered = true;
    });
    if (!isAnswered) return;
    asked.shift();
    onAnswer(first.key, refusal);
  }
}
