// `tallystick device bench`: what the firmware costs the chip that runs it. In: an interpreter on this machine, or a board at a port. Out: a table of times, ratios, variables and
// sizes; with --json one line of them. What is measured is what ships; the hub beside it is the real one.

import type { Command } from 'commander';
import { Option } from 'commander';
import { boardAt } from '../device/bench/board.ts';
import { interpreterAt } from '../device/bench/interpreter.ts';
import type { Workplace } from '../device/bench/workplace.ts';
import { MeasuringFailed } from '../device/bench/workplace.ts';
import type { BoardConsole } from '../device/upload/board-console.ts';
import { openBoard } from '../device/upload/board-console.ts';
import { tableOf } from './bench-table.ts';
import type { Reach } from './bench-hub.ts';
import { asCommandFailure, portOf } from './board-port.ts';
import { wholeNumber } from './duration.ts';
import { CommandFailed, EXIT } from './exit.ts';
import { printJson, withJson } from './options.ts';

interface BenchOptions extends Reach {
  readonly interpreter?: string;
  readonly port?: string;
  readonly overwrite?: boolean;
  readonly payments: number;
  readonly json?: boolean;
}

const GREET_MS = 15_000;

export function addBench(device: Command): void {
  withJson(device.command('bench'))
    .description('measure the firmware on an interpreter, or on a board')
    .addOption(new Option('--interpreter <path>', 'an Espruino for Linux').env('ESPRUINO'))
    .option('--port <port>', 'measure on a board instead: a serial port, or tcp://HOST:PORT')
    .option('--overwrite', 'erase the firmware and the records that the board holds')
    .option('--payments <number>', 'how many; growth needs 1200 or more', wholeNumber(100, 100_000), 10_100)
    .option('--hub-host <address>', 'where the board finds this machine', '127.0.0.1')
    .option('--wifi-ssid <name>', 'the radio network')
    .option('--wifi-password <text>', 'its password')
    .action(bench);
}

async function bench(options: BenchOptions): Promise<void> {
  if (options.port !== undefined) return onBoard(options, options.port);
  if (options.interpreter === undefined || options.interpreter === '') {
    throw new CommandFailed(
      EXIT.usage,
      'expected an interpreter to measure on: name an Espruino for Linux with --interpreter or ESPRUINO, or a board with --port',
    );
  }
  await measure(options, interpreterAt(options.interpreter));
}

async function onBoard(options: BenchOptions, port: string): Promise<void> {
  const board: BoardConsole = await openBoard(portOf(port)).catch(asCommandFailure);
  try {
    await board.greet(GREET_MS, true);
    await measure(options, await boardAt(board, options.overwrite === true));
  } catch (error) {
    if (error instanceof MeasuringFailed) throw new CommandFailed(EXIT.refused, error.message);
    asCommandFailure(error);
  } finally {
    board.close();
  }
}

async function measure(options: BenchOptions, workplace: Workplace): Promise<void> {
  try {
    const { measureAll } = await import('./bench-run.ts'); // with a whole hub, which no other command for devices needs
    const figures = await measureAll(workplace, options);
    if (options.json === true) printJson(figures);
    else process.stdout.write(`${tableOf(figures)}\n`);
  } catch (error) {
    if (error instanceof MeasuringFailed) throw new CommandFailed(EXIT.refused, error.message);
    throw error;
  }
}
