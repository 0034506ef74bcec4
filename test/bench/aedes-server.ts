// The yardstick of the ingest benchmark: plain aedes with an empty hook, in a process of its own. In: nothing. Out: its port as one JSON line. It
// authenticates nobody, stores nothing and verifies nothing.

import { createServer, type AddressInfo } from 'node:net';
import { Aedes } from 'aedes';

const broker = await Aedes.createBroker();
broker.authorizePublish = (_client, _packet, callback) => callback(null);
const server = createServer((socket) => broker.handle(socket));
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${JSON.stringify({ port: (server.address() as AddressInfo).port })}\n`);
});
