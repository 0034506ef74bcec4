// How an ESP32 shows that it lives, and what ails it: its watchdog, and the lamp on its board. In: the firmware's calls. Out: native ones. It must never
// start the watchdog before the firmware has proven itself once, nor leave it unfed under another program: a board that is being loaded would restart.

import { createBlinker } from './blink.ts';

const WATCHDOG_SECONDS = 60;

/** A program that takes this one's place finds a watchdog that the idle loop feeds; all that it takes of memory is there from the start, so that none comes later. */
export function watchdogFeeder(): (() => void) | undefined {
  if (typeof E.enableWatchdog !== 'function') return undefined;
  E.on('kill', function () {
    E.enableWatchdog(WATCHDOG_SECONDS, true);
  });
  return function () {
    E.enableWatchdog(WATCHDOG_SECONDS, false); // once more changes nothing
    E.kickWatchdog();
  };
}

/** The lamp that ESP32 boards have on D2, which no machine may be wired to. */
export function lampCodes(): ((code: number) => void) | undefined {
  if (typeof LED1 === 'undefined') return undefined;
  return createBlinker(
    function (on) {
      digitalWrite(LED1, on);
    },
    function (ms, run) {
      setTimeout(run, ms);
    },
  );
}
