// A counterpart made of a local server behind its faults. In: the server, and how a rail is opened against its address. Out: what the suite asks of a counterpart.

import type { Rail } from '../../hub/rails/rail.ts';
import type { Certificate } from '../hub/certificate.ts';
import type { Counterpart, Movement } from './conformance.ts';
import type { Counter, FaultyServer } from './faulty-server.ts';
import { FAULTS, faultyServer, READ_FAULTS } from './faulty-server.ts';
import type { TestClock } from './rail-world.ts';

export interface Serving extends Counter {
  readonly moved: readonly Movement[];
  /** What takes its time gets done. */
  readonly work: () => void;
}

export interface Served<S> extends Counterpart {
  readonly server: S;
  readonly door: FaultyServer;
}

const HOUR_MS = 3_600_000;

export async function served<S extends Serving>(
  server: S,
  clock: TestClock,
  open: (url: string) => Rail,
  certificate?: Certificate,
): Promise<Served<S>> {
  const door = await faultyServer(server, certificate);
  return {
    server,
    door,
    faults: [...FAULTS, ...READ_FAULTS],
    open: () => open(door.url),
    moved: () => server.moved,
    meet: door.meet,
    calm: door.calm,
    async passTime() {
      clock.pass(HOUR_MS);
      await door.arrive();
      server.work();
    },
    close: door.close,
  };
}
