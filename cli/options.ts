// The options that several commands share, said once. In: a command. Out: the same command with the option. It must never read the environment
// in two places.

import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { Option } from 'commander';
import type { Logger } from 'pino';
import { pino } from 'pino';
import { GUARD_LIMITS } from '../hub/guard.ts';
import type { HubOptions } from '../hub/hub.ts';
import type { Store } from '../hub/store.ts';
import { openStore } from '../hub/store.ts';
import { isRoot } from '../shared/topics.ts';
import { CommandFailed, EXIT } from './exit.ts';
import { wholeNumber } from './duration.ts';

export interface DataOption {
  readonly data: string;
}

export interface ListenOptions extends DataOption {
  readonly host: string;
  readonly port: number;
  readonly root: string;
  readonly logLevel: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly tlsPort: number;
  readonly front: 'aedes' | 'fast';
  readonly maxConnections: number;
  readonly maxConnectionsPerAddress: number;
  readonly maxMessagesPerSecond: number;
}

export function withData(command: Command): Command {
  return command.addOption(new Option('--data <dir>', "the hub's folder").env('TALLYSTICK_DATA').default('./data'));
}

export function withJson(command: Command): Command {
  return command.option('--json', 'print one JSON value on standard output');
}

export function withListen(command: Command): Command {
  return withData(command)
    .option('--host <address>', 'the address to listen on', '127.0.0.1')
    .addOption(
      new Option('--port <number>', 'the MQTT port; 0 takes any free one')
        .argParser(wholeNumber(0, 65535))
        .env('TALLYSTICK_PORT')
        .default(1883),
    )
    .option('--tls-cert <file>', 'PEM: also listen with TLS, on --tls-port, for boards enrolled with --tls; needs --tls-key')
    .option('--tls-key <file>', "PEM: the certificate's key, RSA if boards on Linux are to connect")
    .option('--tls-port <number>', 'the MQTT port with TLS; 0 takes any free one', wholeNumber(0, 65535), 8883)
    .option('--max-connections <number>', 'so many at once, in all', wholeNumber(1, 1_000_000), GUARD_LIMITS.connections)
    .option(
      '--max-connections-per-address <number>',
      'so many at once from one network address',
      wholeNumber(1, 1_000_000),
      GUARD_LIMITS.connectionsPerAddress,
    )
    .option(
      '--max-messages-per-second <number>',
      'of one device, on average: of a faster one is read no more than that',
      wholeNumber(1, 10_000_000),
      GUARD_LIMITS.messagesPerSecond,
    )
    .addOption(
      new Option('--front <kind>', 'who reads vouchers: fast, from the socket; aedes, the broker behind it, like all else')
        .choices(['fast', 'aedes'])
        .default('fast'),
    )
    .addOption(new Option('--root <name>', 'first level of every topic').argParser(rootName).default('t'))
    .addOption(
      new Option('--log-level <level>', 'what the hub logs on the error stream')
        .choices(['silent', 'error', 'warn', 'info', 'debug'])
        .default('warn'),
    );
}

/** What a hub opened with these options listens on, shows and lets in. */
export function listenOf(
  options: ListenOptions,
): Pick<HubOptions, 'dataDir' | 'host' | 'port' | 'root' | 'tls' | 'front' | 'limits'> {
  const { data: dataDir, host, port, root, front, tlsCert, tlsKey, tlsPort } = options;
  const limits = {
    connections: options.maxConnections,
    connectionsPerAddress: options.maxConnectionsPerAddress,
    messagesPerSecond: options.maxMessagesPerSecond,
  };
  const plain = { dataDir, host, port, root, front, limits };
  if (tlsCert === undefined && tlsKey === undefined) return plain;
  if (tlsCert === undefined || tlsKey === undefined) {
    throw new CommandFailed(EXIT.usage, '--tls-cert and --tls-key: expected both, got one');
  }
  return { ...plain, tls: { cert: textOf('--tls-cert', tlsCert), key: textOf('--tls-key', tlsKey), port: tlsPort } };
}

export function textOf(option: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new CommandFailed(EXIT.data, `${option}: expected a file that can be read, got ${path} (${(error as Error).message})`);
  }
}

/** One JSON line per event, on the error stream: standard output belongs to the answer. */
export function loggerOf(level: string): Logger {
  return pino({ level, base: null }, pino.destination(2));
}

export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

/** The folder's store, for as long as it is used. */
export function withStore(dataDir: string, use: (store: Store) => void): void {
  const store = openStore(dataDir);
  try {
    use(store);
  } finally {
    store.close();
  }
}

export function nowInSeconds(): number {
  return Math.floor(Date.now() / 1000);
}

function rootName(text: string): string {
  if (!isRoot(text)) throw new CommandFailed(EXIT.usage, `--root: expected 1 to 8 lower-case letters or digits, got "${text}"`);
  return text;
}
