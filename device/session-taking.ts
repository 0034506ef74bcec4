// What the broker's packets mean to a session: greeting, acknowledgements, and what the hub says. In: bytes in pieces of any size. Out: the session, moved on, and
// events, which are told when the packet's reader is gone from memory. It must never take an acknowledgement for a receipt.

import type { Bytes } from '../shared/bytes.ts';
import type { Packet } from './mqtt.ts';
import {
  CONNACK,
  PINGRESP,
  PUBACK,
  pubackPacket,
  PUBLISH,
  readPublish,
  SUBACK,
  subscribePacket,
  takePacket,
  uint16At,
} from './mqtt.ts';
import type { News, Session } from './session.ts';
import { awaitPing, fail, send, stopAckTimer, topic } from './session.ts';

const SUBSCRIBE_ID = 65535;
const REFUSALS: readonly string[] = [
  '',
  'protocol version',
  'client id',
  'hub not ready',
  'user name or password',
  'not authorised',
];

function takeConnack(session: Session, packet: Packet): void {
  const code = packet.body.charCodeAt(1);
  if (code === 0) {
    send(session, subscribePacket(SUBSCRIBE_ID, topic(session, 'down')));
    return;
  }
  const why = REFUSALS[code];
  fail(session, 'the hub refused the connection: ' + (why === undefined ? 'code ' + code : why));
}

function takeSuback(session: Session, packet: Packet): News | undefined {
  if (packet.body.charCodeAt(2) > 1) {
    fail(session, 'the hub refused the subscription');
    return undefined;
  }
  session.phase = 'up';
  session.reason = '';
  awaitPing(session);
  return 'up';
}

function takePublish(session: Session, packet: Packet): News | undefined {
  const publish = readPublish(packet);
  if (publish === undefined) {
    fail(session, 'the hub sent a malformed PUBLISH');
    return undefined;
  }
  if (publish.id > 0) send(session, pubackPacket(publish.id));
  if (publish.topic !== topic(session, 'down')) return undefined;
  session.heard = publish.payload;
  return 'message';
}

function takePuback(session: Session, packet: Packet): News | undefined {
  if (session.inFlight === '' || uint16At(packet.body, 0) !== session.packetId) return undefined;
  stopAckTimer(session);
  session.inFlight = '';
  session.proven = true;
  return 'free';
}

/** A broker may publish before it has said that the board is subscribed. */
function takeOne(session: Session, packet: Packet): News | undefined {
  if (packet.type === PUBLISH) return takePublish(session, packet);
  if (session.phase === 'greeting') {
    if (packet.type === CONNACK) takeConnack(session, packet);
    return packet.type === SUBACK ? takeSuback(session, packet) : undefined;
  }
  if (packet.type === PUBACK) return takePuback(session, packet);
  if (packet.type === PINGRESP) {
    session.pinged = false;
    session.proven = true;
  }
  return undefined;
}

/** Takes packets until one is news to others; what came on `down` is heard first. */
function takePackets(session: Session): News | undefined {
  let news: News | undefined = undefined;
  while (session.phase !== 'over' && session.heard === '' && news === undefined) {
    const packet = takePacket(session);
    if (packet === 'partial') return undefined;
    if (packet === 'broken') fail(session, 'the hub sent what is no MQTT');
    else news = takeOne(session, packet);
  }
  return news;
}

/** With '' once more, when what came on `down` has been heard. */
export function takeBytes(session: Session, bytes: Bytes): void {
  session.held += bytes;
  let news = takePackets(session);
  while (news !== undefined) {
    session.events.tell(news, ''); // the packet's reader is gone from memory
    news = takePackets(session);
  }
}
