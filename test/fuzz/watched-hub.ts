// The compiled hub with a monitor in it, for the fuzzer. In: how many devices, and how the hub is started. Out: where it listens and whether it lives; and, when it is stopped,
// what its books say.

import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { enrol } from '../../hub/enrol.ts';
import { hubStatus } from '../../hub/status.ts';
import { openStore } from '../../hub/store.ts';
import { startProcess } from '../load/process.ts';
import { loadRequest } from '../load/request.ts';
import type { PacketTarget } from './packets.ts';

export interface WatchedHub extends PacketTarget {
  readonly pid: number;
  /** What is wrong with how it ended and with its books; empty when nothing is. */
  stop(): Promise<string[]>;
}

const CHAIN_UNITS = 100;

export async function startWatched(
  main: string,
  monitorScript: string,
  devices: number,
  hubWords: readonly string[],
): Promise<WatchedHub> {
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'tallystick-fuzz-'));
  const dataDir = join(folder, 'data');
  const monitor = join(folder, 'monitor');
  const store = openStore(dataDir);
  const configs = Array.from({ length: devices }, (_, i) => enrol(store, loadRequest(i, CHAIN_UNITS)));
  store.close();
  let complaint = '';
  let ended: string | undefined;
  const words = [
    process.execPath,
    '--import',
    monitorScript,
    main,
    'hub',
    '--data',
    dataDir,
    '--port',
    '0',
    '--max-messages-per-second',
    '10000000',
    '--log-level',
    'error',
    '--json',
  ];
  const onError = (text: string): void => void (complaint = (complaint + text).slice(-2000));
  const hub = await startProcess<{ readonly port: number }>([...words, ...hubWords], {
    env: { TALLYSTICK_MONITOR: monitor },
    onError,
  });
  hub.child.once('exit', (code, signal) => (ended = `code ${code ?? signal}: ${complaint}`));
  return {
    pid: hub.child.pid as number,
    port: hub.ready.port,
    devices: configs,
    monitor,
    ended: () => ended,
    warm: { rssBytes: 0 },
    isWarm: () => void hub.child.kill('SIGUSR2'),
    async stop() {
      const code = ended === undefined ? await hub.stop() : -1;
      const faults = code === 0 ? [] : [`the hub ended with code ${code} when asked to stop: ${complaint}`];
      const books = openStore(dataDir);
      const { faults: unbalanced } = hubStatus(books);
      books.close();
      rmSync(folder, { recursive: true, force: true });
      return [...faults, ...unbalanced];
    },
  };
}
