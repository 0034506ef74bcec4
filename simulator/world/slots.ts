// Where a virtual board keeps its firmware: two files of a store in which blank bytes are written once, and the loader's choice between them. In: the board's flash. Out: the
// slots as the firmware knows them, and which one runs next. The loader itself is a board's boot code and is tested as such; what it decides is written
// down here a second time. A power cut leaves the operation under way half done.

import type { Slots } from '../../device/board.ts';
import {
  BLANK,
  labelOf,
  MARK_BYTES,
  MARKS_BYTES,
  OUT,
  PROVEN,
  READY,
  SET,
  SLOT,
  TRAILER_BYTES,
  TRIAL,
} from '../../device/slots.ts';
import type { Bytes } from '../../shared/bytes.ts';
import type { Flash } from './flash.ts';

const TRIALS = 3;
const FREE_BYTES = 900_000;
const BLANK_BYTE = '\xff';

const nameOf = (slot: number): string => `${SLOT}${slot}`;
const isBlank = (bytes: Bytes): boolean => bytes === BLANK_BYTE.repeat(bytes.length);
const spliced = (file: Bytes, at: number, bytes: Bytes): Bytes =>
  file.substring(0, at) + bytes + file.substring(at + bytes.length);

/** As Storage.write: throws where it would. */
function write(flash: Flash, name: string, bytes: Bytes, at: number, size: number): boolean {
  let file = flash.readFile(name);
  if (at === 0 && size > 0 && (file?.length !== size || !isBlank(file))) {
    if (file !== undefined) flash.putFile(name, undefined, () => file);
    file = BLANK_BYTE.repeat(size);
    flash.putFile(name, file, () => undefined);
  }
  if (file === undefined || at + bytes.length > file.length) throw new Error('Too much data for file size');
  if (!isBlank(file.substring(at, at + bytes.length))) throw new Error('File already written with different data');
  const before = file;
  flash.putFile(name, spliced(before, at, bytes), (part) => spliced(before, at, bytes.substring(0, part(bytes.length))));
  return true;
}

export function slotsOn(flash: Flash, own: number, restart: () => void): Slots {
  return {
    own,
    store: {
      read: (name) => flash.readFile(name),
      write: (name, bytes, at, size) => write(flash, name, bytes, at, size),
      getStats: () => ({ freeBytes: FREE_BYTES }),
    },
    restart,
  };
}

/** What comes by cable: ready, tried, proven, and not out. */
export function flashByCable(flash: Flash, code: Bytes, build: string, version: number): void {
  flash.writeFile(nameOf(0), code + labelOf(build, version) + SET.repeat(PROVEN + 1) + BLANK);
}

export function hasFirmware(flash: Flash): boolean {
  return flash.readFile(nameOf(0)) !== undefined || flash.readFile(nameOf(1)) !== undefined;
}

/** The code in a slot, without the label and the marks behind it. */
export function codeIn(flash: Flash, slot: number): Bytes {
  const file = flash.readFile(nameOf(slot)) ?? '';
  return file.substring(0, file.length - TRAILER_BYTES);
}

/** Where a mark lies that is still blank; 0 once it is set. Without a file all are. */
function blankAt(flash: Flash, slot: number, mark: number): number {
  const file = flash.readFile(nameOf(slot));
  if (file === undefined) return 0;
  const at = file.length - MARKS_BYTES + MARK_BYTES * mark;
  return file.substring(at, at + MARK_BYTES) === BLANK ? at : 0;
}

export function isOnTrial(flash: Flash, slot: number): boolean {
  return blankAt(flash, slot, PROVEN) > 0;
}

/** Power on: the slot that runs, -1 for none. A start on trial is counted first. */
export function chooseSlot(flash: Flash): number {
  let proven = -1;
  let unproven = -1;
  for (const slot of [0, 1]) {
    if (blankAt(flash, slot, READY) > 0 || blankAt(flash, slot, OUT) === 0) continue;
    if (isOnTrial(flash, slot)) unproven = slot;
    else proven = slot;
  }
  const marks = Array.from({ length: TRIALS }, (_, i) => blankAt(flash, unproven, TRIAL + i));
  const trial = marks.find((at) => at > 0);
  if (trial !== undefined) write(flash, nameOf(unproven), SET, trial, 0);
  return trial !== undefined || proven < 0 ? unproven : proven;
}
