// The servers that an ingest benchmark compares, each started fresh in a process of its own. In: which, and a folder with enrolled devices. Out: its port and process, and how to end it. Only the hub
// authenticates, verifies and stores; the others are told the same and believe everything.

import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, connect, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { hubStatus } from '../../hub/status.ts';
import { openStore } from '../../hub/store.ts';
import { startServer } from '../load/process.ts';

export type Kind = 'hub' | 'hub behind aedes' | 'aedes' | 'sink' | 'mosquitto';

export interface Contender {
  readonly port: number;
  readonly pid: number;
  /** Checks, where there is something to check, that so many vouchers are in the books. */
  stop(acknowledged: number): Promise<void>;
}

const DIST = join(import.meta.dirname, '..', '..');
const MOSQUITTO = ['/usr/sbin/mosquitto', '/usr/local/sbin/mosquitto', '/usr/bin/mosquitto'].find((path) => existsSync(path));

export function isInstalled(kind: Kind): boolean {
  return kind !== 'mosquitto' || MOSQUITTO !== undefined;
}

export function start(kind: Kind, seed: string, work: string): Promise<Contender> {
  switch (kind) {
    case 'hub':
      return startHub(seed, work, 'fast');
    case 'hub behind aedes':
      return startHub(seed, work, 'aedes');
    case 'aedes':
      return startScript('aedes-server.js');
    case 'sink':
      return startScript('sink-server.js');
    case 'mosquitto':
      return startMosquitto(work);
  }
}

async function startScript(name: string): Promise<Contender> {
  const server = await startServer<{ port: number }>(join(import.meta.dirname, name), []);
  const stop = async (): Promise<void> => void (await server.stop());
  return { port: server.ready.port, pid: server.child.pid as number, stop };
}

async function startHub(seed: string, work: string, front: string): Promise<Contender> {
  const dataDir = join(work, 'data');
  rmSync(dataDir, { recursive: true, force: true });
  cpSync(seed, dataDir, { recursive: true });
  const connections = ['--max-connections', '100000', '--max-connections-per-address', '100000'];
  const caps = [...connections, '--max-messages-per-second', '10000000'];
  const words = ['hub', '--data', dataDir, '--port', '0', '--front', front, ...caps, '--json'];
  const server = await startServer<{ port: number }>(join(DIST, 'cli/main.js'), words);
  return {
    port: server.ready.port,
    pid: server.child.pid as number,
    async stop(acknowledged) {
      // As a power cut would: what was acknowledged must be on the disk by now.
      await server.kill();
      const store = openStore(dataDir);
      const { accepted } = hubStatus(store).units;
      store.close();
      if (accepted < acknowledged) throw new Error(`${acknowledged} vouchers were acknowledged, ${accepted} units are stored`);
    },
  };
}

async function startMosquitto(work: string): Promise<Contender> {
  const port = await freePort();
  const file = join(work, 'mosquitto.conf');
  const limits = 'max_inflight_messages 0\nmax_queued_messages 0\nset_tcp_nodelay true\n';
  writeFileSync(file, `listener ${port} 127.0.0.1\nallow_anonymous true\npersistence false\nlog_type none\n${limits}`);
  const child = spawn(MOSQUITTO as string, ['-c', file], { stdio: 'ignore' });
  process.once('exit', () => child.kill('SIGKILL'));
  await answers(port);
  const ended = new Promise((resolve) => child.once('exit', resolve));
  return {
    port,
    pid: child.pid as number,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

async function answers(port: number): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true));
      socket.on('error', () => resolve(false));
      socket.on('connect', () => socket.destroy());
    });
    if (isOpen) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`nothing listens on port ${port}`);
}

/** For the record of a run. */
export function versionOf(kind: Kind): string {
  if (kind !== 'mosquitto' || MOSQUITTO === undefined) return '';
  return /version ([0-9.]+)/.exec(spawnSync(MOSQUITTO, ['-h']).stdout.toString())?.[1] ?? '';
}
