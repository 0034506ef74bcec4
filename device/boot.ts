// The loader: the board's boot code, which no update touches. In: the two slots, whose layout slots.ts gives; its numbers are written out here, for the size. Out: the
// global TS, the slot that runs next; -1 for none. A new firmware is counted before it runs and has three starts to prove itself, each within ten minutes; then the
// old one runs again. It must never depend on the new code behaving: what hangs, throws or stays silent is started again from here.

/* eslint-disable @typescript-eslint/no-require-imports -- Espruino's modules have no other door */

const storage = require('Storage');
let proven = -1;
let unproven = -1;
let trial = 0;

/** Where a mark lies that is still blank: 0 ready, 1 to 3 trials, 4 proven, 5 out. 0 once it is set; without a file all are, and so it is out. */
function blankAt(slot: number, mark: number): number {
  const file = storage.read('ts.fw' + slot);
  if (file === undefined) return 0;
  const at = file.length + 4 * mark - 24;
  return file.substring(at, at + 4) === '\xff\xff\xff\xff' ? at : 0;
}

for (let slot = 0; slot < 2; slot++) {
  if (blankAt(slot, 0) || !blankAt(slot, 5)) continue;
  if (blankAt(slot, 4)) unproven = slot;
  else proven = slot;
}
for (let mark = 1; mark < 4 && !trial; mark++) {
  trial = blankAt(unproven, mark);
}
try {
  if (trial) storage.write('ts.fw' + unproven, '\0\0\0\0', trial);
} catch {
  if (proven >= 0) unproven = proven; // flash refuses: then the old one runs
}
// Without trials left it runs only if the other is out: it has proven itself, and the power was cut between the two marks that say so.
const chosen = trial || proven < 0 ? unproven : proven;
global.TS = chosen;
if (trial) {
  if (typeof E.enableWatchdog === 'function') E.enableWatchdog(60, true);
  let looks = 0;
  const timer = setInterval(function () {
    if (!blankAt(chosen, 4)) clearInterval(timer);
    else if (global.tallystick === undefined || ++looks > 60) load();
  }, 10000);
}
