// A board at a port as a workplace. In: an open console. Out: a workplace. It takes the place of whatever the board runs, so it refuses a board that holds something
// unless it was told to overwrite it, and leaves the board without a program.

import { z } from 'zod';
import type { BoardConsole } from '../upload/board-console.ts';
import { askAgain } from '../upload/board-console.ts';
import type { StoredFile } from '../upload/upload.ts';
import { upload } from '../upload/upload.ts';
import type { Program, Workplace } from './workplace.ts';
import { MeasuringFailed } from './workplace.ts';

const CODE_FILE = 'tsbench';
const ASK_MS = 15_000;
const POLL_MS = 2000;
const RESET_MS = 15_000;
/** Programs that start by themselves, and what a firmware keeps. */
const TAKEN = /^(\.boot|\.varimg|ts\.)/;

const STORAGE = 'require("Storage")';
const namesSchema = z.array(z.string());

async function filesOn(board: BoardConsole): Promise<string[]> {
  const said = namesSchema.safeParse(await askAgain(board, `${STORAGE}.list()`, ASK_MS, true));
  return said.success ? said.data.filter((name) => TAKEN.test(name)) : [];
}

async function erase(board: BoardConsole, names: readonly string[]): Promise<void> {
  await askAgain(board, `${JSON.stringify(names)}.map(function(f){${STORAGE}.erase(f)}).length`, ASK_MS, true);
}

async function clear(board: BoardConsole): Promise<void> {
  await erase(board, [...(await filesOn(board)), CODE_FILE]);
  await board.reset(RESET_MS);
}

/** Until the program has left its figures; a firmware at work answers between its events. */
async function booted(board: BoardConsole, program: Program): Promise<unknown> {
  const deadlineMs = Date.now() + program.withinMs;
  await board.load();
  while (Date.now() < deadlineMs) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    const said = await askAgain(board, 'typeof bench=="undefined"?0:bench', ASK_MS, false);
    if (said !== 0) return said;
    const fault = board.lines().find((line) => /^(uncaught|cannot start)/.test(line));
    if (fault !== undefined) throw new MeasuringFailed(`the firmware on the board does not run: ${fault}`);
  }
  throw new MeasuringFailed(
    `the board gave no answer within ${program.withinMs / 1000} s; it last said: ${board.lines().at(-1) ?? ''}`,
  );
}

async function evaluated(board: BoardConsole, program: Program): Promise<unknown> {
  return board.ask(`(eval(${STORAGE}.read("${CODE_FILE}")),bench)`, program.withinMs);
}

/** Greeted already. */
export async function boardAt(board: BoardConsole, overwrite: boolean): Promise<Workplace> {
  const taken = await filesOn(board);
  if (taken.length > 0 && !overwrite) {
    throw new MeasuringFailed(
      `the board at ${board.name} holds ${taken.join(', ')}, which measuring erases: say --overwrite if it may, or take another board`,
    );
  }
  return {
    name: board.name,
    kind: 'board',
    async run(program) {
      await clear(board);
      const code: StoredFile[] = program.code === undefined ? [] : [{ name: CODE_FILE, bytes: program.code }];
      try {
        await upload(board, [...program.files, ...code], () => undefined);
        return await (program.code === undefined ? booted(board, program) : evaluated(board, program));
      } finally {
        await clear(board);
      }
    },
  };
}
