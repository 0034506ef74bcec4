// The one who keeps the hub running: starts it, sees it die, starts it again; and, when a fault says so, kills it between two steps of its work. In: what the hub
// does and how it ends. Out: a hub that is up again after a while, and the auditor's connection to its database. Whatever else ends a hub is
// a broken promise.

import Database from 'better-sqlite3';
import type { Store } from '../../hub/store.ts';
import { openStore } from '../../hub/store.ts';
import type { Auditor } from '../audit/auditor.ts';
import type { Peek } from '../audit/peek.ts';
import { openPeek } from '../audit/peek.ts';
import type { Random } from '../random.ts';
import type { Clock } from './clock.ts';
import type { Disk } from './disk.ts';
import type { Site } from './site.ts';
import { HubKilled } from './hub-parts.ts';

export interface KeeperOptions {
  readonly site: Site;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly auditor: Auditor;
  readonly random: Random;
  readonly fault: (kind: string, detail: string) => void;
}

export interface Keeper {
  eyes(): Store | undefined;
  /** The same, opened now. */
  eyesAnew(): Store | undefined;
  peek(): Peek | undefined;
  onStep(step: string): void;
  start(): void;
  /** Asked to stop, and back after a while. */
  restart(downMs: number): void;
  /** Dies at one of its next steps, and is back after a while. */
  killSoon(kind: 'killed' | 'power lost', downMs: number): void;
  /** Each commit is refused for so long. */
  fillDisk(ms: number): void;
  /** Each commit meets an I/O error for so long. */
  failDisk(ms: number): void;
  ended(error: Error): void;
  isUp(): boolean;
  close(): void;
}

const KILL_WITHIN_STEPS = 120;
/** Most steps take in vouchers; those that move money are few, and every third kill waits for one of them. */
const ANYWHERE = /^/;
const WHERE_MONEY_MOVES = [/^(batches|books)[.]/, /^(payouts|heads|particulars|reservations|lots|claimDays|rail)[.]/] as const;
const MONEY_STEPS = 12;
/** After an end that nobody planned. */
const RECOVER_MS = 10_000;

interface Doom {
  readonly kind: 'killed' | 'power lost';
  readonly downMs: number;
  readonly where: RegExp;
  steps: number;
}

export function createKeeper({ site, disk, clock, auditor, random, fault }: KeeperOptions): Keeper {
  let eyes: Store | undefined;
  let peek: Peek | undefined;
  let doom: Doom | undefined;
  let fullUntilMs = -1;
  let failsUntilMs = -1;

  function blind(): void {
    eyes?.close();
    eyes = undefined;
    peek?.close();
    peek = undefined;
  }

  function start(): void {
    if (site.store() !== undefined) return;
    doom = undefined;
    auditor.hubComes();
    try {
      site.start();
      peek = openPeek(disk.dir());
    } catch (error) {
      // Even while it starts it may be killed, or find the disk full or failing.
      if (!(error instanceof HubKilled) && clock.nowMs >= Math.max(fullUntilMs, failsUntilMs))
        auditor.broken('hub-starts', (error as Error).message);
      if (site.store() !== undefined) site.crash('killed');
      clock.after(RECOVER_MS, start);
      return;
    }
    auditor.audit();
  }

  function die(kind: 'killed' | 'power lost', downMs: number): void {
    auditor.hubGone();
    blind();
    site.crash(kind);
    clock.after(downMs, start);
  }

  return {
    eyes: () => eyes,
    eyesAnew() {
      if (peek === undefined) return undefined;
      eyes?.close();
      eyes = openStore(disk.dir(), { readonly: true });
      return eyes;
    },
    peek: () => peek,
    isUp: () => site.store() !== undefined,
    onStep(step) {
      if (step === 'begin' || step === 'journal.append') auditor.booksChange();
      const isWritten = step === 'commit' || step === 'journal.append';
      if (isWritten && clock.nowMs < fullUntilMs) throw sqliteError('SQLITE_FULL', 'database or disk is full');
      if (isWritten && clock.nowMs < failsUntilMs) throw sqliteError('SQLITE_IOERR_FSYNC', 'disk I/O error');
      if (doom === undefined) return;
      if (!doom.where.test(step) || doom.steps-- > 0) return;
      fault(`hub ${doom.kind}`, step);
      throw new HubKilled(step);
    },
    start,
    restart(downMs) {
      if (site.store() === undefined) return;
      fault('hub restarted', '');
      site.stop();
      if (site.store() !== undefined) return;
      auditor.booksChange();
      blind();
      clock.after(downMs, start);
    },
    killSoon(kind, downMs) {
      const atMoney = random.integer(0, 2) === 0;
      const where = atMoney ? WHERE_MONEY_MOVES[random.integer(0, 1) as 0 | 1] : ANYWHERE;
      doom = { kind, downMs, where, steps: random.integer(0, atMoney ? MONEY_STEPS : KILL_WITHIN_STEPS) };
    },
    fillDisk(ms) {
      fullUntilMs = clock.nowMs + ms;
    },
    failDisk(ms) {
      failsUntilMs = clock.nowMs + ms;
    },
    ended(error) {
      const planned = doom;
      doom = undefined;
      if (error instanceof HubKilled && planned !== undefined) return die(planned.kind, planned.downMs);
      auditor.broken('hub-invariant', error.message);
      die('killed', RECOVER_MS);
    },
    close() {
      if (site.store() !== undefined) site.stop();
      blind();
    },
  };
}

function sqliteError(code: string, message: string): Error {
  return new Database.SqliteError(message, code);
}
