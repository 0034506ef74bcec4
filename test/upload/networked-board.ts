// The real interpreter as a board whose console is in the network, through its own telnet server. In: nothing. Out: a port, and power to cut. Its flash lies in a
// folder of its own and outlives a power cut; it boots from it, as a board does. Found only through ESPRUINO. The server's port is built in and
// two interpreters would share it in silence, so there is one board at a time on a machine: a lock file in the system's folder for them.

import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const interpreterPath = process.env.ESPRUINO ?? '';

/** For hooks that wait for the board while another suite has it. */
export const TURN_MS = 600_000;

const PORT = 2323;
const LOCK = join(tmpdir(), `tallystick-board-${PORT}.lock`);

export interface NetworkedBoard {
  readonly port: string;
  /** Ends the connection to the board, as a board in the network does when it restarts. */
  hangUp(): Promise<void>;
  /** Power off and on again. */
  powerCycle(): Promise<void>;
  remove(): Promise<void>;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** The lock of a process that is gone is no lock. */
function removeStale(): void {
  try {
    process.kill(Number(readFileSync(LOCK, 'utf8')), 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') rmSync(LOCK, { force: true });
    else if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

async function takeTurn(): Promise<void> {
  for (;;) {
    try {
      return writeFileSync(LOCK, String(process.pid), { flag: 'wx' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      removeStale();
      await pause(100);
    }
  }
}

/** A connection that ends at once; it takes the place of any other, for the board has one console. */
function knock(): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(PORT, '127.0.0.1', () => socket.end(() => resolve(true)));
    socket.on('error', () => resolve(false));
  });
}

/** Its input stays open and idle: at the end of it the interpreter would flood the console. */
async function power(folder: string): Promise<ChildProcess> {
  const child = spawn(interpreterPath, ['--telnet'], { cwd: folder, stdio: ['pipe', 'ignore', 'ignore'] });
  while (!(await knock())) await pause(50);
  return child;
}

async function cut(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
}

export async function createNetworkedBoard(): Promise<NetworkedBoard> {
  await takeTurn();
  const folder = mkdtempSync(join(tmpdir(), 'tallystick-upload-'));
  let child = await power(folder);
  return {
    port: `tcp://127.0.0.1:${PORT}`,
    hangUp: async () => void (await knock()),
    async powerCycle() {
      await cut(child);
      child = await power(folder);
    },
    async remove() {
      await cut(child);
      rmSync(folder, { recursive: true, force: true });
      rmSync(LOCK, { force: true });
    },
  };
}
