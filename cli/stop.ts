// When a long command shall stop: after a time, or when the user or the system says so. In: a duration or none. Out: a promise, and why it came
// true. A second Ctrl-C ends the process at once: a user who asks twice means it. One that follows within a moment is the first once more: the
// terminal sends it to the whole group, and npm passes it on again.

import { EXIT } from './exit.ts';

const ECHO_MS = 1000;

export type StopReason = 'time' | 'signal';

export function stopAfter(forMs: number | undefined): Promise<StopReason> {
  return new Promise((resolve) => {
    const timer = forMs === undefined ? undefined : setTimeout(() => resolve('time'), forMs);
    let askedMs: number | undefined;
    const onSignal = (): void => {
      const nowMs = performance.now();
      if (askedMs !== undefined) {
        if (nowMs - askedMs > ECHO_MS) process.exit(EXIT.interrupted);
        return;
      }
      askedMs = nowMs;
      clearTimeout(timer);
      resolve('signal');
    };
    process.on('SIGINT', onSignal);
    process.on('SIGTERM', onSignal);
  });
}
