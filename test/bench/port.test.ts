// A board at a port as a place to measure: the real interpreter behind its telnet server. What it holds is not lost without a word, and nothing is left on it.

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { boardAt } from '../../device/bench/board.ts';
import { measureChains } from '../../device/bench/chains.ts';
import type { BoardConsole } from '../../device/upload/board-console.ts';
import { askAgain, openBoard } from '../../device/upload/board-console.ts';
import { parsePort } from '../../device/upload/port.ts';
import type { NetworkedBoard } from '../upload/networked-board.ts';
import { createNetworkedBoard, interpreterPath, TURN_MS } from '../upload/networked-board.ts';

if (interpreterPath === '')
  console.warn('SKIPPED: measuring on a board at a port; set ESPRUINO to the path of an Espruino for Linux');

describe.skipIf(interpreterPath === '')('a board at a port', { timeout: 300_000 }, () => {
  let networked: NetworkedBoard;
  let board: BoardConsole;

  beforeEach(async () => {
    networked = await createNetworkedBoard();
    const port = parsePort(networked.port);
    board = await openBoard(typeof port === 'string' ? expect.fail(port) : port);
    await board.greet(15_000, true);
  }, TURN_MS);

  afterEach(async () => {
    board.close();
    await networked.remove();
  });

  const ask = (expression: string): Promise<unknown> => askAgain(board, expression, 15_000, true);

  test('hash chains are measured there, and nothing of it stays', async () => {
    const figures = await measureChains(await boardAt(board, false));
    for (const [name, figure] of Object.entries(figures)) expect(figure, name).toBeGreaterThan(0);
    expect(figures.chainMs).toBeGreaterThan(figures.longestMs);
    expect(await ask('require("Storage").list()')).toEqual([]);
    expect(await ask('typeof bench')).toBe('undefined');
  });

  test('firmware and records are erased only if that was said', async () => {
    await ask('require("Storage").write("ts.a","record")&&require("Storage").write("notes","of others")');
    await expect(boardAt(board, false)).rejects.toThrow(/holds ts\.a, which measuring erases: say --overwrite/);
    expect(await ask('require("Storage").read("ts.a")')).toBe('record');
    await measureChains(await boardAt(board, true));
    expect(await ask('require("Storage").list()')).toEqual(['notes']);
  });
});
