// The firmware's face: the rooms of the board wired together, on a real board, in the Linux interpreter and in the simulator alike. In: a Board
// and what provisioning wrote. Out: a machine that meters, promises, records and says what it promised until the hub has answered.
// Everything that happens ends in `pump`.

import type { DeviceConfig } from '../shared/config.ts';
import { writeStatus } from '../shared/status.ts';
import type { Board } from './board.ts';
import { hear } from './hear.ts';
import { meterUnits } from './issue.ts';
import type { SessionEvents } from './session.ts';
import { createLink, haltLink, startLink } from './link.ts';
import { createMachine } from './machine.ts';
import { countUnits, createMeter, startMeter, stopMeter, takeUnits } from './meter.ts';
import { noteReconnected } from './outbox.ts';
import type { Running } from './pump.ts';
import { guarded, pump } from './pump.ts';
import { settingsOf } from './settings.ts';
import type { Snapshot } from './snapshot.ts';
import { newestNumber, snapshotOf } from './snapshot.ts';

export type { Snapshot } from './snapshot.ts';

export interface Firmware {
  start(): void;
  /** Units metered by the outside: the simulator, another instrument. */
  count(units: number): void;
  /** Issues what is metered, then closes every open channel with a signed voucher; idempotent. */
  close(): void;
  /** Stops timers and the link without a word to the hub: what a power cut or the end of a test does. */
  halt(): void;
  snapshot(): Snapshot;
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
    collect(r);
    pump(r);
  });
}

function eventsOf(running: () => Running): SessionEvents {
  return {
    willPayload: function () {
      const m = running().m;
      return writeStatus('offline', newestNumber(m), m.book.registerUnits);
    },
    onUp: function () {
      const r = running();
      r.announced = '';
      r.lastOver = '';
      noteReconnected(r.m.book.channels);
      r.m.board.log('connected to ' + r.m.settings.config.host);
      pump(r);
    },
    onOver: function (reason) {
      const r = running();
      if (reason !== r.lastOver) r.m.board.log('offline: ' + reason);
      r.lastOver = reason;
    },
    onFree: function () {
      pump(running());
    },
    onMessage: function (payload) {
      const r = running();
      guarded(r, function () {
        hear(r.m, payload);
      });
      pump(r);
    },
  };
}

function assemble(board: Board, config: DeviceConfig): Running {
  const m = createMachine(board, settingsOf(config));
  const options = {
    device: m.settings.context.device,
    password: config.password,
    host: config.host,
    port: config.port,
    root: config.root,
    keepaliveSeconds: config.keepaliveSeconds,
  };
  const r: Running = {
    m: m,
    meter: createMeter(board, config.meter, function () {
      setBeat(r);
    }),
    link: createLink(
      board,
      options,
      eventsOf(function () {
        return r;
      }),
    ),
    halted: false,
    beatTimer: undefined,
    workTimer: undefined,
    dueTimer: undefined,
    announced: '',
    lastOver: '',
  };
  return r;
}

function halt(r: Running): void {
  r.halted = true;
  stopMeter(r.meter);
  haltLink(r.link);
  for (const timer of [r.beatTimer, r.workTimer, r.dueTimer]) {
    if (timer !== undefined) r.m.board.cancel(timer);
  }
}

function close(r: Running): void {
  if (r.m.closeAsked) return;
  r.m.closeAsked = true;
  stopMeter(r.meter);
  collect(r);
  pump(r);
}

export function createFirmware(board: Board, config: DeviceConfig): Firmware {
  const r = assemble(board, config);
  return {
    start: function () {
      startMeter(r.meter);
      startLink(r.link, config.wifi);
      pump(r);
    },
    count: function (units) {
      countUnits(r.meter, units);
    },
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
