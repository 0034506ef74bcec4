// The Board taken apart: what was asked of the object is asked of functions, and neither it nor what held it is left; a call that would hand on something else is refused.

import { createContext, runInContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { withOneBoard } from '../../device/build/one-board.ts';

const BOARD = 'var espruinoBoard = { double: function (n) { return 2 * n; }, lamp: void 0 };';

function outOf(script: string): unknown {
  const context = createContext({});
  runInContext(withOneBoard(`(function(){${BOARD}${script}})();`), context);
  return context['out'] as unknown;
}

describe('a Board taken apart', () => {
  test.each([
    ['asked itself', 'out = espruinoBoard.double(2);', 4],
    ['handed on', 'function f(board, n) { return board.double(n); } out = f(espruinoBoard, 3);', 6],
    ['handed on between others', 'function f(a, board, b) { return board.double(a - b); } out = f(5, espruinoBoard, 1);', 8],
    ['handed on last', 'function f(a, board) { return board.double(a); } out = f(5, espruinoBoard);', 10],
    ['held', 'function f(m) { return m.board.double(m.n); } out = f({ n: 6, board: espruinoBoard });', 12],
    ['under a name', 'function f(m) { var board = m.board; return board.double(7); } out = f({ board: espruinoBoard });', 14],
    ['with a function of its own handed on', 'function f(run) { return run(8); } out = f(espruinoBoard.double);', 16],
    ['where it has nothing', 'out = espruinoBoard.lamp === void 0;', true],
  ])('%s', (_name, script, wanted) => {
    expect(outOf(script)).toBe(wanted);
    expect(withOneBoard(`(function(){${BOARD}${script}})();`)).not.toMatch(/\bespruinoBoard\b|\.board\b/);
  });

  test.each([
    ['one that is called otherwise where it is taken', 'function f(b) { return b.double(1); } f(espruinoBoard);'],
    ['none where one is taken', 'function f(board) { return board.double(1); } f();'],
    ['something else where one is taken', 'function f(board) { return board.double(1); } f(1);'],
    ['a member that it has not', 'espruinoBoard.triple(1);'],
  ])('%s is refused', (_name, script) => {
    expect(() => withOneBoard(`(function(){${BOARD}${script}})();`)).toThrow(/expected a call of f|no member triple/);
  });
});
