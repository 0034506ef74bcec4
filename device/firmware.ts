// The firmware's face: the rooms of the board wired together, on a real board, in the Linux interpreter and in the simulator alike. In: a Board
// and what provisioning wrote. Out: a machine that meters, promises, records and says what it promised until the hub has answered.
// Everything that happens ends in `pump`.

import { writeStatus } from '../shared/status.ts';
import type { Board } from './board.ts';
import { meterUnits } from './issue.ts';
import type { News, SessionEvents } from './session.ts';
import { connectLater, createLink, haltLink, sessionOf, startLink } from './link.ts';
import { createMachine, uncoveredUnits } from './machine.ts';
import { createMeter, startMeter, stopMeter, takeUnits } from './meter.ts';
import { noteReconnected } from './outbox.ts';
import type { MakeProfile, Service, UseEvent } from './profile.ts';
import type { Running } from './pump.ts';
import { pump, refresh, stir } from './pump.ts';
import { leftUnits, stopReasonOf } from './serving.ts';
import type { Settings } from './settings.ts';
import type { Snapshot } from './snapshot.ts';
import { newestNumber, snapshotOf } from './snapshot.ts';
import type { Owed, Watch } from './watch.ts';
import { createWatch, isAlive, TICK_MS } from './watch.ts';

export type { Snapshot } from './snapshot.ts';

export interface Face {
  /** Units metered by the outside: the simulator, another instrument. */
  readonly count: (units: number) => void;
  /** Asks the profile for a use ('request', 'stop'), or tells it how one ended ('success', 'failure'); true if it was granted. */
  readonly use: (event: UseEvent) => boolean;
  /** Issues what is metered, then closes every open channel with a signed voucher; idempotent. */
  readonly close: () => void;
  /** Stops timers and the link without a word to the hub: what a power cut or the end of a test does. */
  readonly halt: () => void;
  readonly snapshot: () => Snapshot;
}

export interface Firmware extends Face {
  readonly start: () => void;
}

/** Takes over what the meter has counted. */
function collect(r: Running): void {
  const units = takeUnits(r.meter);
  if (units === 0) return;
  meterUnits(r.m.book, units);
  r.m.dirty = true;
}

/** The first unit after a beat sets the next one: so no unit waits longer than configured, and an idle board sleeps. */
function setBeat(r: Running): void {
  if (r.beatTimer !== undefined || r.halted) return;
  r.beatTimer = r.m.board.after(r.m.settings.config.issueEveryMs, function () {
    r.beatTimer = undefined;
    r.beaten = true;
    collect(r);
    pump(r);
  });
}

function takeNews(r: Running, news: News, reason: string): void {
  switch (news) {
    case 'up':
      r.announced = -1;
      r.lastOver = '';
      noteReconnected(r.m.book.channels);
      if (r.m.update !== undefined) r.m.update.due = true; // the hub may be another one than before
      r.m.board.log('connected to ' + r.m.settings.config.host);
      break;
    case 'free':
    case 'message':
      break;
    case 'over':
      connectLater(r.link, reason);
      if (reason !== r.lastOver) r.m.board.log('offline: ' + reason);
      r.lastOver = reason;
      return;
  }
  stir(r);
}

function eventsOf(r: Running): SessionEvents {
  return {
    willPayload: function () {
      return writeStatus('offline', newestNumber(r.m), r.m.book.registerUnits);
    },
    tell: function (news, reason) {
      takeNews(r, news, reason);
    },
  };
}

/** Units that were delivered, as the meter or the profile knows. */
function countUnits(r: Running, units: number): void {
  r.meter.pendingUnits += units;
  setBeat(r);
  refresh(r);
}

export function serviceOf(r: Running): Service {
  return {
    board: r.m.board,
    config: r.m.settings.config,
    whyNot: function (units) {
      return stopReasonOf(r.m, r.meter.pendingUnits, units);
    },
    count: function (units) {
      countUnits(r, units);
    },
  };
}

/** A timer stands in for the machine itself: it stops where the machine would. */
function takeReading(r: Running, units: number): void {
  let delivered = units;
  if (r.meter.config.kind === 'timer') {
    const left = leftUnits(r.m, r.meter.pendingUnits);
    if (left < units) delivered = left;
    if (stopReasonOf(r.m, r.meter.pendingUnits, delivered) !== '') return;
  }
  if (delivered > 0) r.profile.reading(delivered);
}

/** The parts are told of the whole, so they come after it; the profile comes last, from whoever knows which it is. */
export function assemble(board: Board, settings: Settings): Running {
  const config = settings.config;
  const r = {
    m: createMachine(board, settings),
    halted: false,
    stirred: false,
    beaten: false,
    beatTimer: undefined,
    workTimer: undefined,
    dueTimer: undefined,
    announced: -1,
    low: false,
    lastOver: '',
  } as unknown as Running;
  r.meter = createMeter(board, config.meter);
  r.link = createLink(board, settings.context.device, config, eventsOf(r));
  return r;
}

/**
 * Which signs of life have not come since the last tick. A hub that has said nothing since boot owes none: so one that stays silent costs one restart, not a loop of them. Nor does
 * a link that has never been opened: it waits for its network, for as long as that takes.
 */
function takeOwed(r: Running): Owed {
  const m = r.m;
  const link = r.link;
  const isAsking = sessionOf(link) !== undefined && m.stopReason === '' && m.faultReason === '';
  const owed = {
    isAnswer: isAsking && m.receipts + m.rejects > 0 && !m.answered && uncoveredUnits(m.book) > 0,
    isBeat: r.meter.pendingUnits > 0 && !r.beaten,
    isSign: link.turn > 0 && !link.moved,
  };
  m.answered = false;
  r.beaten = false;
  link.moved = false;
  return owed;
}

/** Feeds the watchdog while all is alive; before a restart, what is metered goes into the record. */
function keepWatch(r: Running, watch: Watch): void {
  const board = r.m.board;
  const config = r.m.settings.config;
  board.after(TICK_MS, function () {
    if (r.halted || board.feedWatchdog === undefined) return;
    if (isAlive(watch, takeOwed(r), config.issueEveryMs, config.keepaliveSeconds)) {
      board.feedWatchdog();
      keepWatch(r, watch);
    } else {
      board.log('restart: the board or its hub does not answer any more');
      collect(r);
    }
    pump(r); // should a handler have died that would have done it
  });
}

function halt(r: Running): void {
  r.halted = true;
  stopMeter(r.meter);
  haltLink(r.link);
  for (const timer of [r.beatTimer, r.workTimer, r.dueTimer]) r.m.board.cancel(timer);
}

function close(r: Running): void {
  if (r.m.closeAsked) return;
  r.m.closeAsked = true;
  stopMeter(r.meter);
  collect(r);
  pump(r);
}

/** Once, at power-on. */
export function start(r: Running): void {
  const board = r.m.board;
  r.profile.start();
  startMeter(r.meter, function (units) {
    takeReading(r, units);
  });
  startLink(r.link, r.m.settings.config.wifi);
  if (board.feedWatchdog !== undefined) keepWatch(r, createWatch());
  if (r.m.storage.damaged)
    board.log(
      'a record in flash is damaged; ' +
        (r.m.storage.sequence > 0 ? 'the other one is used' : 'the hub is asked where the channels stand'),
    );
  pump(r);
}

/** What the console of a board speaks to, once it has started; the profile is there. */
export function faceOf(r: Running, service: Service): Face {
  return {
    count: service.count,
    use: r.profile.use,
    close: function () {
      close(r);
    },
    halt: function () {
      halt(r);
    },
    snapshot: function () {
      return snapshotOf(r.m, r.meter.pendingUnits, r.link.reason);
    },
  };
}

export function createFirmware(board: Board, settings: Settings, makeProfile: MakeProfile): Firmware {
  const r = assemble(board, settings);
  const service = serviceOf(r);
  r.profile = makeProfile(service);
  const face = faceOf(r, service);
  return {
    start: function () {
      start(r);
    },
    count: face.count,
    use: face.use,
    close: face.close,
    halt: face.halt,
    snapshot: face.snapshot,
  };
}
