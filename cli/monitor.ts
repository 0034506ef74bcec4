// `tallystick device monitor`: a board's own counters, as they move. In: the port. Out: one line per look, refreshed in a terminal; with --json one
// object per line. It asks on the console and changes nothing; a firmware at work goes on.

import type { Command } from 'commander';
import type { BoardConsole } from '../device/upload/board-console.ts';
import { askAgain, openBoard } from '../device/upload/board-console.ts';
import type { Counters } from '../device/upload/counters.ts';
import { readCounters } from '../device/upload/counters.ts';
import { asCommandFailure, portOf } from './board-port.ts';
import { durationOption } from './duration.ts';
import { CommandFailed, EXIT } from './exit.ts';
import { printJson, withJson } from './options.ts';
import { stopAfter } from './stop.ts';

interface MonitorOptions {
  readonly port: string;
  readonly every: number;
  readonly once?: boolean;
  readonly json?: boolean;
}

const GREET_MS = 15_000;
const ASK_MS = 10_000;

export function addMonitor(device: Command): void {
  withJson(device.command('monitor'))
    .description("show a board's own counters")
    .requiredOption('--port <port>', 'where the board is: a serial port, or tcp://HOST:PORT')
    .addOption(durationOption('--every <duration>', 'how often to look', '1s'))
    .option('--once', 'look once')
    .action(monitor);
}

async function monitor(options: MonitorOptions): Promise<void> {
  const board = await openBoard(portOf(options.port)).catch(asCommandFailure);
  try {
    await board.greet(GREET_MS, false);
    if (options.once === true) show(await look(board), options, '\n');
    else await watch(board, options);
  } catch (error) {
    asCommandFailure(error);
  } finally {
    board.close();
  }
}

async function look(board: BoardConsole): Promise<Counters> {
  const counters = await readCounters((expression) => askAgain(board, expression, ASK_MS, false));
  if (counters !== undefined) return counters;
  throw new CommandFailed(
    EXIT.data,
    `no Tallystick firmware runs on the board at ${board.name}; put it there with: tallystick device flash`,
  );
}

/** Until the user stops it: one line that is written over, and kept when something but the figures changes. */
async function watch(board: BoardConsole, options: MonitorOptions): Promise<void> {
  const terminal = process.stdout.isTTY && options.json !== true;
  const stopped = stopAfter(undefined);
  let standing = '';
  for (let running = true; running;) {
    const counters = await look(board);
    const next = `${counters.state} ${counters.reason} ${counters.channel}`;
    if (terminal && standing !== '') process.stdout.write(next === standing ? '\r\x1b[2K' : '\n');
    standing = next;
    show(counters, options, terminal ? '' : '\n');
    running = await Promise.race([stopped.then(() => false), pause(options.every)]);
  }
  if (terminal) process.stdout.write('\n');
}

function pause(ms: number): Promise<true> {
  return new Promise((resolve) => setTimeout(resolve, ms, true));
}

function show(counters: Counters, options: MonitorOptions, ending: string): void {
  if (options.json === true) return printJson(counters);
  const c = counters;
  const why = c.reason === '' ? '' : ` (${c.reason})`;
  const units = `${c.registerUnits} metered, ${c.issuedUnits} issued, ${c.acceptedUnits} accepted, ${c.uncoveredUnits} uncovered`;
  const words = `${c.sentVouchers} vouchers, ${c.receipts} receipts, ${c.rejects} rejects`;
  process.stdout.write(
    `${c.state}${why}  channel ${c.channel}: ${units}; ${words}; ${c.freeVariables}/${c.totalVariables} variables free${ending}`,
  );
}
