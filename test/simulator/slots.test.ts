// The virtual board's loader decides as the real one does, in every state of the marks in both slots, and sets the same mark.

import { expect, it } from 'vitest';
import { BLANK, labelOf, MARK_BYTES, MARKS_BYTES, SET, SLOT } from '../../device/slots.ts';
import type { Bytes } from '../../shared/bytes.ts';
import { seededRandom } from '../../simulator/random.ts';
import { createFlash, PowerCut } from '../../simulator/world/flash.ts';
import { chooseSlot, codeIn, flashByCable, hasFirmware, slotsOn } from '../../simulator/world/slots.ts';
import { boot, createSlotStore } from '../device/slot-store.ts';

const MARKS = MARKS_BYTES / MARK_BYTES;
const CODE = 'global.ran=1;//';

/** A slot's file by the bits of its set marks; `undefined` where there is no file. */
function fileOf(state: number): Bytes | undefined {
  if (state === 2 ** MARKS) return undefined;
  return CODE + labelOf('sensor', 1) + Array.from({ length: MARKS }, (_, i) => ((state >> i) & 1 ? SET : BLANK)).join('');
}

it('chooses what the real loader chooses', () => {
  for (let first = 0; first <= 2 ** MARKS; first++) {
    for (let second = 0; second <= 2 ** MARKS; second++) {
      const [flash, store] = [createFlash(seededRandom(1, 'slots')), createSlotStore()];
      for (const [slot, state] of [first, second].entries()) {
        const file = fileOf(state);
        if (file === undefined) continue;
        flash.writeFile(`${SLOT}${slot}`, file);
        store.files.set(`${SLOT}${slot}`, Buffer.from(file, 'latin1'));
      }
      const chosen = chooseSlot(flash);
      const real = boot(store).slot;
      const after = [0, 1].map((slot) => flash.readFile(`${SLOT}${slot}`));
      const realAfter = [0, 1].map((slot) => store.read(`${SLOT}${slot}`));
      if (chosen !== real || after.some((file, slot) => file !== realAfter[slot])) {
        expect([first, second, chosen, after]).toEqual([first, second, real, realAfter]);
      }
    }
  }
});

it('writes blank bytes once, and a cut leaves a part of them', () => {
  const flash = createFlash(seededRandom(1, 'slots'));
  flashByCable(flash, CODE, 'sensor', 1);
  expect(hasFirmware(flash)).toBe(true);
  expect(codeIn(flash, chooseSlot(flash))).toBe(CODE);
  const { store } = slotsOn(flash, 0, () => undefined);
  expect(store.write(`${SLOT}1`, 'abcd', 0, 64)).toBe(true);
  expect(() => store.write(`${SLOT}1`, 'efgh', 0, 0)).toThrow(/already written/);
  expect(() => store.write(`${SLOT}1`, 'efgh', 62, 0)).toThrow(/Too much data/);
  flash.cutsNow = () => true;
  expect(() => store.write(`${SLOT}1`, 'efgh', 4, 0)).toThrow(PowerCut);
  expect(store.read(`${SLOT}1`)).toMatch(/^abcd(e?|ef|efg|efgh)\xff+$/);
});
