// What the hub does without being asked, every so often: draws claims into the books, writes down what was refused, and looks for what other processes have ordered. In: the rooms. Out: nothing.
// A database that is busy or full now is tried again at the next round: nothing is lost by waiting. A broken invariant ends the process.

import type { Logger } from 'pino';
import { drawClaims } from './draw.ts';
import type { Grants } from './grants.ts';
import { moment } from './moment.ts';
import type { Quarantine, RefusedGroup } from './quarantine.ts';
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

export const CLAIM_EVERY_MS = 5000;
/** One transaction's worth: a millisecond or two. Vouchers that come meanwhile wait for no more than that ... */
const CHANNELS_AT_ONCE = 12;
/** ... and then have the hub to themselves for so many times as long. */
const REST = 9;
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
  readonly held: Quarantine;
  readonly lookouts: Lookouts;
}

export interface Rounds {
  stop(): void;
}

export function openRounds({ store, held, lookouts }: RoundRooms, options: RoundOptions): Rounds {
  const { log } = options;
  const claims = drawInParts(store, log, options.claimEveryMs ?? CLAIM_EVERY_MS);
  const orders = setInterval(() => {
    if (store.health.read().kind === 'failing') store.probe();
    keepRefused(store, held, log);
    lookOrWait(lookouts, log);
  }, options.grantEveryMs ?? GRANT_EVERY_MS);
  return {
    stop() {
      claims.stop();
      clearInterval(orders);
    },
  };
}

/** Each part is an entry of its own. What is accepted and not in the database yet, the next round finds there. */
function drawInParts(store: Store, log: Logger, everyMs: number): Rounds {
  let rest: NodeJS.Timeout | undefined;
  const part = (): void => {
    const beganMs = performance.now();
    const isLast = drawOrWait(store, log) < CHANNELS_AT_ONCE;
    rest = isLast ? undefined : setTimeout(part, REST * (performance.now() - beganMs));
  };
  const round = setInterval(() => rest ?? part(), everyMs);
  return {
    stop() {
      clearInterval(round);
      clearTimeout(rest);
    },
  };
}

/** How many channels were drawn. */
function drawOrWait(store: Store, log: Logger): number {
  try {
    return drawClaims(store, moment().nowSeconds, CHANNELS_AT_ONCE).length;
  } catch (error) {
    log[isStorageFault(error) ? 'error' : 'fatal']({ err: error as Error }, 'claims could not be drawn');
    if (!isStorageFault(error)) throw error;
    return 0;
  }
}

/** Beside the groups' own commits, so that junk costs the disk one commit a second at most, and the log a line for each device and reason. False when there was nothing to be written, or none could be. */
export function keepRefused(store: Store, held: Quarantine, log: Logger): boolean {
  const groups = held.pending();
  if (groups.length === 0) return false;
  try {
    store.atomically(() => {
      for (const group of groups) store.quarantine.keep(group);
    });
    held.kept(groups);
    for (const group of groups) tellRefused(group, log);
    return true;
  } catch (error) {
    if (!isStorageFault(error)) throw error;
    log.error({ err: error, groups: groups.length }, 'refused messages could not be written down yet');
    return false;
  }
}

function tellRefused({ device, reason, messages, samples }: RefusedGroup, log: Logger): void {
  log.warn({ device, reason, detail: samples.at(-1)?.detail, messages }, 'refused messages');
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
