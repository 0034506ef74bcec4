// Talking with a board: questions with answers over a console that may break and come back, as a board in the network does when it restarts. In: a
// port. Out: answers, and the lines that the firmware has printed. It must never wait without an end.

import type { Bytes } from '../../shared/bytes.ts';
import type { Console } from './console.ts';
import { answerIn, INTERRUPT, linesIn, orderLine, questionLine } from './dialogue.ts';
import { BoardFailed } from './failed.ts';
import type { Port } from './port.ts';
import { nameOf, openConsole } from './port.ts';

const REOPEN_MS = 500;
const MAX_TRIES = 4;
const DEAF_MS = 30000;
const PATIENCE_MS = 1000;
const BETWEEN_INTERRUPTS_MS = 6000;
/** What is kept of the board's talk: answers are far shorter. */
const KEPT_BYTES = 65536;

export interface BoardConsole {
  readonly name: string;
  /** Until the board answers at all, and no `reset` is outstanding: boards restart when their port is opened, and speak late. */
  greet(withinMs: number, interrupt: boolean): Promise<void>;
  /** The value, which the caller must check; a board's exception is a `board-refused`. */
  ask(expression: string, withinMs: number): Promise<unknown>;
  /** Clears the board's memory, whatever runs there, and waits until it is done; nothing boots. */
  reset(withinMs: number): Promise<void>;
  /** Restarts the board from its Storage; what it prints from now on is the new run's. */
  load(): Promise<void>;
  /** The firmware's lines since the last `load`. */
  lines(): readonly string[];
  close(): void;
}

interface Talk {
  readonly port: Port;
  console: Console | undefined;
  closedWhy: string;
  printed: Bytes;
  heardBytes: number;
  questions: number;
  /** It has been a board once: later silence is a loss, not a wrong port. */
  answered: boolean;
  /** Of the one who waits. */
  wake: () => void;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function attach(talk: Talk, console: Console): void {
  talk.console = console;
  console.onData((bytes) => {
    talk.heardBytes += bytes.length;
    talk.printed = (talk.printed + bytes).slice(-KEPT_BYTES);
    talk.wake();
  });
  console.onClose((why) => {
    if (talk.console !== console) return;
    talk.console = undefined;
    talk.closedWhy = why;
    talk.wake();
  });
}

/** Opens the port again and again until it opens or time is up. */
async function reopen(talk: Talk, deadlineMs: number): Promise<Console> {
  for (;;) {
    if (talk.console !== undefined) return talk.console;
    try {
      attach(talk, await openConsole(talk.port));
    } catch (error) {
      if (!(error instanceof BoardFailed) || Date.now() + REOPEN_MS > deadlineMs) throw error;
      await pause(REOPEN_MS);
    }
  }
}

/** Calls back as soon as something came, the console closed, or the time is over. */
function whatComesNext(talk: Talk, untilMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, Math.max(0, untilMs - Date.now()));
    talk.wake = () => {
      clearTimeout(timer);
      resolve();
    };
  });
}

/** One try: `undefined` when the time passed, or the console closed, without an answer. */
async function askOnce(talk: Talk, before: Bytes, expression: string, untilMs: number): Promise<{ value: unknown } | undefined> {
  const console = await reopen(talk, untilMs);
  const id = ++talk.questions;
  console.write(before + questionLine(id, expression));
  while (Date.now() < untilMs && talk.console === console) {
    await whatComesNext(talk, untilMs);
    const answer = answerIn(talk.printed, id);
    if (answer !== undefined) talk.answered = true;
    if (answer?.kind === 'value') return { value: answer.value };
    if (answer?.kind === 'error')
      throw new BoardFailed('board-refused', `the board could not do what was asked: ${answer.message}`);
  }
  return undefined;
}

/** A mark in the memory that `reset` clears: the board may answer once more before it does. */
const MARK = 'ts0=1;';
const IS_READY = 'typeof ts0=="undefined"';

async function order(talk: Talk, statement: string): Promise<void> {
  const console = await reopen(talk, Date.now());
  console.write(orderLine(statement));
}

/**
 * Asks politely once: an interrupt ends whatever the firmware is doing. Then it interrupts, before questions have filled the board's buffer, but not
 * twice in a row, which ends an interpreter on a PC.
 */
async function greet(talk: Talk, name: string, withinMs: number, interrupt: boolean): Promise<void> {
  const deadlineMs = Date.now() + withinMs;
  let politeUntilMs = Date.now() + PATIENCE_MS;
  for (let tryMs = 1000; Date.now() < deadlineMs; tryMs += 500) {
    const impatient = interrupt && Date.now() >= politeUntilMs;
    if (impatient) politeUntilMs = Date.now() + BETWEEN_INTERRUPTS_MS;
    const answer = await askOnce(talk, impatient ? `${INTERRUPT}\n` : '\n', IS_READY, Math.min(deadlineMs, Date.now() + tryMs));
    if (answer?.value === true) return;
    if (answer !== undefined || talk.console === undefined) await pause(REOPEN_MS);
  }
  if (talk.answered) throw new BoardFailed('connection-lost', `the board at ${name} stopped answering`);
  if (talk.heardBytes === 0) {
    throw new BoardFailed(
      'board-does-not-answer',
      `the board at ${name} does not answer: is it powered, and does it run Espruino?`,
    );
  }
  throw new BoardFailed('not-a-board', `what answers at ${name} is not an Espruino console; is it the right port?`);
}

async function ask(talk: Talk, name: string, expression: string, withinMs: number): Promise<unknown> {
  const answer = await askOnce(talk, '', expression, Date.now() + withinMs);
  if (answer !== undefined) return answer.value;
  const why = talk.console === undefined ? `: ${talk.closedWhy}` : ` within ${withinMs / 1000} s`;
  throw new BoardFailed('connection-lost', `the board at ${name} stopped answering${why}`);
}

/**
 * Asks again after silence: a character lost on the way costs a question, and a board at work in its flash is deaf for seconds. What is asked must
 * do no harm when it is done twice.
 */
export async function askAgain(board: BoardConsole, expression: string, withinMs: number, interrupt: boolean): Promise<unknown> {
  for (let tries = 1; ; tries++) {
    try {
      return await board.ask(expression, withinMs);
    } catch (error) {
      const isSilence = error instanceof BoardFailed && error.kind === 'connection-lost';
      if (!isSilence || tries === MAX_TRIES) throw error;
      await board.greet(DEAF_MS, interrupt);
    }
  }
}

export async function openBoard(port: Port): Promise<BoardConsole> {
  const talk: Talk = {
    port,
    console: undefined,
    closedWhy: '',
    printed: '',
    heardBytes: 0,
    questions: 0,
    answered: false,
    wake: () => undefined,
  };
  const name = nameOf(port);
  attach(talk, await openConsole(port));
  return {
    name,
    greet: (withinMs, interrupt) => greet(talk, name, withinMs, interrupt),
    ask: (expression, withinMs) => ask(talk, name, expression, withinMs),
    async reset(withinMs) {
      await order(talk, `${MARK}reset();`);
      await greet(talk, name, withinMs, true);
    },
    async load() {
      talk.printed = '';
      await order(talk, 'load();');
    },
    lines: () => linesIn(talk.printed),
    close: () => talk.console?.close(),
  };
}
