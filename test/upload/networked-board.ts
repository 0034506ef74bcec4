// The real interpreter as a board whose console is in the network: what a serial-to-network adapter is to a board. In: nothing. Out: a port, and power to
// cut. Its flash lies in a folder of its own and outlives a power cut; it boots from it, as a board does. Found only through ESPRUINO.

import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const interpreterPath = process.env.ESPRUINO ?? '';

export interface NetworkedBoard {
  /** Such as `tcp://127.0.0.1:40001`. */
  readonly port: string;
  /** What the board has printed since power on, for the reader of a failed test. */
  printed(): string;
  /** Ends every connection, as a board in the network does when it restarts. */
  hangUp(): void;
  /** Power off and on again. */
  powerCycle(): Promise<void>;
  remove(): Promise<void>;
}

interface Powered {
  readonly child: ChildProcess;
  printed: string;
}

/** Its input stays open and idle: at the end of it the interpreter would flood the console. */
function power(folder: string, onPrint: (bytes: Buffer) => void): Powered {
  const child = spawn(interpreterPath, [], { cwd: folder, stdio: ['pipe', 'pipe', 'ignore'] });
  const powered: Powered = { child, printed: '' };
  child.stdin.on('error', () => undefined); // bytes for a board without power are lost
  child.stdout.on('data', (bytes: Buffer) => {
    powered.printed += bytes.toString('latin1');
    onPrint(bytes);
  });
  return powered;
}

async function cut(powered: Powered): Promise<void> {
  if (powered.child.exitCode !== null || powered.child.signalCode !== null) return;
  const gone = new Promise((resolve) => powered.child.once('exit', resolve));
  powered.child.kill('SIGKILL');
  await gone;
}

export async function createNetworkedBoard(): Promise<NetworkedBoard> {
  const folder = mkdtempSync(join(tmpdir(), 'tallystick-upload-'));
  const sockets = new Set<Socket>();
  const toAll = (bytes: Buffer): void => sockets.forEach((socket) => void socket.write(bytes));
  let powered = power(folder, toAll);
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('data', (bytes) => void powered.child.stdin?.write(bytes));
    socket.on('error', () => undefined); // a client that is gone
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    printed: () => powered.printed,
    hangUp: () => sockets.forEach((socket) => socket.destroy()),
    async powerCycle() {
      await cut(powered);
      powered = power(folder, toAll);
    },
    async remove() {
      await cut(powered);
      sockets.forEach((socket) => socket.destroy());
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
