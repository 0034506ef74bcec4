// Boards and what is none: each way in which an upload cannot begin or must not be believed, on the real interpreter, and the sentence for it.

import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { BoardConsole } from '../../device/upload/board-console.ts';
import { openBoard } from '../../device/upload/board-console.ts';
import { readCounters } from '../../device/upload/counters.ts';
import { BoardFailed } from '../../device/upload/failed.ts';
import type { Port } from '../../device/upload/port.ts';
import { parsePort } from '../../device/upload/port.ts';
import { probe } from '../../device/upload/probe.ts';
import type { StoredFile } from '../../device/upload/upload.ts';
import { upload } from '../../device/upload/upload.ts';
import type { NetworkedBoard } from './networked-board.ts';
import { createNetworkedBoard, interpreterPath, TURN_MS } from './networked-board.ts';

if (interpreterPath === '')
  console.warn('SKIPPED: uploads to the real interpreter; set ESPRUINO to the path of an Espruino for Linux');

const CODE = 'global.loaded = 1;\n'.repeat(200);
const FILES = [{ name: '.bootcde', bytes: CODE }];

const fileOf = (length: number): StoredFile[] => [{ name: 'film', bytes: 'x'.repeat(length) }];

function portAt(text: string): Port {
  const port = parsePort(text);
  if (typeof port === 'string') throw new Error(port);
  return port;
}

async function failureOf(attempt: Promise<unknown>): Promise<string> {
  const failure = await attempt.then(
    () => 'nothing failed',
    (error: unknown) => error,
  );
  if (!(failure instanceof BoardFailed)) throw failure;
  return `${failure.kind}: ${failure.message}`;
}

describe('what is no board', () => {
  let server: Server;
  let board: BoardConsole | undefined;

  async function serve(onConnection: (socket: Socket) => void): Promise<Port> {
    server = createServer((socket) => {
      socket.on('error', () => undefined); // the client leaves
      onConnection(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return portAt(`tcp://127.0.0.1:${(server.address() as AddressInfo).port}`);
  }

  afterEach(async () => {
    board?.close();
    board = undefined;
    await new Promise((resolve) => server.close(resolve));
  });

  test('nobody listens', async () => {
    const port = await serve(() => undefined);
    await new Promise((resolve) => server.close(resolve));
    expect(await failureOf(openBoard(port))).toMatch(
      /^no-such-port: no board at tcp:\/\/127\.0\.0\.1:\d+: nothing listens there$/,
    );
  });

  test('it stays silent', async () => {
    board = await openBoard(await serve((socket) => socket.resume()));
    expect(await failureOf(board.greet(1500, true))).toMatch(/^board-does-not-answer: .* is it powered/);
  });

  test('it echoes', async () => {
    board = await openBoard(await serve((socket) => socket.pipe(socket)));
    expect(await failureOf(board.greet(1500, true))).toMatch(/^not-a-board: .* not an Espruino console/);
  });

  test('it hangs up', async () => {
    board = await openBoard(await serve((socket) => socket.resume().end()));
    expect(await failureOf(board.greet(1500, true))).toMatch(/^board-does-not-answer: /);
  });
});

describe.skipIf(interpreterPath === '')('boards that cannot take it', { timeout: 120_000 }, () => {
  let machine: NetworkedBoard;
  let board: BoardConsole;

  beforeEach(async () => {
    machine = await createNetworkedBoard();
    board = await openBoard(portAt(machine.port));
    await board.greet(10_000, true);
  }, TURN_MS);

  afterEach(async () => {
    board.close();
    await machine.remove();
  });

  /** Runs at every boot, before boot code and also after `reset`: this is how a board without a part is made. */
  async function bootsWith(code: string): Promise<void> {
    await board.ask(`require("Storage").write(".boot0",${JSON.stringify(code)})`, 5000);
    await board.reset(10_000);
  }

  test('the right board is described, written and read back; its other files stay, what would run instead goes', async () => {
    const facts = await probe(board, FILES);
    expect(facts.version).toMatch(/^\dv\d\d/);
    await board.ask('[require("Storage").write("owed","17"),require("Storage").write(".bootrst","global.loaded=2")]', 5000);
    const confirmed: number[] = [];
    await upload(board, FILES, (bytes) => confirmed.push(bytes));
    expect(confirmed).toEqual([1024, 2048, 3072, CODE.length]);
    const more = { name: 'octets', bytes: Buffer.from(Array.from({ length: 300 }, (_, i) => i & 255)).toString('latin1') };
    await upload(board, [...FILES, more], (bytes, totalBytes) => confirmed.push(bytes, totalBytes));
    expect(confirmed.slice(4)).toEqual([300, 300]);
    await board.ask('require("Storage").erase("octets")', 5000);
    expect(await board.ask('require("Storage").list().sort()', 5000)).toEqual(['.bootcde', 'owed']);
    expect(await board.ask('typeof loaded', 5000)).toBe('undefined');
    await board.load();
    await board.greet(10_000, false);
    expect(await board.ask('loaded', 5000)).toBe(1);
    expect(await readCounters((expression) => board.ask(expression, 5000))).toBeUndefined();
  });

  test('a connection that breaks is made again', async () => {
    await board.ask('global.kept=5', 5000);
    await machine.hangUp();
    await board.greet(10_000, false);
    expect(await board.ask('kept', 5000)).toBe(5);
  });

  test('a board that is deaf for a while is waited for', async () => {
    const deaf = '(function(){var t=Date.now();while(Date.now()<t+4000);})()';
    expect(await failureOf(board.ask(deaf, 1000))).toMatch(/^connection-lost: .* within 1 s$/);
    await board.greet(30_000, false);
    expect(await board.ask('1+1', 5000)).toBe(2);
  });

  test('what the board cannot do comes back in its own words', async () => {
    expect(await failureOf(board.ask('require("nothing")', 5000))).toMatch(/^board-refused: .*nothing/);
  });

  test('too old', async () => {
    await bootsWith('process.env={VERSION:"2v08",BOARD:"ESP32"};');
    expect(await failureOf(probe(board, fileOf(1000)))).toMatch(
      /^too-old: .*\(ESP32, Espruino 2v08\).* expected Espruino 2v15 or later/,
    );
  });

  test('without crypto', async () => {
    await bootsWith('Modules.addCached("crypto","exports={};");');
    expect(await failureOf(probe(board, fileOf(1000)))).toMatch(/^no-crypto: .*no crypto module/);
  });

  test('without room', async () => {
    const free = (await probe(board, fileOf(1000))).storageBytes;
    await board.ask(`require("Storage").write("song","x",0,${free - 20_000})`, 5000);
    expect(await failureOf(probe(board, fileOf(30_000)))).toMatch(
      /^not-enough-storage: .*expected 38192 free bytes, got 19\d{3};/,
    );
  });

  test('room that ends while writing', async () => {
    const free = (await probe(board, fileOf(1000))).storageBytes;
    await board.ask(`require("Storage").write("song","x",0,${free - 2000})`, 5000);
    expect(await failureOf(upload(board, FILES, () => undefined))).toMatch(
      /^not-enough-storage: .* refused byte 0 of 3800 of .bootcde \(.*file\): its Storage is full/,
    );
  });

  test('flash that does not hold what is written', async () => {
    const forwards = ['read', 'erase', 'getStats'].map((name) => `exports.${name}=function(a){return S.${name}(a)};`).join('');
    const worn = `${forwards}exports.write=function(n,d,o,s){return S.write(n,o==2048?"?"+d.substr(1):d,o,s)};`;
    await bootsWith(`global.S=require("Storage");Modules.addCached("Storage",${JSON.stringify(worn)});`);
    expect(await failureOf(upload(board, FILES, () => undefined))).toMatch(/^mismatch: .*SHA-256 of its 3800 bytes is another/);
  });
});
