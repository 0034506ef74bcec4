// An ESP32's spare flash as the records' pages: 64 KB that Espruino's partition table leaves free, outside the file store and its compaction. In:
// Espruino's Flash module. Out: pages, or nothing where the board does not offer this region. It must never name another address:
// what Espruino lists as free beside it overlaps other data.

/* eslint-disable @typescript-eslint/no-require-imports, @typescript-eslint/only-throw-error -- Espruino's modules have no other door, and its types are not the linter's */

import type { Bytes } from '../shared/bytes.ts';
import type { PageFlash } from './pages.ts';

const SPARE_ADDRESS = 0x310000;

/** Pages at an address that is known to be free. */
export function pagesAt(flash: FlashModule, address: number, bytes: number): PageFlash {
  const pageBytes = flash.getPage(address).length;
  return {
    pageBytes: pageBytes,
    pages: bytes / pageBytes,
    read: function (page, at, length): Bytes {
      const held = E.toString(flash.read(length, address + page * pageBytes + at));
      if (held === undefined || held.length !== length) throw new Error('no memory to read flash');
      return held;
    },
    isBlank: function (page, at, length) {
      return E.sum(flash.read(length, address + page * pageBytes + at)) === 255 * length;
    },
    write: function (page, at, bytes) {
      flash.write(bytes, address + page * pageBytes + at);
    },
    erase: function (page) {
      flash.erasePage(address + page * pageBytes);
    },
  };
}

export function sparePages(): PageFlash | undefined {
  try {
    const flash = require('Flash');
    for (const area of flash.getFree()) {
      if (area.addr === SPARE_ADDRESS) return pagesAt(flash, SPARE_ADDRESS, area.length);
    }
  } catch {
    // no such module: the records stay in files
  }
  return undefined;
}
