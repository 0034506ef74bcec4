// The junk of `bench:flood`, in a process of its own: what a thief, a broken gateway and a passer-by send, as fast as it is told to. In: a file with the hub's port, the devices that misbehave, and how many
// messages a second. Out: when it is told to end, one JSON object with what it has really sent. Who is not read any more waits, as TCP has it.

import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import type { Bytes } from '../../shared/bytes.ts';
import type { DeviceConfig } from '../../shared/config.ts';
import { topicOf } from '../../shared/topics.ts';
import { payerOf } from '../hub/payer.ts';
import { connectPacket, publishPacket } from '../load/connection.ts';

export interface JunkOrder {
  readonly port: number;
  /** Their first channel is opened. */
  readonly devices: readonly DeviceConfig[];
  readonly perSecond: number;
}

export interface JunkFigures {
  readonly messages: number;
  readonly connections: number;
  /** Not sent, because the hub read no further. */
  readonly heldBack: number;
  readonly seconds: number;
}

const TICK_MS = 10;
/** One of so many is a whole connection of its own: a stranger's, or one that is cut for what it announces. */
const CONNECTION_EVERY = 20;
const CONNECTIONS_AT_ONCE = 200;
const ANNOUNCES_MEBIBYTES = Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f]);

const order = JSON.parse(readFileSync(process.argv[2] as string, 'utf8')) as JunkOrder;
const figures = { messages: 0, connections: 0, heldBack: 0 };

/** What a device sends over and over: nothing that can be read, what it has sent before, or a link that it has made up. */
function junkOf(config: DeviceConfig, kind: number): (id: number) => Buffer {
  const up = topicOf(config.root, config.device, 'up');
  const payer = payerOf(config);
  const old = payer.payword(1, 1);
  const madeUp = (): Bytes => old.slice(0, -1) + randomBytes(1).toString('latin1');
  const messages = [() => randomBytes(48).toString('latin1'), () => old, madeUp];
  return (id) => publishPacket(up, (messages[kind % messages.length] as () => Bytes)(), id);
}

interface Line {
  send(): void;
}

/** A connection that comes back whenever it is cut. */
function openLine(config: DeviceConfig, kind: number): Line {
  const make = junkOf(config, kind);
  let socket: Socket | undefined;
  let isReady = false;
  let id = 0;
  const open = (): void => {
    isReady = false;
    figures.connections++;
    socket = connect({ host: '127.0.0.1', port: order.port, noDelay: true }, () =>
      socket?.write(connectPacket({ clientId: config.device, password: config.password })),
    );
    socket.on('error', () => {});
    socket.once('data', () => {
      socket?.write(publishPacket(topicOf(config.root, config.device, 'up'), payerOf(config).commitment(1), 65_001));
      isReady = true;
    });
    socket.on('data', () => {});
    socket.once('close', () => setTimeout(open, TICK_MS));
  };
  open();
  return {
    send() {
      if (!isReady || socket?.writable !== true || socket.writableNeedDrain) return void figures.heldBack++;
      id = (id % 65_000) + 1;
      socket.write(make(id));
      figures.messages++;
    },
  };
}

let atOnce = 0;

/** A stranger, whose password is wrong; or somebody who was let in and announces 256 MiB. */
function comeAndGo(config: DeviceConfig): void {
  if (atOnce >= CONNECTIONS_AT_ONCE) return void figures.heldBack++;
  atOnce++;
  figures.connections++;
  const isStranger = figures.connections % 2 === 0;
  const socket = connect({ host: '127.0.0.1', port: order.port, noDelay: true }, () => {
    socket.write(connectPacket({ clientId: config.device, password: isStranger ? 'guess' : config.password }));
    if (!isStranger) socket.write(ANNOUNCES_MEBIBYTES);
  });
  socket.setTimeout(5000, () => socket.destroy());
  socket.on('error', () => {});
  socket.on('data', () => {
    if (isStranger) socket.destroy();
  });
  socket.once('close', () => atOnce--);
}

const [visitor, ...payers] = order.devices;
if (visitor === undefined || payers.length === 0) throw new Error('expected two devices that misbehave at least, got fewer');
const lines = payers.map(openLine);
const beganMs = performance.now();
let due = 0;
let turn = 0;
setInterval(() => {
  for (due += (order.perSecond * TICK_MS) / 1000; due >= 1; due--) {
    turn++;
    if (turn % CONNECTION_EVERY === 0) comeAndGo(visitor);
    else (lines[turn % lines.length] as Line).send();
  }
}, TICK_MS);
process.stdout.write('{"kind":"flooding"}\n');
process.once('SIGTERM', () => {
  const said: JunkFigures = { ...figures, seconds: (performance.now() - beganMs) / 1000 };
  process.stdout.write(`${JSON.stringify(said)}\n`, () => process.exit(0));
});
