// When a long command shall stop: after a time, or when the user or the system says so. In: a duration or none. Out: a promise, and why it came
// true. A second Ctrl-C ends the process at once: a user who asks twice means it.

import { EXIT } from './exit.ts';

export type StopReason = 'time' | 'signal';

export function stopAfter(forMs: number | undefined): Promise<StopReason> {
  return new Promise((resolve) => {
    const timer = forMs === undefined ? undefined : setTimeout(() => resolve('time'), forMs);
    let asked = false;
    const onSignal = (): void => {
      if (asked) process.exit(EXIT.interrupted);
      asked = true;
      clearTimeout(timer);
      resolve('signal');
    };
    process.on('SIGINT', onSignal);
    process.on('SIGTERM', onSignal);
  });
}
