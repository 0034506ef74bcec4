// A console over TCP: Espruino's own telnet server, or anything that puts a serial port on the network. In: host and port. Out: the console, once
// the connection stands. It must never wait for ever: an address that swallows the greeting is given up.

import { connect } from 'node:net';
import type { Console } from './console.ts';
import { createInlet } from './inlet.ts';

const CONNECT_MS = 5000;

const SENTENCES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'the name could not be looked up',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
};

export function openTcp(host: string, port: number): Promise<Console> {
  return new Promise((resolve, reject) => {
    const inlet = createInlet();
    const socket = connect({ host, port, noDelay: true });
    let why = 'the other side closed the connection';
    const timer = setTimeout(() => socket.destroy(new Error(`no connection within ${CONNECT_MS / 1000} s`)), CONNECT_MS);
    socket.setEncoding('latin1');
    socket.on('data', (bytes: string) => inlet.take(bytes));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      why = SENTENCES[error.code ?? ''] ?? error.message;
      reject(new Error(why));
    });
    socket.on('close', () => {
      clearTimeout(timer);
      inlet.end(why);
    });
    socket.once('connect', () => {
      clearTimeout(timer);
      resolve({
        write: (bytes) => void socket.write(bytes, 'latin1'),
        onData: inlet.onData,
        onClose: inlet.onClose,
        close: () => socket.destroy(),
      });
    });
  });
}
