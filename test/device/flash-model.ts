// NOR flash as it really is, with a power switch: writing only clears bits, erasing sets a page's; a cut leaves an operation half done, in any order of
// bits within what was asked for. In: a seed, and when to cut. Out: pages for a board, and what they hold afterwards. Misuse throws,
// for the firmware must not rely on what a chip does with it.

import type { Bytes } from '../../shared/bytes.ts';
import type { PageFlash } from '../../device/pages.ts';

/** The power is gone: nothing that the firmware could catch and go on from, for every later operation throws it again. */
export class PowerCut extends Error {
  constructor() {
    super('the power is cut');
  }
}

export interface Operation {
  readonly kind: 'write' | 'erase';
  readonly page: number;
  readonly at: number;
  /** What is written; '' for an erasure. */
  readonly bytes: Bytes;
}

export interface FlashModel extends PageFlash {
  /** What the chip holds. */
  readonly cells: Uint8Array;
  readonly erasures: number[];
  /** Called before an operation is done. */
  onOperation: (operation: Operation) => void;
  /** Pages that can no longer be erased or written. */
  readonly worn: Set<number>;
  /** Every later operation fails with a PowerCut. */
  dead: boolean;
}

export type Random = () => number;

/** Mulberry32: small, and the same everywhere. */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

export function createFlashModel(pages: number, pageBytes: number, cells?: Uint8Array): FlashModel {
  const held = cells === undefined ? new Uint8Array(pages * pageBytes).fill(255) : Uint8Array.from(cells);
  const model: FlashModel = {
    pages,
    pageBytes,
    cells: held,
    erasures: Array.from({ length: pages }, () => 0),
    onOperation: () => undefined,
    worn: new Set(),
    dead: false,
    read(page, at, length) {
      if (model.dead) throw new PowerCut();
      checkRange(model, page, at, length);
      return Buffer.from(held.subarray(page * pageBytes + at, page * pageBytes + at + length)).toString('latin1');
    },
    isBlank: (page, at, length) => model.read(page, at, length) === '\xff'.repeat(length),
    write(page, at, bytes) {
      if (model.dead) throw new PowerCut();
      const operation: Operation = { kind: 'write', page, at, bytes };
      checkWrite(model, operation);
      model.onOperation(operation);
      if (!model.worn.has(page)) tear(model, operation, 'whole', () => 0);
    },
    erase(page) {
      if (model.dead) throw new PowerCut();
      checkRange(model, page, 0, pageBytes);
      model.onOperation({ kind: 'erase', page, at: 0, bytes: '' });
      model.erasures[page] = (model.erasures[page] ?? 0) + 1;
      if (!model.worn.has(page)) held.fill(255, page * pageBytes, (page + 1) * pageBytes);
    },
  };
  return model;
}

function checkRange(model: FlashModel, page: number, at: number, length: number): void {
  const inside = page >= 0 && page < model.pages && at >= 0 && length > 0 && at + length <= model.pageBytes;
  if (!inside) throw new Error(`flash: ${length} bytes at ${at} of page ${page} are outside`);
}

function checkWrite(model: FlashModel, { page, at, bytes }: Operation): void {
  checkRange(model, page, at, bytes.length);
  if (at % 4 !== 0 || bytes.length % 4 !== 0) throw new Error(`flash: ${bytes.length} bytes at ${at} are not aligned to four`);
  for (let i = 0; i < bytes.length; i++) {
    if (model.cells[page * model.pageBytes + at + i] !== 255)
      throw new Error(`flash: written twice at ${at + i} of page ${page}`);
  }
}

/**
 * How much of an operation is done when the power goes:
 * whole; none; a number: so many bytes in order, and the next one in part; scattered: each bit of the last 256-byte stretch or of the page by chance;
 * faint: all but a few bits.
 */
export type Tear = 'whole' | 'none' | 'scattered' | 'faint' | number;

const STRETCH_BYTES = 256;

/** The share of bits that have changed at offset `i`. */
function shareAt(tear: Tear, i: number, length: number, random: Random): number {
  switch (tear) {
    case 'whole':
      return 1;
    case 'none':
      return 0;
    case 'faint':
      return 0.999;
    case 'scattered':
      return i < length - STRETCH_BYTES ? 1 : random() < 0.5 ? 0 : random();
    default:
      return i < tear ? 1 : i === tear ? 0.5 : 0;
  }
}

/** Leaves the operation as far done as the tear says. */
export function tear(model: FlashModel, operation: Operation, how: Tear, random: Random): void {
  const length = operation.kind === 'erase' ? model.pageBytes : operation.bytes.length;
  const start = operation.page * model.pageBytes + operation.at;
  for (let i = 0; i < length; i++) {
    const share = shareAt(how, i, length, random);
    const before = model.cells[start + i] as number;
    const wanted = operation.kind === 'erase' ? 255 : operation.bytes.charCodeAt(i) & before;
    let mask = share === 1 ? 255 : 0;
    if (share > 0 && share < 1) for (let bit = 0; bit < 8; bit++) if (random() < share) mask |= 1 << bit;
    model.cells[start + i] = (before & ~mask) | (wanted & mask);
  }
}
