// One process of a fleet in several: it runs its part as it is told, and says once a second how its machines stand, or less often where that takes long. In: messages
// of the process that started it. Out: views of its machines. It ends when it is told to, or when nobody listens any more.

import { createFleet } from './fleet.ts';
import type { Fleet } from './fleet.ts';
import type { FromPart, ToPart } from './live-parts.ts';

const SAY_EVERY_MS = 1000;
/** Of ten thousand machines, saying it takes a while: the boards need the time. */
const SAY_SHARE = 0.05;

let fleet: Fleet | undefined;

function say(): void {
  const message: FromPart = { machines: fleet?.machines() ?? [] };
  if (process.connected) process.send?.(message);
}

process.on('message', (message: ToPart) => {
  switch (message.kind) {
    case 'fleet':
      fleet = createFleet({ ...message.options, log: () => undefined });
      break;
    case 'start':
      fleet?.start();
      break;
    case 'stopUse':
      fleet?.stopUse();
      break;
    case 'close':
      fleet?.close();
      break;
    case 'halt':
      fleet?.halt();
      process.exit(0);
  }
  say();
});
process.on('disconnect', () => process.exit(0));
// The terminal sends Ctrl-C to the whole group; the process that started this one decides what it means.
process.on('SIGINT', () => undefined);

function goOn(): void {
  const beganMs = performance.now();
  say();
  setTimeout(goOn, Math.max(SAY_EVERY_MS, (performance.now() - beganMs) / SAY_SHARE));
}
goOn();
