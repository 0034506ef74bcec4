// Where a board is, as people type it: `tcp://HOST:PORT` or the path of a serial port. In: text. Out: a port, its name, an open console on it, or one
// sentence saying why not.

import type { Console } from './console.ts';
import { BoardFailed } from './failed.ts';
import { openSerial } from './serial-console.ts';
import { openTcp } from './tcp-console.ts';

export type Port =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'serial'; readonly path: string; readonly baud: number };

/** What Espruino listens to on an ESP32. */
const BAUD = 115200;
const TELNET_PORT = 23;

/** `tcp://HOST[:PORT]`, `tcp://[::1]:PORT` or the path of a serial port; or a sentence saying what is wrong. */
export function parsePort(text: string): Port | string {
  if (text === '') return 'expected tcp://HOST:PORT or the path of a serial port such as /dev/ttyUSB0, got nothing';
  if (!/^[a-z]+:\/\//i.test(text)) return { kind: 'serial', path: text, baud: BAUD };
  const match = /^tcp:\/\/(\[[0-9a-f:.]+\]|[^:/[\]]+)(?::(\d{1,5}))?\/?$/i.exec(text);
  const port = match?.[2] === undefined ? TELNET_PORT : Number(match[2]);
  if (match?.[1] === undefined || port < 1 || port > 65535) {
    return `expected tcp://HOST:PORT with a port in 1..65535 or the path of a serial port, got "${text}"`;
  }
  return { kind: 'tcp', host: match[1].replace(/^\[|\]$/g, ''), port };
}

export function nameOf(port: Port): string {
  if (port.kind === 'serial') return port.path;
  return `tcp://${port.host.includes(':') ? `[${port.host}]` : port.host}:${port.port}`;
}

export async function openConsole(port: Port): Promise<Console> {
  try {
    return port.kind === 'tcp' ? await openTcp(port.host, port.port) : await openSerial(port.path, port.baud);
  } catch (error) {
    if (error instanceof BoardFailed) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new BoardFailed('no-such-port', `no board at ${nameOf(port)}: ${why}`, error);
  }
}
