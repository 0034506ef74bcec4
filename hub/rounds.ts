// What the hub does without being asked, every so often: draws claims into the books, writes down what was refused, and looks for what other processes have ordered. In: the rooms. Out: nothing.
// A database that is busy or full now is tried again at the next round: nothing is lost by waiting. A broken invariant ends the process.

import type { Logger } from 'pino';
import { drawClaims } from './draw.ts';
import type { Grants } from './grants.ts';
import { moment } from './moment.ts';
import type { Quarantine } from './quarantine.ts';
import type { Releases } from './release.ts';
import type { Replays } from './replay.ts';
import type { Retention } from './retention.ts';
import { isStorageFault } from './storage-fault.ts';
import type { Store } from './store.ts';
import type { Updates } from './updates.ts';

export interface RoundOptions {
  readonly log: Logger;
  /** How often claims are drawn into the books. */
  readonly claimEveryMs?: number;
  /** How often ceilings that another process has raised, and orders that it has given, are looked for. */
  readonly grantEveryMs?: number;
}

const CLAIM_EVERY_MS = 5000;
const GRANT_EVERY_MS = 1000;

interface Lookouts {
  readonly grants: Grants;
  readonly updates: Updates;
  readonly replays: Replays;
  readonly releases: Releases;
  readonly retention: Retention;
}

interface RoundRooms {
  readonly store: Store;
  /** The store, with all in it that was accepted by now. */
  readonly upToDate: () => Store;
  readonly held: Quarantine;
  readonly lookouts: Lookouts;
}

export interface Rounds {
  stop(): void;
}

export function openRounds({ store, upToDate, held, lookouts }: RoundRooms, options: RoundOptions): Rounds {
  const { log } = options;
  const claims = setInterval(() => drawOrWait(upToDate, log), options.claimEveryMs ?? CLAIM_EVERY_MS);
  const orders = setInterval(() => {
    if (store.health.read().kind === 'failing') store.probe();
    keepRefused(store, held, log);
    lookOrWait(lookouts, log);
  }, options.grantEveryMs ?? GRANT_EVERY_MS);
  return {
    stop() {
      clearInterval(claims);
      clearInterval(orders);
    },
  };
}

function drawOrWait(upToDate: () => Store, log: Logger): void {
  try {
    drawClaims(upToDate(), moment().nowSeconds);
  } catch (error) {
    log[isStorageFault(error) ? 'error' : 'fatal']({ err: error as Error }, 'claims could not be drawn');
    if (!isStorageFault(error)) throw error;
  }
}

/** Beside the groups' own commits, so that junk costs the disk one commit a second at most. */
export function keepRefused(store: Store, held: Quarantine, log: Logger): void {
  const groups = held.pending();
  if (groups.length === 0) return;
  try {
    store.atomically(() => {
      for (const group of groups) store.quarantine.keep(group);
    });
    held.kept();
  } catch (error) {
    if (!isStorageFault(error)) throw error;
    log.error({ err: error, groups: groups.length }, 'refused messages could not be written down yet');
  }
}

function lookOrWait({ grants, updates, replays, releases, retention }: Lookouts, log: Logger): void {
  try {
    grants.look();
    updates.look();
    replays.look();
    releases.look();
    retention.look(moment().nowSeconds);
  } catch (error) {
    log[isStorageFault(error) ? 'error' : 'fatal']({ err: error as Error }, 'ceilings and orders could not be looked up');
    if (!isStorageFault(error)) throw error;
  }
}
