// `tallystick device flash`: from a configuration to a board that has its first receipt. In: a device and the port its board is at. Out: progress on the
// error stream, and the answer; or one sentence that says what is missing. Secrets leave the machine only towards the board.

import { SingleBar } from 'cli-progress';
import type { Command } from 'commander';
import { boardFiles } from '../device/build/board-files.ts';
import { BuildRefused } from '../device/build/refused.ts';
import type { BoardConsole } from '../device/upload/board-console.ts';
import { openBoard } from '../device/upload/board-console.ts';
import type { Counters } from '../device/upload/counters.ts';
import { followToReceipt } from '../device/upload/follow.ts';
import type { BoardFacts } from '../device/upload/probe.ts';
import { probe } from '../device/upload/probe.ts';
import type { StoredFile } from '../device/upload/upload.ts';
import { upload } from '../device/upload/upload.ts';
import { readHubKey } from '../hub/key.ts';
import { versionOf } from '../hub/order.ts';
import { openStore } from '../hub/store.ts';
import type { Bytes } from '../shared/bytes.ts';
import type { DeviceConfig } from '../shared/config.ts';
import { asCommandFailure, portOf } from './board-port.ts';
import { durationOption } from './duration.ts';
import { CommandFailed, EXIT } from './exit.ts';
import type { DataOption } from './options.ts';
import { printJson, withData, withJson } from './options.ts';
import { provisionedConfig } from './provisioned-device.ts';

interface FlashOptions extends DataOption {
  readonly port: string;
  readonly wait: number;
  readonly lowRam?: boolean;
  readonly json?: boolean;
}

const GREET_MS = 15_000;

export function addFlash(device: Command): void {
  withJson(withData(device.command('flash <device>')))
    .description("put the device's firmware onto a board and wait for its first receipt")
    .requiredOption('--port <port>', 'where the board is: a serial port, or tcp://HOST:PORT')
    .addOption(durationOption('--wait <duration>', 'how long the first receipt may take', '2m'))
    .option('--low-ram', 'a build that needs less memory, and longer for a payment')
    .action(flash);
}

async function flash(name: string, options: FlashOptions): Promise<void> {
  const startedMs = Date.now();
  const port = portOf(options.port);
  const config = provisionedConfig(options.data, name);
  const files = await filesOf(options, config);
  const board = await openBoard(port).catch(asCommandFailure);
  try {
    const facts = await install(board, files);
    const uploadedMs = Date.now();
    say('restarted; waiting for the first receipt');
    const counters = await followToReceipt(board, { config, withinMs: options.wait, onState: say });
    const times = { uploadMs: uploadedMs - startedMs, receiptMs: Date.now() - uploadedMs };
    answer(options, config, sizeOf(files), facts, counters, times);
  } catch (error) {
    asCommandFailure(error);
  } finally {
    board.close();
  }
}

/** Firmware that comes by cable is counted like that which goes over the air, so that a later update knows which is newer. */
async function filesOf({ data, lowRam = false }: FlashOptions, config: DeviceConfig): Promise<readonly StoredFile[]> {
  const counted = (build: string, file: Bytes): number => {
    const store = openStore(data);
    try {
      return versionOf(store, build, file);
    } finally {
      store.close();
    }
  };
  const hubKey = readHubKey(data);
  return boardFiles(config, counted, { lowRam, ...(hubKey === undefined ? {} : { hubKey }) }).catch((error: unknown) => {
    if (error instanceof BuildRefused) throw new CommandFailed(EXIT.refused, error.message);
    throw error;
  });
}

function sizeOf(files: readonly StoredFile[]): number {
  return files.reduce((sum, { bytes }) => sum + bytes.length, 0);
}

/** Greets, examines, writes, reads back, restarts. */
async function install(board: BoardConsole, files: readonly StoredFile[]): Promise<BoardFacts> {
  await board.greet(GREET_MS, true);
  const facts = await probe(board, files);
  say(`${facts.board}, Espruino ${facts.version}, at ${board.name}`);
  const bar = new SingleBar({
    stream: process.stderr,
    format: 'flash [{bar}] {percentage} % {value}/{total} bytes',
    clearOnComplete: false,
  });
  let sentBytes = 0;
  try {
    await upload(board, files, (confirmedBytes, totalBytes) => {
      if (sentBytes === 0 && process.stderr.isTTY) bar.start(totalBytes, 0);
      sentBytes = confirmedBytes;
      bar.update(confirmedBytes);
    });
  } finally {
    bar.stop();
  }
  say(sentBytes === 0 ? 'the board holds all of it already' : `${sentBytes} bytes written and read back`);
  await board.load();
  return facts;
}

function say(sentence: string): void {
  process.stderr.write(`${sentence}\n`);
}

function answer(
  options: FlashOptions,
  config: DeviceConfig,
  bytes: number,
  facts: BoardFacts,
  counters: Counters,
  times: { readonly uploadMs: number; readonly receiptMs: number },
): void {
  const { device } = config;
  if (options.json === true) {
    return printJson({
      device,
      port: options.port,
      board: facts.board,
      version: facts.version,
      bytes,
      ...times,
      counters,
    });
  }
  process.stdout.write(
    `${device} pays: first receipt on channel ${counters.channel}, ${(times.receiptMs / 1000).toFixed(1)} s after the restart\n`,
  );
}
