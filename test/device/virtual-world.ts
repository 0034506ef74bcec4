// A board, a network and a hub in virtual time: nothing happens but what is due, so a month passes in seconds and every run with a seed is the same. In: a
// device's configuration, what its flash holds, and a seed for the network's delays. Out: a Board for the firmware, and a network to be cut.

import type { Board, SocketEvents } from '../../device/board.ts';
import type { PageFlash } from '../../device/pages.ts';
import { PUBLISH, pubackPacket, readPublish, takePacket } from '../../device/mqtt.ts';
import type { Bytes } from '../../shared/bytes.ts';
import type { DeviceConfig } from '../../shared/config.ts';
import { topicOf } from '../../shared/topics.ts';
import type { Random } from './flash-model.ts';
import type { JudgingHub } from './judging-hub.ts';
import { answer } from './judging-hub.ts';
import { sha256, sha512, signWithNode } from './node-board.ts';

const CONNECT = 1;
const SUBSCRIBE = 8;
const PINGREQ = 12;

interface Due {
  readonly id: number;
  readonly atMs: number;
  readonly run: () => void;
}

export interface Clock {
  nowMs: number;
  /** What is due, soonest first. */
  readonly due: Due[];
  lastId: number;
}

export function createClock(): Clock {
  return { nowMs: 0, due: [], lastId: 0 };
}

export function after(clock: Clock, ms: number, run: () => void): number {
  const atMs = clock.nowMs + ms;
  let place = clock.due.length;
  while (place > 0 && (clock.due[place - 1] as Due).atMs > atMs) place--;
  clock.lastId++;
  clock.due.splice(place, 0, { id: clock.lastId, atMs, run });
  return clock.lastId;
}

function cancel(clock: Clock, id: number): void {
  const place = clock.due.findIndex((one) => one.id === id);
  if (place >= 0) clock.due.splice(place, 1);
}

/** Lets time pass; what comes due runs in its order. Ends early once `until` holds. */
export function pass(clock: Clock, ms: number, until: () => boolean = () => false): void {
  const endMs = clock.nowMs + ms;
  while (!until()) {
    const next = clock.due[0];
    if (next === undefined || next.atMs > endMs) {
      clock.nowMs = endMs;
      return;
    }
    clock.due.shift();
    clock.nowMs = next.atMs;
    next.run();
  }
}

interface Line {
  readonly events: SocketEvents;
  readonly held: { held: Bytes };
  open: boolean;
  /** Still carries bytes: a line that does not, but is open, is one that nobody has noticed yet. */
  carries: boolean;
}

export interface World {
  readonly clock: Clock;
  readonly board: Board;
  readonly hub: JudgingHub;
  /** Uplink messages on their way: what a power cut of the board does not take back. */
  readonly onTheWay: Bytes[];
  readonly lines: string[];
  boardTimers(): number;
  /** One pulse on the meter's pin. */
  pulse: () => void;
  /** Every uplink message as the board sends it. */
  onSent: (message: Bytes) => void;
  up: boolean;
  /** The hub acknowledges, and answers nothing. */
  mute: boolean;
  /** Ends all connections; in silence, the board has to find out by itself. */
  cutLink(silently: boolean): void;
}

export interface WorldOptions {
  readonly config: DeviceConfig;
  readonly hub: JudgingHub;
  readonly random: Random;
  readonly pageFlash: PageFlash;
  /** The file store's content. */
  readonly files: Map<string, Bytes>;
  readonly onFileWrite?: (name: string, bytes: Bytes) => void;
}

export function createWorld({ config, hub, random, pageFlash, files, onFileWrite }: WorldOptions): World {
  const clock = createClock();
  const timers = new Set<number>();
  let connections: Line[] = [];
  const delayMs = (): number => 2 + Math.floor(random() * 40);

  const deliver = (line: Line, bytes: Bytes): void => {
    after(clock, delayMs(), () => {
      if (line.open && line.carries) line.events.onData(bytes);
    });
  };
  const serve = (line: Line, bytes: Bytes): void => {
    line.held.held += bytes;
    for (;;) {
      const packet = takePacket(line.held);
      if (packet === 'partial') return;
      if (packet === 'broken') throw new Error('the firmware sent what is no MQTT');
      if (packet.type === CONNECT) deliver(line, '\x20\x02\0\0');
      if (packet.type === SUBSCRIBE) deliver(line, '\x90\x03' + packet.body.slice(0, 2) + '\0');
      if (packet.type === PINGREQ) deliver(line, '\xd0\0');
      if (packet.type === PUBLISH) takeUp(line, readPublish(packet));
    }
  };
  const takeUp = (line: Line, publish: ReturnType<typeof readPublish>): void => {
    if (publish === undefined) throw new Error('the firmware sent a malformed PUBLISH');
    if (publish.topic !== topicOf(config.root, config.device, 'up')) return;
    const reply = answer(hub, config, publish.payload);
    const topic = topicOf(config.root, config.device, 'down');
    const body = String.fromCharCode(0, topic.length) + topic + reply;
    deliver(line, pubackPacket(publish.id));
    if (!world.mute) deliver(line, '\x30' + String.fromCharCode(body.length) + body);
  };
  const close = (line: Line): void => {
    if (!line.open) return;
    line.open = false;
    connections = connections.filter((one) => one !== line);
    after(clock, delayMs(), () => line.events.onClose());
  };

  const send = (line: Line, bytes: Bytes): void => {
    const packet = takePacket({ held: bytes });
    const publish = typeof packet === 'object' && packet.type === PUBLISH ? readPublish(packet) : undefined;
    const isUp = publish?.topic === topicOf(config.root, config.device, 'up');
    if (isUp) world.onSent(publish.payload);
    if (!line.open || !line.carries) return;
    if (isUp) world.onTheWay.push(publish.payload);
    after(clock, delayMs(), () => {
      if (isUp) world.onTheWay.shift();
      if (line.open && line.carries) serve(line, bytes);
    });
  };

  const board: Board = {
    nowMs: () => clock.nowMs,
    after(ms, run) {
      const id = after(clock, ms, () => {
        timers.delete(id);
        run();
      });
      timers.add(id);
      return id;
    },
    cancel(id) {
      if (id === undefined) return;
      timers.delete(id);
      cancel(clock, id);
    },
    sha256,
    sha512,
    readFlash: (name) => files.get(name),
    writeFlash(name, bytes) {
      onFileWrite?.(name, bytes);
      files.set(name, bytes);
      return true;
    },
    pageFlash,
    joinNetwork: (_wifi, onJoined) => onJoined(),
    connect(_host, _port, events) {
      if (!world.up && random() < 0.5) return undefined;
      const line: Line = { events, held: { held: '' }, open: true, carries: world.up };
      connections.push(line);
      if (world.up) after(clock, delayMs(), () => (line.open ? events.onOpen() : undefined));
      return { write: (bytes) => send(line, bytes), end: () => close(line) };
    },
    watchPulses: (_input, onPulse) => void (world.pulse = onPulse),
    setOutput: () => undefined,
    signNatively: signWithNode,
    log: (text) => void world.lines.push(text),
  };
  const world: World = {
    clock,
    board,
    hub,
    onTheWay: [],
    lines: [],
    boardTimers: () => timers.size,
    pulse: () => undefined,
    onSent: () => undefined,
    up: true,
    mute: false,
    cutLink(silently) {
      for (const line of connections.slice()) {
        line.carries = false;
        if (!silently) close(line);
      }
    },
  };
  return world;
}
