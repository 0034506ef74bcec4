// A board's flash in the simulated world: raw NOR pages for the records, and a small file store. Writing only clears bits, erasing sets those of a page;
// a power cut leaves the operation under way half done. In: operations of the firmware. Out: the same cells after every reboot. It must
// never undo what was written: an older image comes back only when a fault puts it there.

import type { PageFlash } from '../../device/pages.ts';
import type { Bytes } from '../../shared/bytes.ts';
import type { Random } from '../random.ts';

/** The power is gone. Nothing that the firmware could catch and go on from: the board throws it again at every later touch. */
export class PowerCut extends Error {
  constructor() {
    super('the power is cut');
  }
}

export interface FlashImage {
  readonly pages: ReadonlyArray<Buffer | undefined>;
  readonly files: ReadonlyMap<string, Bytes>;
}

export interface Flash {
  readonly pageFlash: PageFlash;
  readFile(name: string): Bytes | undefined;
  writeFile(name: string, bytes: Bytes): boolean;
  /** The same for one operation of the store, `undefined` takes the file away; a cut in the middle of it leaves what `torn` says, which may ask for a part of a length. */
  putFile(name: string, bytes: Bytes | undefined, torn: (part: (length: number) => number) => Bytes | undefined): void;
  /** Asked before each write and erasure: true cuts the power in the middle of it. */
  cutsNow: () => boolean;
  /** Pages that take nothing any more, as after their last erasure. */
  readonly worn: Set<number>;
  /** Pages wear out after so many erasures. */
  enduranceErasures: number;
  operations: number;
  mostErasures(): number;
  image(): FlashImage;
  restore(image: FlashImage): void;
  /** Turns some bits over anywhere, as ageing cells do. */
  corrupt(bits: number): void;
}

const PAGES = 16;
const PAGE_BYTES = 4096;
const ERASED = 255;
const BLANK: Bytes = '\xff'.repeat(PAGE_BYTES);

export function createFlash(random: Random): Flash {
  // A page takes memory once it is written: ten thousand boards hardly touch theirs.
  const pages: Array<Buffer | undefined> = new Array<undefined>(PAGES).fill(undefined);
  const files = new Map<string, Bytes>();
  const erasures = new Array<number>(PAGES).fill(0);

  const cellsOf = (page: number): Buffer => (pages[page] ??= Buffer.alloc(PAGE_BYTES, ERASED));

  /** Half done: bytes in order up to some place, and the bits of the next stretch by chance. */
  function tear(cells: Buffer, start: number, wanted: (i: number) => number, length: number): void {
    const done = random.integer(0, length);
    for (let i = 0; i < done; i++) cells[start + i] = wanted(i);
    for (let i = done; i < Math.min(length, done + 4); i++) {
      const before = cells[start + i] as number;
      const mask = random.integer(0, 255);
      cells[start + i] = (before & ~mask) | (wanted(i) & mask);
    }
  }

  const pageFlash: PageFlash = {
    pages: PAGES,
    pageBytes: PAGE_BYTES,
    read: (page, at, length) => pages[page]?.toString('latin1', at, at + length) ?? BLANK.substring(0, length),
    isBlank: (page, at, length) => pageFlash.read(page, at, length) === BLANK.substring(0, length),
    write(page, at, bytes) {
      flash.operations++;
      const cells = cellsOf(page);
      const wanted = (i: number): number => bytes.charCodeAt(i) & (cells[at + i] as number);
      if (flash.cutsNow()) {
        tear(cells, at, wanted, bytes.length);
        throw new PowerCut();
      }
      if (flash.worn.has(page)) return;
      for (let i = 0; i < bytes.length; i++) cells[at + i] = bytes.charCodeAt(i) & (cells[at + i] as number);
    },
    erase(page) {
      flash.operations++;
      erasures[page] = (erasures[page] as number) + 1;
      if (flash.cutsNow()) {
        tear(cellsOf(page), 0, () => ERASED, PAGE_BYTES);
        throw new PowerCut();
      }
      if (erasures[page] > flash.enduranceErasures) flash.worn.add(page);
      if (!flash.worn.has(page)) pages[page]?.fill(ERASED);
    },
  };

  const flash: Flash = {
    pageFlash,
    readFile: (name) => files.get(name),
    writeFile(name, bytes) {
      flash.operations++;
      if (flash.cutsNow()) {
        files.set(name, bytes.substring(0, random.integer(0, bytes.length)));
        throw new PowerCut();
      }
      files.set(name, bytes);
      return true;
    },
    putFile(name, bytes, torn) {
      flash.operations++;
      const isCut = flash.cutsNow();
      const left = isCut ? torn((length) => random.integer(0, length)) : bytes;
      if (left === undefined) files.delete(name);
      else files.set(name, left);
      if (isCut) throw new PowerCut();
    },
    cutsNow: () => false,
    worn: new Set(),
    enduranceErasures: Infinity,
    operations: 0,
    mostErasures: () => Math.max(...erasures),
    image: () => ({ pages: pages.map(copyOf), files: new Map(files) }),
    restore(image) {
      for (let page = 0; page < PAGES; page++) pages[page] = copyOf(image.pages[page]);
      files.clear();
      for (const [name, bytes] of image.files) files.set(name, bytes);
    },
    corrupt(bits) {
      for (let i = 0; i < bits; i++) {
        const cells = cellsOf(random.integer(0, PAGES - 1));
        const at = random.integer(0, PAGE_BYTES - 1);
        cells[at] = (cells[at] as number) ^ (1 << random.integer(0, 7));
      }
    },
  };
  return flash;
}

function copyOf(page: Buffer | undefined): Buffer | undefined {
  return page === undefined ? undefined : Buffer.from(page);
}
