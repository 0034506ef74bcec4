// The broker's port with TLS: the same broker, the same guard. Real sockets and a certificate made for the test.

import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { connect as connectTls } from 'node:tls';
import { Duplex } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import type { Certificate } from './certificate.ts';
import { selfSigned } from './certificate.ts';
import type { Hub, HubOptions } from '../../hub/hub.ts';
import { enrolAt, payAt, startHub } from './fixture.ts';
import { connectPayer } from './payer.ts';
import { connectPacket } from '../load/connection.ts';

const CERTIFICATE: Certificate = selfSigned();

function startTlsHub(options: Partial<HubOptions> = {}): Promise<Hub> {
  return startHub({ tls: { ...CERTIFICATE, port: 0 }, ...options });
}

/** In the clear, where TLS is expected. */
function rawSocket(hub: Hub): Socket {
  const socket = connect(hub.tlsPort as number, '127.0.0.1').on('error', () => {});
  onTestFinished(() => void socket.destroy());
  return socket;
}

async function tlsSocket(hub: Hub): Promise<TLSSocket> {
  const socket = connectTls({ host: '127.0.0.1', port: hub.tlsPort, ca: CERTIFICATE.cert, servername: 'localhost' });
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => {}); // a reset is one of the ways to be cut
  await once(socket, 'secureConnect');
  return socket;
}

test('a device pays over TLS, and one beside it in the clear', async () => {
  const hub = await startTlsHub();
  expect(hub.tlsPort).not.toBe(hub.port);
  const hidden = await connectPayer(enrolAt(hub), { port: hub.tlsPort as number, ca: CERTIFICATE.cert });
  onTestFinished(() => hidden.end());
  const open = await payAt(hub);
  for (const payer of [hidden, open]) {
    await payer.send(payer.commitment(1));
    await payer.send(payer.payword(1, 3));
    await payer.hears((answer) => answer.kind === 'receipt' && answer.acceptedUnits === 3);
  }
  expect(hub.status().units.accepted).toBe(6);
});

/** What is written in one turn leaves in one piece. */
function gathering(socket: Socket): Duplex {
  let waiting: Buffer[] = [];
  const duplex = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      if (waiting.length === 0) setImmediate(flush);
      waiting.push(chunk);
      done();
    },
  });
  const flush = (): void => {
    socket.write(Buffer.concat(waiting));
    waiting = [];
  };
  socket.on('data', (chunk) => duplex.push(chunk));
  socket.on('close', () => duplex.push(null));
  return duplex;
}

test('a CONNECT that comes together with the last of the handshake is heard', async () => {
  const hub = await startTlsHub();
  const { device, password } = enrolAt(hub);
  const socket = connectTls({ socket: gathering(rawSocket(hub)), ca: CERTIFICATE.cert, servername: 'localhost' });
  onTestFinished(() => void socket.destroy());
  socket.once('secureConnect', () => socket.write(connectPacket({ clientId: device, password })));
  const [answer] = (await once(socket, 'data')) as [Buffer];
  expect([...answer]).toEqual([0x20, 2, 0, 0]);
});

test('the guard watches what comes out of TLS', async () => {
  const hub = await startTlsHub();
  const socket = await tlsSocket(hub);
  const closed = once(socket, 'close');
  socket.write(Buffer.from([0x10, 0x80, 0x80, 0x80, 0x64]));
  await closed;
});

test('who never finishes the handshake, or never says CONNECT, is cut', async () => {
  const hub = await startTlsHub({ limits: { connectMs: 200 } });
  const silent = rawSocket(hub);
  const clear = rawSocket(hub);
  clear.write(Buffer.from([0x10, 0x10, 0, 4, 0x4d, 0x51, 0x54, 0x54]));
  const closed = [silent, clear].map((socket) => once(socket, 'close'));
  const idle = await tlsSocket(hub);
  await Promise.all([...closed, once(idle, 'close')]);
});

test('connections are counted before their handshake', async () => {
  const hub = await startTlsHub({ limits: { connectionsPerAddress: 1 } });
  const first = await tlsSocket(hub);
  await once(rawSocket(hub), 'close');
  expect(first.destroyed).toBe(false);
});

test('a certificate that is none is refused in one sentence, and nothing stays open', async () => {
  await expect(startTlsHub({ tls: { cert: 'no certificate', key: CERTIFICATE.key, port: 0 } })).rejects.toThrow(
    /^the TLS certificate or its key cannot be used: /,
  );
});
