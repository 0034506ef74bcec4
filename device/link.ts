// The link: joins the network, keeps one MQTT connection, one PUBLISH in flight. In: words to send. Out: what arrives on `down`, and whether
// the broker has acknowledged. Reconnects with growing pauses whose jitter comes from the device's own name, because a board
// has no randomness. It must never take an acknowledgement for a receipt, nor believe a connection that has gone silent.

import type { Bytes } from '../shared/bytes.ts';
import type { WifiConfig } from '../shared/config.ts';
import type { DeviceId } from '../shared/identity.ts';
import { topicOf } from '../shared/topics.ts';
import type { Board, Socket } from './board.ts';
import type { Packet, PacketReader } from './mqtt.ts';
import * as mqtt from './mqtt.ts';

export const ANSWER_MS = 10000;
const ACK_MS = 5000;
const MAX_TRIES = 3;
const FIRST_PAUSE_MS = 500;
const MAX_PAUSE_MS = 60000;
const SUBSCRIBE_ID = 65535;

export interface LinkOptions {
  readonly device: DeviceId;
  readonly password: string;
  readonly host: string;
  readonly port: number;
  readonly root: string;
  readonly keepaliveSeconds: number;
  readonly wifi: WifiConfig | undefined;
}

export interface LinkEvents {
  /** The payload of the retained last will. */
  willPayload(): Bytes;
  onUp(): void;
  onDown(): void;
  /** The broker has acknowledged what was in flight. */
  onFree(): void;
  onMessage(payload: Bytes): void;
}

export interface Link {
  readonly board: Board;
  readonly options: LinkOptions;
  readonly events: LinkEvents;
  phase: 'idle' | 'pausing' | 'connecting' | 'up';
  /** Why there is no connection, for people. */
  reason: string;
  /** Counts connections, so that a late callback of an old one is known. */
  epoch: number;
  socket: Socket | undefined;
  reader: PacketReader;
  attempts: number;
  /** From the device's name: a board has no randomness. */
  readonly jitter: Bytes;
  /** Of the phase: the end of a pause, the answer that is awaited, the next ping. */
  timer: number | undefined;
  pinged: boolean;
  packetId: number;
  /** The PUBLISH that waits for its PUBACK; '' when free. */
  inFlight: Bytes;
  tries: number;
  ackTimer: number | undefined;
}

export function createLink(board: Board, options: LinkOptions, events: LinkEvents): Link {
  return {
    board: board,
    options: options,
    events: events,
    phase: 'idle',
    reason: 'not started',
    epoch: 0,
    socket: undefined,
    reader: { held: '' },
    attempts: 0,
    jitter: board.sha256(options.device),
    timer: undefined,
    pinged: false,
    packetId: 0,
    inFlight: '',
    tries: 0,
    ackTimer: undefined,
  };
}

function clearTimers(link: Link): void {
  if (link.timer !== undefined) link.board.cancel(link.timer);
  if (link.ackTimer !== undefined) link.board.cancel(link.ackTimer);
  link.timer = undefined;
  link.ackTimer = undefined;
}

function setTimer(link: Link, ms: number, run: () => void): void {
  if (link.timer !== undefined) link.board.cancel(link.timer);
  link.timer = link.board.after(ms, run);
}

/** 0.5 s, 1 s, 2 s ... 60 s, each stretched by up to half, so that a fleet does not come back as one. */
export function pauseMs(jitter: Bytes, attempts: number): number {
  const pause = FIRST_PAUSE_MS * (1 << (attempts < 7 ? attempts : 7));
  return Math.floor((pause < MAX_PAUSE_MS ? pause : MAX_PAUSE_MS) * (1 + jitter.charCodeAt(attempts % jitter.length) / 512));
}

/** Forgets the connection; what it still says is ignored. */
function forget(link: Link): void {
  clearTimers(link);
  const socket = link.socket;
  link.epoch++;
  link.socket = undefined;
  link.reader.held = '';
  link.inFlight = '';
  link.pinged = false;
  if (socket !== undefined) socket.end();
}

/** Ends the connection, tells, and tries again after a pause. */
function drop(link: Link, reason: string): void {
  const wasUp = link.phase === 'up';
  forget(link);
  link.phase = 'pausing';
  link.reason = reason;
  const pause = pauseMs(link.jitter, link.attempts);
  link.attempts++;
  setTimer(link, pause, function () {
    link.timer = undefined;
    connect(link);
  });
  if (wasUp) link.events.onDown();
}

function send(link: Link, bytes: Bytes): void {
  if (link.socket !== undefined) link.socket.write(bytes);
}

/** Half a keepalive after the last ping: a missing answer means that the other side is gone. */
function beat(link: Link): void {
  link.timer = undefined;
  if (link.pinged) {
    drop(link, 'the hub stopped answering');
    return;
  }
  link.pinged = true;
  send(link, mqtt.PINGREQ);
  setTimer(link, link.options.keepaliveSeconds * 500, function () {
    beat(link);
  });
}

function sayHello(link: Link): void {
  const o = link.options;
  const fields = {
    client: o.device,
    user: o.device,
    password: o.password,
    keepaliveSeconds: o.keepaliveSeconds,
    willTopic: topicOf(o.root, o.device, 'status'),
    willPayload: link.events.willPayload(),
  };
  send(link, mqtt.connectPacket(fields));
}

const REFUSALS: readonly string[] = [
  '',
  'protocol version',
  'client id',
  'hub not ready',
  'user name or password',
  'not authorised',
];

function takeConnack(link: Link, packet: Packet): void {
  const code = packet.body.charCodeAt(1);
  if (code !== 0) {
    const why = REFUSALS[code];
    drop(link, 'the hub refused the connection: ' + (why === undefined ? 'code ' + code : why));
    return;
  }
  send(link, mqtt.subscribePacket(SUBSCRIBE_ID, topicOf(link.options.root, link.options.device, 'down')));
}

function takeSuback(link: Link, packet: Packet): void {
  if (packet.body.charCodeAt(2) > 1) {
    drop(link, 'the hub refused the subscription');
    return;
  }
  link.phase = 'up';
  link.reason = '';
  setTimer(link, link.options.keepaliveSeconds * 500, function () {
    beat(link);
  });
  link.events.onUp();
}

function takePuback(link: Link, packet: Packet): void {
  if (link.inFlight === '' || mqtt.uint16At(packet.body, 0) !== link.packetId) return;
  if (link.ackTimer !== undefined) link.board.cancel(link.ackTimer);
  link.ackTimer = undefined;
  link.inFlight = '';
  link.attempts = 0;
  link.events.onFree();
}

function takePublish(link: Link, packet: Packet): void {
  const publish = mqtt.readPublish(packet);
  if (publish === undefined) {
    drop(link, 'the hub sent a malformed PUBLISH');
    return;
  }
  if (publish.id > 0) send(link, mqtt.pubackPacket(publish.id));
  if (publish.topic === topicOf(link.options.root, link.options.device, 'down')) link.events.onMessage(publish.payload);
}

function takeOne(link: Link, packet: Packet): void {
  if (link.phase === 'connecting') {
    if (packet.type === mqtt.CONNACK) takeConnack(link, packet);
    else if (packet.type === mqtt.SUBACK) takeSuback(link, packet);
    return;
  }
  switch (packet.type) {
    case mqtt.PUBLISH:
      takePublish(link, packet);
      break;
    case mqtt.PUBACK:
      takePuback(link, packet);
      break;
    case mqtt.PINGRESP:
      link.pinged = false;
      link.attempts = 0;
      break;
  }
}

function takeBytes(link: Link, bytes: Bytes): void {
  const epoch = link.epoch;
  link.reader.held += bytes;
  let packet = mqtt.takePacket(link.reader);
  while (packet !== 'partial') {
    if (packet === 'broken') {
      drop(link, 'the hub sent what is no MQTT');
      return;
    }
    takeOne(link, packet);
    if (link.epoch !== epoch) return;
    packet = mqtt.takePacket(link.reader);
  }
}

function connect(link: Link): void {
  link.phase = 'connecting';
  const epoch = link.epoch;
  setTimer(link, ANSWER_MS, function () {
    link.timer = undefined;
    drop(link, 'no answer from ' + link.options.host + ':' + link.options.port);
  });
  const socket = link.board.connect(link.options.host, link.options.port, {
    onOpen: function () {
      if (link.epoch === epoch) sayHello(link);
    },
    onData: function (bytes) {
      if (link.epoch === epoch) takeBytes(link, bytes);
    },
    onClose: function () {
      if (link.epoch === epoch) drop(link, link.phase === 'up' ? 'the connection was closed' : 'could not connect');
    },
  });
  if (socket === undefined) drop(link, 'could not connect to ' + link.options.host + ':' + link.options.port);
  else link.socket = socket;
}

/** Joins the network and connects; every further call of `onJoined` cuts a pause short. */
export function startLink(link: Link): void {
  link.phase = 'pausing';
  link.reason = 'joining the network';
  link.board.joinNetwork(link.options.wifi, function () {
    if (link.phase !== 'pausing') return;
    clearTimers(link);
    connect(link);
  });
}

export function haltLink(link: Link): void {
  link.phase = 'idle';
  link.reason = 'halted';
  forget(link);
}

export function isFree(link: Link): boolean {
  return link.phase === 'up' && link.inFlight === '';
}

/** Says it again with the DUP flag; after the last try the connection is given up. */
function awaitAck(link: Link): void {
  link.ackTimer = link.board.after(ACK_MS, function () {
    link.ackTimer = undefined;
    link.tries++;
    if (link.tries >= MAX_TRIES) {
      drop(link, 'the hub stopped acknowledging');
      return;
    }
    send(link, mqtt.duplicateOf(link.inFlight));
    awaitAck(link);
  });
}

/** Sends on `up` with QoS 1; only while the link is free. */
export function sendUp(link: Link, payload: Bytes): void {
  if (!isFree(link)) throw new Error('the link is not free');
  link.packetId = (link.packetId % 65000) + 1;
  link.inFlight = mqtt.publishPacket(topicOf(link.options.root, link.options.device, 'up'), link.packetId, payload);
  link.tries = 0;
  send(link, link.inFlight);
  awaitAck(link);
}

/** Replaces the retained status. */
export function sendStatus(link: Link, payload: Bytes): void {
  send(link, mqtt.retainedPacket(topicOf(link.options.root, link.options.device, 'status'), payload));
}
