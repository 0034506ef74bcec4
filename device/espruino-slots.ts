// The two slots in Espruino's file store. In: the slot that the loader has started. Out: reading that takes no memory, and writing that never moves a file. It must
// never let the store put itself in order: that moves the code that runs, and a power cut during it can cost every file.

/* eslint-disable @typescript-eslint/no-require-imports, @typescript-eslint/only-throw-error -- Espruino's modules have no other door, and its types are not the linter's */

import type { Slots } from './board.ts';
import { SLOT } from './slots.ts';

export function startedSlots(): Slots | undefined {
  const storage = require('Storage');
  const own = global.TS;
  if (own === undefined) return undefined;
  return {
    own: own,
    read: function (slot) {
      const file = storage.read(SLOT + slot);
      return file === undefined ? '' : file;
    },
    write: function (slot, bytes, at, size) {
      try {
        return storage.write(SLOT + slot, bytes, at, size);
      } catch {
        return false; // full, worn out, or written already
      }
    },
    free: function () {
      return storage.getStats().freeBytes;
    },
    restart: load,
  };
}
