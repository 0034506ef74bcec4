// Several processes that hunt: each gets the next piece of work when it is done with its last one. In: pieces, in their order. Out: an answer for each, told as it comes.
// A process that dies takes the whole hunt with it: an answer that never came must not count as one.

import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { join } from 'node:path';
import type { Broken, Finding } from './hunt.ts';

/** A defect to be found, or a seed that must be clean with nothing planted. */
export type Piece = { readonly kind: 'defect'; readonly id: string } | { readonly kind: 'clean'; readonly seed: number };

export type Answer =
  | { readonly kind: 'finding'; readonly finding: Finding }
  | { readonly kind: 'clean'; readonly seed: number; readonly broken: Broken | undefined };

/** What all of them are told when they start. */
export interface Ground {
  readonly scenario: string;
  readonly seeds: readonly number[];
}

export interface Hunters {
  /** Resolves when all are answered. */
  run(pieces: readonly Piece[], onAnswer: (answer: Answer) => void): Promise<void>;
  end(): void;
}

export function startHunters(processes: number, ground: Ground): Hunters {
  const program = join(import.meta.dirname, 'hunter.js');
  const children = Array.from({ length: processes }, () => fork(program, [JSON.stringify(ground)]));
  return {
    async run(pieces, onAnswer) {
      const waiting = [...pieces];
      await Promise.all(children.map((child) => workOff(child, waiting, onAnswer)));
    },
    end() {
      for (const child of children) child.disconnect();
    },
  };
}

function workOff(child: ChildProcess, waiting: Piece[], onAnswer: (answer: Answer) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const next = (): void => {
      const piece = waiting.shift();
      if (piece !== undefined) return void child.send(piece);
      child.off('message', onMessage).off('exit', onExit);
      resolve();
    };
    const onMessage = (answer: Answer): void => {
      onAnswer(answer);
      next();
    };
    const onExit = (code: number | null): void => reject(new Error(`a hunting process ended with ${code ?? 'a signal'}`));
    child.on('message', onMessage).on('exit', onExit);
    next();
  });
}
