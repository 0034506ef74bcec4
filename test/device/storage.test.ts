// Storage under power cuts: every write is cut at every byte, in every way in which flash tears, and the board must load the old record or the new one.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openRecord, sealRecord } from '../../device/record.ts';
import { createStorage, loadNewest, saveNext } from '../../device/storage.ts';
import { createNodeBoard } from './node-board.ts';
import type { Flash } from './node-board.ts';

const OWNER = 'AAAAAAAAAAA';

/** What flash may hold when the power went after `cut` of the new bytes. */
const TEARS: ReadonlyArray<readonly [string, (before: string | undefined, after: string, cut: number) => string | undefined]> = [
  ['the rest erased', (_before, after, cut) => after.slice(0, cut) + '\xff'.repeat(after.length - cut)],
  ['the rest zero', (_before, after, cut) => after.slice(0, cut) + '\0'.repeat(after.length - cut)],
  ['cut short', (_before, after, cut) => after.slice(0, cut)],
  ['the rest as before', (before = '', after, cut) => after.slice(0, cut) + before.slice(cut, after.length)],
  ['gone', () => undefined],
];

function load(flash: Flash): string | undefined {
  return loadNewest(createStorage(createNodeBoard(flash), OWNER));
}

/** The flash after saving all of `records`. */
function savedFlash(records: readonly string[]): Flash {
  const flash: Flash = new Map();
  const storage = createStorage(createNodeBoard(flash), OWNER);
  for (const record of records) expect(saveNext(storage, record)).toBe(true);
  return flash;
}

describe('records', () => {
  test('the newest is loaded, from either file', () => {
    expect(load(new Map())).toBeUndefined();
    for (let count = 1; count <= 5; count++) {
      const records = Array.from({ length: count }, (_none, at) => 'record ' + at);
      expect(load(savedFlash(records))).toBe(records.at(-1));
    }
  });

  test.each(TEARS)('torn at every byte, %s: the old one or the new one', (_name, tear) => {
    for (const records of [['one'], ['one', 'two'], ['one', 'two', 'a longer three'], ['one', 'a longer two', '3']]) {
      const last = records.at(-1) as string;
      const before = savedFlash(records.slice(0, -1));
      const after = savedFlash(records);
      const [file] = [...after].find(([name, bytes]) => before.get(name) !== bytes) as [string, string];
      const written = after.get(file) as string;
      for (let cut = 0; cut <= written.length; cut++) {
        const torn = new Map(after);
        const bytes = tear(before.get(file), written, cut);
        if (bytes === undefined) torn.delete(file);
        else torn.set(file, bytes);
        expect([records.at(-2), last]).toContain(load(torn));
        if (bytes === written) expect(load(torn)).toBe(last);
      }
    }
  });

  test('after a torn write the board goes on, and a second tear still leaves the last good record', () => {
    const flash = savedFlash(['one', 'two']);
    const board = createNodeBoard(flash);
    const storage = createStorage(board, OWNER);
    expect(loadNewest(storage)).toBe('two');
    board.flashWorks = false;
    expect(saveNext(storage, 'three')).toBe(false);
    board.flashWorks = true;
    const live = new Map(flash);
    expect(saveNext(storage, 'three')).toBe(true);
    const changed = [...flash].filter(([name, bytes]) => live.get(name) !== bytes).map(([name]) => name);
    expect(changed).toEqual(['ts.a']); // 'two' lies in ts.b and was not touched
    expect(load(flash)).toBe('three');
  });

  test('of another device, or with any byte changed, are none', () => {
    const board = createNodeBoard(new Map());
    const record = sealRecord(board, OWNER, 'content');
    expect(openRecord(board, OWNER, record)).toBe('content');
    expect(openRecord(board, 'another', record)).toBeUndefined();
    fc.assert(
      fc.property(fc.nat(record.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const changed = record.slice(0, at) + String.fromCharCode(record.charCodeAt(at) ^ flip) + record.slice(at + 1);
        expect(openRecord(board, OWNER, changed)).toBeUndefined();
      }),
    );
  });
});
