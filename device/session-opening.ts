// How a session begins: a connection, and the hello on it. In: the session. Out: the same, greeting; whatever the connection brings goes to it for as long as it is the
// session's own. It must never let an earlier connection speak.

import type { Session } from './session.ts';
import { endSession, fail, send, setTimer, topic } from './session.ts';
import { takeBytes } from './session-taking.ts';
import { connectPacket } from './mqtt.ts';

/** From the first byte out to the subscription's answer. */
const GREETING_MS = 10000;
/** 2023: no clock that is right says less. */
const EARLIEST_MS = 1.7e12;

function sayHello(session: Session): void {
  const fields = {
    client: session.device,
    user: session.device,
    password: session.config.password,
    keepaliveSeconds: session.config.keepaliveSeconds,
    willTopic: topic(session, 'status'),
    willPayload: session.events.willPayload(),
  };
  send(session, connectPacket(fields));
}

/** A certificate is not valid yet to a board whose clock still stands at 1970. */
export function unreachable(session: Session): string {
  const config = session.config;
  const clock = config.tls === undefined || session.board.nowMs() > EARLIEST_MS ? '' : '; wrong clock: configure --sntp';
  return 'could not connect to ' + config.host + ':' + config.port + clock;
}

/** Connects and says hello; everything else is told by events. False when a connection could not even be begun. */
export function openSession(session: Session): boolean {
  const config = session.config;
  session.phase = 'greeting';
  session.held = '';
  session.pinged = false;
  session.proven = false;
  session.packetId = 0;
  session.inFlight = '';
  session.turn++;
  const turn = session.turn;
  setTimer(session, GREETING_MS);
  session.socket = session.board.connect(
    config.host,
    config.port,
    {
      onOpen: function () {
        if (turn === session.turn) sayHello(session);
      },
      onData: function (bytes) {
        if (turn === session.turn) takeBytes(session, bytes);
      },
      onClose: function () {
        if (turn !== session.turn) return;
        session.socket = undefined;
        fail(session, session.phase === 'up' ? 'the connection was closed' : unreachable(session));
      },
    },
    config.tls,
  );
  if (session.socket !== undefined) return true;
  endSession(session);
  return false;
}
