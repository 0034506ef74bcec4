// What a session says: one PUBLISH of QoS 1 in flight, said again until it is acknowledged, and the retained status. In: payloads. Out: packets. It must never have two
// in flight.

import type { Bytes } from '../shared/bytes.ts';
import { duplicateOf, publishPacket, retainedPacket } from './mqtt.ts';
import type { Session } from './session.ts';
import { fail, send, topic } from './session.ts';

const ACK_MS = 5000;
const MAX_TRIES = 3;

/** Says it again with the DUP flag; after the last try the connection is given up. */
function awaitAck(session: Session): void {
  session.moved = true;
  session.ackTimer = session.board.after(ACK_MS, function () {
    session.ackTimer = undefined;
    session.tries++;
    if (session.tries >= MAX_TRIES) {
      fail(session, 'the hub stopped acknowledging');
      return;
    }
    send(session, duplicateOf(session.inFlight));
    awaitAck(session);
  });
}

/** Sends on `up` with QoS 1; only while nothing is in flight. */
export function sendUp(session: Session, payload: Bytes): void {
  if (session.phase !== 'up' || session.inFlight !== '') throw new Error('the session is not free');
  session.packetId = (session.packetId % 65000) + 1;
  session.inFlight = publishPacket(topic(session, 'up'), session.packetId, payload);
  session.tries = 0;
  send(session, session.inFlight);
  awaitAck(session);
}

/** Replaces the retained status. */
export function sendStatus(session: Session, payload: Bytes): void {
  send(session, retainedPacket(topic(session, 'status'), payload));
}
