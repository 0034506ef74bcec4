// The fast way to the books, for the messages that matter: the next payword, or signed voucher, on an open channel. In: bytes in a socket's buffer, of a device that the broker has let in. Out:
// the message is on its way to the journal, and will be answered when it is there; or it is refused here, and goes the long way through broker or judge. The
// two ways never meet over one device: before the judge looks at it, its lane has landed.

import type { Logger } from 'pino';
import type { DeviceId } from '../shared/identity.ts';
import type { Asker, Commits } from './commits.ts';
import { openCommits } from './commits.ts';
import type { Counter } from './counters.ts';
import type { Fold } from './fold.ts';
import { openFold } from './fold.ts';
import type { Moment } from './moment.ts';
import { openProving } from './proving.ts';
import type { Journal } from './journal.ts';
import type { Known, KnownDevice } from './known.ts';
import type { Lane } from './lane.ts';
import { advanceLane, laneOf, leaveChannel, PAYWORD_HEAD } from './lane.ts';
import type { Store } from './store.ts';
import { isStorageFault } from './storage-fault.ts';
import type { Turns } from './turns.ts';

export interface FastOptions {
  readonly store: Store;
  /** Its own from here on: it closes it. */
  readonly journal: Journal;
  readonly turns: Turns;
  readonly known: Known;
  readonly counter: Counter;
  readonly log: Logger;
  readonly now: () => Moment;
  /** How often the books are looked at anyway: no need to carry anything into them sooner. */
  readonly drawEveryMs: number;
  /** After each group: what the judge has put off may go on. */
  readonly onEnd: () => void;
}

export interface Fast {
  laneOf(device: DeviceId): Lane | undefined;
  /** A message from `at` to before `end`; false: nothing has changed, and it is for the judge. */
  take(asker: Asker, lane: Lane, data: Buffer, at: number, end: number, packetId: number): boolean;
  isCrowded(): boolean;
  /** More signatures wait for their check than can be worked off soon; nobody tells when that is over. */
  isBehind(): boolean;
  onRoom(resume: () => void): void;
  /** What the device has paid is not durable yet. */
  isBusy(device: DeviceId): boolean;
  /** The judge is about to look at the device: its channels are what was accepted, and durable. */
  land(device: DeviceId): void;
  /** The database holds all that was accepted. */
  fold(): void;
  /** Takes nothing more; resolves when all that was taken is durable and answered. */
  stop(): Promise<void>;
  close(): void;
}

/** Books that are looked at less often than this are brought up to date all the same: what people see of them should not be old. */
const FOLD_EVERY_MOST_MS = 600_000;
/** Some seconds' worth of a busy hub: no more should be read again after a crash ... */
const FOLD_BYTES = 4 * 1024 * 1024;
/** ... and this much takes the next file at once, whatever that holds up. */
const FILE_BYTES = 16 * 1024 * 1024;
/** After the database has refused. */
const FOLD_AGAIN_MS = 1000;
/** After each part that is folded, vouchers have the hub to themselves for so many times as long. */
const REST = 4;

export function openFast(options: FastOptions): Fast {
  const { store, journal, turns, known, now } = options;
  const lanes = new Map<DeviceId, Lane>();
  const fold = openFold(store);
  const folding = folderOf(fold, options);
  const commits: Commits = openCommits({
    journal: folding.journal,
    fold,
    turns,
    nowSeconds: () => now().nowSeconds,
    rescue: folding.rescue,
    onDurable: (accepted, covered) => options.counter.add(accepted, covered),
    onEnd: options.onEnd,
  });
  const proving = openProving(known, commits, turns);
  let stopped = false;
  return {
    laneOf(device) {
      const found = lanes.get(device);
      if (found !== undefined) return found;
      const row: KnownDevice | undefined = known.find(device, now().nowMs);
      if (row === undefined) return undefined;
      const lane = laneOf(row);
      lanes.set(device, lane);
      return lane;
    },
    take(asker, lane, data, at, end, packetId) {
      if (stopped) return false;
      if (data[at] !== PAYWORD_HEAD) return proving.take(asker, lane, data, at, end, packetId);
      if (lane.isProving) return false; // what came before is not answered yet
      if (commits.isEmpty()) known.refresh();
      if (!advanceLane(lane, known, data, at, end)) return false;
      commits.add(asker, lane, packetId);
      return true;
    },
    isCrowded: () => commits.isCrowded(),
    isBehind: () => proving.isCrowded(),
    onRoom: (resume) => commits.onRoom(resume),
    isBusy(device) {
      const lane = lanes.get(device);
      return lane !== undefined && (lane.pendingGroups > 0 || lane.isProving);
    },
    land(device) {
      if (folding.isBroken()) fold.all();
      const lane = lanes.get(device);
      if (lane === undefined) return;
      fold.land(lane);
      leaveChannel(lane);
    },
    fold: () => fold.all(),
    stop() {
      stopped = true;
      proving.finish();
      return commits.settled();
    },
    close() {
      folding.stop();
      journal.close();
    },
  };
}

interface Folder {
  /** The journal, which makes room for itself. */
  readonly journal: Journal;
  readonly rescue: (error: Error) => boolean;
  readonly isBroken: () => boolean;
  readonly stop: () => void;
}

/** When what is folded, and what to do when the journal takes nothing: then the database itself may. */
function folderOf(fold: Fold, { journal, turns, drawEveryMs, log }: FastOptions): Folder {
  const everyMs = Math.min(drawEveryMs, FOLD_EVERY_MOST_MS);
  let cancelTurn: (() => void) | undefined;
  let isHurried = false;
  let running = false;
  let stopped = false;
  /** The file whose turn is next still holds what the database does not. */
  let owed = false;
  let broken: Error | undefined;
  let complained = false;

  function unlessRefused(work: () => void): boolean {
    try {
      work();
      return true;
    } catch (error) {
      if (!isStorageFault(error)) throw error;
      log.error({ err: error }, 'the journal could not be folded into the database');
      return false;
    }
  }

  function foldAll(): boolean {
    const isDone = unlessRefused(() => fold.all());
    if (isDone) owed = false;
    return isDone;
  }

  /** Once after so long, when there is something to fold, or when the file has enough of it. */
  function turnSoon(): void {
    if (stopped || running) return; // its last slice asks again
    if (!owed && !isHurried && journal.bytes() >= FOLD_BYTES) {
      cancelTurn?.();
      cancelTurn = turns.after(0, turn);
      isHurried = true;
    }
    cancelTurn ??= turns.after(owed ? FOLD_AGAIN_MS : everyMs, turn);
  }

  function turn(): void {
    cancelTurn = undefined;
    isHurried = false;
    if (running || (fold.isEmpty() && !owed)) return;
    if (!owed) {
      journal.turnOver();
      fold.begin();
    }
    owed = true;
    running = true;
    slice();
  }

  function slice(): void {
    if (stopped) return;
    const beganMs = turns.nowMs();
    let more = false;
    const isDone = unlessRefused(() => (more = fold.some()));
    running = isDone && more;
    if (running) return void turns.after(REST * (turns.nowMs() - beganMs), slice);
    if (isDone) owed = false;
    if (owed || !fold.isEmpty()) turnSoon();
  }

  return {
    journal: {
      ...journal,
      append(record, done) {
        turnSoon();
        if (broken !== undefined) return done(broken);
        const isFull = journal.bytes() >= FILE_BYTES;
        if (isFull && !foldAll()) return done(new Error('the journal is full and cannot be folded'));
        if (isFull) journal.turnOver();
        journal.append(record, (error) => {
          if (error === undefined) complained = false;
          done(error);
        });
      },
    },
    rescue(error) {
      if (!complained) log.error({ err: error }, 'the journal takes nothing; each group goes into the database at once');
      complained = true;
      broken = foldAll() ? undefined : error;
      return broken === undefined;
    },
    isBroken: () => broken !== undefined,
    stop() {
      stopped = true;
      cancelTurn?.();
      if (foldAll()) journal.clear(); // else the next hub finds it
    },
  };
}
