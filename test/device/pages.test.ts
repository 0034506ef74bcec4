// Records in raw pages on a chip that behaves as NOR flash does: cut in every operation, at every byte, with worn pages and a lost half.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { append, createLog, newestIn } from '../../device/pages.ts';
import { createStorage, loadNewest, saveNext } from '../../device/storage.ts';
import type { FlashModel, Operation, Tear } from './flash-model.ts';
import { createFlashModel, PowerCut, randomOf, tear } from './flash-model.ts';
import { createNodeBoard } from './node-board.ts';

const OWNER = 'AAAAAAAAAAA';
const PAGES = 8;
const PAGE_BYTES = 256;

const storageOn = (flash: FlashModel) => createStorage({ ...createNodeBoard(new Map()), pageFlash: flash }, OWNER);
const load = (flash: FlashModel): string | undefined => loadNewest(storageOn(flash));
const recordOf = (turn: number): string => `record ${turn}`.padEnd(10 + ((turn * 7) % 90), '.');

/** Saves `count` records, then cuts the power in the given operation of the next ones. */
function cutAt(
  count: number,
  target: number,
  how: Tear,
  seed: number,
): { flash: FlashModel; saved: number; operation?: Operation } {
  const flash = createFlashModel(PAGES, PAGE_BYTES);
  const storage = storageOn(flash);
  let operations = 0;
  let saved = 0;
  let cut: Operation | undefined;
  flash.onOperation = (operation) => {
    if (operations++ !== target) return;
    cut = operation;
    tear(flash, operation, how, randomOf(seed));
    flash.dead = true;
    throw new PowerCut();
  };
  try {
    for (; saved < count; saved++) if (!saveNext(storage, recordOf(saved + 1))) break;
  } catch (error) {
    if (!(error instanceof PowerCut)) throw error;
  }
  return { flash: createFlashModel(PAGES, PAGE_BYTES, flash.cells), saved, ...(cut === undefined ? {} : { operation: cut }) };
}

describe('records in pages', () => {
  test('the newest is loaded after every save, round and round, and pages are erased in turn', () => {
    const flash = createFlashModel(PAGES, PAGE_BYTES);
    const storage = storageOn(flash);
    expect(load(flash)).toBeUndefined();
    for (let turn = 1; turn <= 300; turn++) {
      expect(saveNext(storage, recordOf(turn))).toBe(true);
      expect(load(flash)).toBe(recordOf(turn));
    }
    expect(Math.max(...flash.erasures) - Math.min(...flash.erasures)).toBeLessThanOrEqual(1);
  });

  test('a small record does not cost an erasure', () => {
    const flash = createFlashModel(16, 4096);
    const storage = storageOn(flash);
    for (let turn = 1; turn <= 1000; turn++) expect(saveNext(storage, 'x'.repeat(150))).toBe(true);
    expect(flash.erasures.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(44);
  });

  test('the page of the live record is never touched', () => {
    const flash = createFlashModel(PAGES, PAGE_BYTES);
    const storage = storageOn(flash);
    flash.onOperation = ({ page }) => expect(Math.floor(page / (PAGES / 2))).not.toBe(storage.live);
    for (let turn = 1; turn <= 100; turn++) saveNext(storage, recordOf(turn));
  });

  test.each(['none', 'whole', 'scattered', 'faint', 'byte'] as const)(
    'cut in every operation (%s): the last record or the one being written, and the board goes on',
    (how) => {
      for (let target = 0; target < 60; target++) {
        const { flash, saved, operation } = cutAt(60, target, how === 'byte' ? 0 : how, target);
        const length = operation?.kind === 'erase' ? PAGE_BYTES : (operation?.bytes.length ?? 0);
        const cuts = how === 'byte' ? Array.from({ length }, (_none, at) => at) : [how];
        for (const cut of cuts) {
          const torn = how === 'byte' ? cutAt(60, target, cut, target).flash : flash;
          const may = [saved === 0 ? undefined : recordOf(saved), recordOf(saved + 1)];
          const storage = storageOn(torn);
          expect(may).toContain(loadNewest(storage));
          for (let turn = 1000; turn < 1004; turn++) {
            expect(saveNext(storage, recordOf(turn))).toBe(true);
            expect(load(torn)).toBe(recordOf(turn));
          }
        }
      }
    },
  );

  test('cut again and again, also while it recovers', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const random = randomOf(seed);
        let cells = createFlashModel(PAGES, PAGE_BYTES).cells;
        let known = 0;
        for (let life = 0; life < 12; life++) {
          const flash = createFlashModel(PAGES, PAGE_BYTES, cells);
          const storage = storageOn(flash);
          const loaded = loadNewest(storage);
          expect([known, known + 1].map((turn) => (turn === 0 ? undefined : recordOf(turn)))).toContain(loaded);
          if (loaded === recordOf(known + 1)) known++;
          let left = Math.floor(random() * 12);
          flash.onOperation = (operation) => {
            if (left-- > 0) return;
            const tears: Tear[] = ['none', 'scattered', 'faint', 'whole', Math.floor(random() * 40)];
            tear(flash, operation, tears[Math.floor(random() * tears.length)] ?? 'none', random);
            flash.dead = true;
            throw new PowerCut();
          };
          try {
            for (;;) {
              expect(saveNext(storage, recordOf(known + 1))).toBe(true);
              known++;
            }
          } catch (error) {
            if (!(error instanceof PowerCut)) throw error;
          }
          cells = flash.cells;
        }
      }),
      { numRuns: 200 },
    );
  });

  test('a worn page is left for the next one; when a half is worn out, a save fails and the last record stands', () => {
    const flash = createFlashModel(PAGES, PAGE_BYTES);
    const storage = storageOn(flash);
    for (const page of [1, 5, 6]) flash.worn.add(page);
    flash.cells.fill(0, PAGE_BYTES, 2 * PAGE_BYTES);
    flash.cells.fill(0, 5 * PAGE_BYTES, 6 * PAGE_BYTES);
    flash.cells.fill(0x7f, 6 * PAGE_BYTES, 7 * PAGE_BYTES);
    let refused = 0;
    for (let turn = 1; turn <= 100; turn++) {
      while (!saveNext(storage, recordOf(turn))) refused++;
      expect(load(flash)).toBe(recordOf(turn));
    }
    expect(refused).toBeGreaterThan(0); // two worn pages in a row: the second save after them succeeds
    const half = storage.live === 0 ? 4 : 0;
    for (let page = half; page < half + 4; page++) flash.worn.add(page);
    flash.cells.fill(0, half * PAGE_BYTES, (half + 4) * PAGE_BYTES);
    for (let turn = 0; turn < 10; turn++) expect(saveNext(storage, 'lost')).toBe(false);
    expect(load(flash)).toBe(recordOf(100));
  });

  test('whatever lies in the pages: nothing is believed that is not whole, and saving works', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const random = randomOf(seed);
        const flash = createFlashModel(PAGES, PAGE_BYTES);
        flash.cells.forEach(
          (_cell, i) => (flash.cells[i] = random() < 0.3 ? 255 : 'TS\0\x20'.charCodeAt(Math.floor(random() * 4))),
        );
        const storage = storageOn(flash);
        expect(loadNewest(storage)).toBeUndefined();
        expect(storage.damaged).toBe(true);
        expect(saveNext(storage, 'first')).toBe(true);
        expect(load(flash)).toBe('first');
      }),
    );
  });

  test('a record that fits no page is refused', () => {
    const log = createLog(createFlashModel(2, 64), 0, 2);
    expect(newestIn(log, () => 1)).toBeUndefined();
    expect(append(log, 'x'.repeat(61))).toBe(false);
    expect(append(log, 'x'.repeat(60))).toBe(true);
  });
});
