// The two slots in Espruino's file store. In: the slot that the loader has started. Out: the store itself, and the way to start again. Nothing here may let the store
// put itself in order: that moves the code that runs, and a power cut during it can cost every file.

/* eslint-disable @typescript-eslint/no-require-imports -- Espruino's modules have no other door */

import type { Slots } from './board.ts';

export function startedSlots(): Slots | undefined {
  const own = global.TS;
  return own === undefined ? undefined : { own: own, store: require('Storage'), restart: load };
}
