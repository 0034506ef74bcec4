// Hubs and disks that are known to lose what they promise. In: which. Out: how the hub is started so. A harness that does not find them out is blind.

import type { PowerLossOptions } from './power-loss.ts';

/** `normal`: SQLite flushes no commit. `lies`: the disk says that it has flushed, and has not. */
export const CONTROLS = ['normal', 'lies'] as const;
export type Control = (typeof CONTROLS)[number];

export function controlled(
  control: Control | undefined,
  main: string,
  careless: string,
): Pick<PowerLossOptions, 'script' | 'env'> {
  switch (control) {
    case undefined:
      return { script: [main], env: {} };
    case 'normal':
      return { script: ['--import', careless, main], env: {} };
    case 'lies':
      return { script: [main], env: { TALLYSTICK_LIES: '1' } };
  }
}
