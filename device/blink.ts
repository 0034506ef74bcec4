// A lamp that says a number: so many short flashes, a pause, again. In: a number, a lamp, and timers. Out: light. Saying another number, or 0, ends it.

const FLASH_MS = 200;
const PAUSE_MS = 1500;

export function createBlinker(
  setLamp: (on: boolean) => void,
  after: (ms: number, run: () => void) => void,
): (code: number) => void {
  let shown = 0;
  let running = false;
  let step = 0;
  function next(): void {
    const on = step < 2 * shown && step % 2 === 0;
    setLamp(on);
    running = shown > 0;
    if (!running) return;
    const last = step >= 2 * shown - 1;
    step = last ? 0 : step + 1;
    after(last ? PAUSE_MS : FLASH_MS, next);
  }
  return function (code) {
    shown = code;
    step = 0;
    if (!running) next();
  };
}
