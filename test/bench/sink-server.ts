// The other yardstick of the ingest benchmark, and its limit: a server that reads QoS 1 PUBLISHes and acknowledges them, one write per chunk, and does nothing else. In: nothing. Out: its port as one
// JSON line. It knows just so much of MQTT that a load can set itself up.

import { createServer, type AddressInfo, type Socket } from 'node:net';

const ANSWERS: Readonly<Record<number, string>> = { 1: '\x20\x02\0\0', 8: '\x90\x03\0\0\0', 12: '\xd0\0' };
const PUBLISH = 3;

function serve(socket: Socket): void {
  let held: Buffer = Buffer.alloc(0);
  socket.on('error', () => {});
  socket.on('data', (chunk: Buffer) => {
    const data = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    let answers = '';
    let at = 0;
    while (at + 2 <= data.length) {
      let length = data[at + 1] as number;
      let body = at + 2;
      if (length > 127) {
        if (body >= data.length) break;
        length = (length & 127) | ((data[body++] as number) << 7);
      }
      if (body + length > data.length) break;
      const type = (data[at] as number) >> 4;
      if (type === PUBLISH) {
        const id = body + 2 + (((data[body] as number) << 8) | (data[body + 1] as number));
        answers += String.fromCharCode(0x40, 2, data[id] as number, data[id + 1] as number);
      } else answers += ANSWERS[type] ?? '';
      at = body + length;
    }
    held = data.subarray(at);
    if (answers !== '') socket.write(answers, 'latin1');
  });
}

const server = createServer({ noDelay: true }, serve);
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${JSON.stringify({ port: (server.address() as AddressInfo).port })}\n`);
});
