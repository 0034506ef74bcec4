// The inbox: messages that wait for the judge, in the order of their arrival. In: messages. Out: groups of them that may be judged now. A device's messages keep their order: while one must
// wait, because an earlier payment is not durable yet or a signature is being checked, all behind it wait, and nobody else does.

import type { DeviceId } from '../shared/identity.ts';

export interface Letter {
  readonly sender: DeviceId;
}

export interface Inbox<T extends Letter> {
  readonly size: number;
  push(letter: T): void;
  /** Up to so many that may be judged now; those of a sender for which `mayGo` once says no stay, in their order. */
  take(most: number, mayGo: (letter: T) => boolean): T[];
}

export function openInbox<T extends Letter>(): Inbox<T> {
  let letters: T[] = [];
  return {
    get size() {
      return letters.length;
    },
    push: (letter) => void letters.push(letter),
    take(most, mayGo) {
      const group: T[] = [];
      const stays: T[] = [];
      const held = new Set<DeviceId>();
      let seen = 0;
      for (; seen < letters.length && group.length < most; seen++) {
        const letter = letters[seen] as T;
        if (!held.has(letter.sender) && mayGo(letter)) group.push(letter);
        else {
          held.add(letter.sender);
          stays.push(letter);
        }
      }
      letters = seen === letters.length ? stays : [...stays, ...letters.slice(seen)];
      return group;
    },
  };
}
