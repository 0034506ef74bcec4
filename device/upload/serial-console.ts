// A console on a serial port. The `espruino` package drives the port, in a process of its own, because it prints what it does, changes globals and
// ends the process when a port cannot be opened. In: a path and a speed. Out: the console. The package is optional: it brings native
// parts that not every machine can have, and only serial ports need it.

import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Console } from './console.ts';
import { BoardFailed } from './failed.ts';
import { createInlet } from './inlet.ts';
import type { SerialEvent } from './serial-process.ts';

const OPEN_MS = 15000;

function absentSentence(path: string, why: string): string {
  return `no board at ${path}: serial ports need the optional package "espruino" (npm install espruino), which cannot be used: ${why}; a board in the network needs nothing: tcp://HOST:PORT`;
}

function consoleOn(child: ChildProcess, inlet: ReturnType<typeof createInlet>): Console {
  return {
    write: (bytes) => void (child.connected && child.send(bytes)),
    onData: inlet.onData,
    onClose: inlet.onClose,
    close: () => void (child.connected && child.disconnect()),
  };
}

export function openSerial(path: string, baud: number): Promise<Console> {
  if (!existsSync(path)) return Promise.reject(new BoardFailed('no-such-port', `no board at ${path}: there is no such port`));
  return new Promise((resolve, reject) => {
    const inlet = createInlet();
    const file = fileURLToPath(
      new URL(import.meta.url.endsWith('.ts') ? './serial-process.ts' : './serial-process.js', import.meta.url),
    );
    const child = fork(file, [path, String(baud)], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    let why = 'the serial port was closed';
    const fail = (failure: BoardFailed): void => {
      why = failure.message;
      reject(failure);
      if (child.connected) child.disconnect();
    };
    const timer = setTimeout(() => {
      fail(new BoardFailed('no-such-port', `no board at ${path}: the port did not open within ${OPEN_MS / 1000} s`));
    }, OPEN_MS);
    child.on('message', (event: SerialEvent) => {
      if (event.kind === 'data') return inlet.take(event.bytes);
      clearTimeout(timer);
      if (event.kind === 'open') return resolve(consoleOn(child, inlet));
      if (event.kind === 'absent') return fail(new BoardFailed('no-serial-support', absentSentence(path, event.why)));
      fail(new BoardFailed('no-such-port', `no board at ${path}: ${event.why}`));
    });
    child.once('error', (error) => fail(new BoardFailed('no-such-port', `no board at ${path}: ${error.message}`, error)));
    child.once('exit', () => {
      clearTimeout(timer);
      reject(new BoardFailed('no-such-port', `no board at ${path}: ${why}`));
      inlet.end(why);
    });
  });
}
