// Bringing firmware to boards: what devices report is kept, and answered with an offer or a piece. In: reports, and orders in the store, which other processes give,
// too. Out: offers to devices of the build that was ordered for them, and pieces, slowly. It must never keep a receipt waiting, nor send what was not ordered.

import type { Bytes } from '../shared/bytes.ts';
import type { Context } from '../shared/cose.ts';
import type { Mac } from '../shared/downlink.ts';
import { writeOffer, writePiece } from '../shared/downlink.ts';
import type { DeviceId } from '../shared/identity.ts';
import { PIECE_BYTES } from '../shared/offer.ts';
import type { Report } from '../shared/report.ts';
import type { Connection } from './broker.ts';
import type { FirmwareFile } from './store-firmware.ts';
import { isEnd, standingOf } from './order.ts';
import { macOf } from './proofs.ts';
import type { Store } from './store.ts';

export interface Updates {
  receive(connection: Connection, report: Report): void;
  gone(device: DeviceId): void;
  /** Once a second: orders that are new, devices that have become silent. */
  look(): void;
  stop(): void;
}

/** At most four pieces a second to one device [W-34]. */
const PIECE_MS = 250;
const PROGRESS_MS = 1000;
/** Of reports that are looked at beyond two for each piece that may go out: what comes faster is dropped, for each may cost a commit. */
const SPARE_REPORTS = 32;
/** A report, an offer or a piece may be lost: then it is offered again. */
const SILENT_MS = 15_000;

interface Listener {
  readonly connection: Connection;
  readonly mac: Mac;
  readonly report: Report;
  /** The order that it was last answered under. */
  order: number;
  /** Nothing is to be said to it until it reports, or something else is ordered. */
  isSettled: boolean;
  /** When it was last answered. */
  lastMs: number;
  pieceMs: number;
  cancelPiece: (() => void) | undefined;
  writtenMs: number;
  /** How many reports more are looked at, as of when the last one came. */
  reportsLeft: number;
  heardMs: number;
}

/** Time as the hub has it, unless it is somebody else's. */
export interface Time {
  readonly now: () => number;
  /** Calls back once; what it answers cancels that. */
  readonly after: (ms: number, run: () => void) => () => void;
}

const OWN_TIME: Time = {
  now: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

export function openUpdates(store: Store, pieceEveryMs = PIECE_MS, { now, after }: Time = OWN_TIME): Updates {
  const listeners = new Map<DeviceId, Listener>();
  let given = { newest: 0, byDevice: new Map<DeviceId, number>() };

  /** The newest order of each device; read again only when one was given since. */
  function ordersGiven(): ReadonlyMap<DeviceId, number> {
    const newest = store.firmware.newestOrder();
    if (newest !== given.newest) {
      given = { newest, byDevice: new Map(store.firmware.orders().map(({ device, number }) => [device, number])) };
    }
    return given.byDevice;
  }

  function send(listener: Listener, make: (context: Context, mac: Mac) => Bytes): void {
    listener.lastMs = now();
    listener.connection.send(make({ hub: store.hub, device: listener.connection.device }, listener.mac));
  }

  function sendOffer(listener: Listener, { build, version, fileBytes, digest, signature }: FirmwareFile): void {
    const offer = { kind: 'offer' as const, build, version, fileBytes, digest, signature };
    send(listener, (context, mac) => writeOffer(offer, context, mac));
  }

  /** The piece asked for last, when its time has come; an earlier wish is void. */
  function schedulePiece(listener: Listener, { build, version }: FirmwareFile, at: number): void {
    listener.cancelPiece?.();
    const waitMs = Math.max(0, listener.pieceMs - now());
    listener.pieceMs = now() + waitMs + pieceEveryMs;
    listener.cancelPiece = after(waitMs, () => {
      const bytes = store.firmware.stretch(build, version, at, PIECE_BYTES);
      if (bytes !== '') send(listener, (context, mac) => writePiece({ kind: 'piece', at, bytes }, context, mac));
    });
  }

  function answer(listener: Listener): void {
    const { report, connection } = listener;
    listener.lastMs = now();
    listener.isSettled = false;
    if (report.state === 'trial') {
      const own = store.firmware.find(report.build, report.version);
      if (own !== undefined) sendOffer(listener, own); // the hub's voice, which proves it
      return;
    }
    const order = store.firmware.orderOf(connection.device);
    const file = order === undefined ? undefined : store.firmware.find(order.build, order.version);
    const kept = store.firmware.reportOf(connection.device);
    listener.isSettled = order === undefined || file === undefined || isEnd(standingOf(order, kept, file.fileBytes));
    if (order === undefined || file === undefined || listener.isSettled) return;
    const isUnderWay = report.offered === order.version;
    if (isUnderWay && report.state === 'loading') schedulePiece(listener, file, report.at);
    else if (!isUnderWay || report.state !== 'ready') sendOffer(listener, file);
  }

  /** Progress is written once a second, everything else at once. */
  function keep(listener: Listener, before: Listener | undefined): void {
    const { report, connection } = listener;
    listener.order = store.firmware.orderOf(connection.device)?.number ?? 0;
    const isNews =
      before === undefined ||
      before.order !== listener.order ||
      (['version', 'build', 'state', 'offered'] as const).some((name) => before.report[name] !== report[name]);
    if (!isNews && now() - listener.writtenMs < PROGRESS_MS) return;
    listener.writtenMs = now();
    const { device } = connection;
    const { order } = listener;
    store.atomically(() => store.firmware.report({ ...report, device, order, reportedAtSeconds: Math.floor(now() / 1000) }));
  }

  return {
    receive(connection, report) {
      const row = store.devices.find(connection.device);
      if (row === undefined || row.revoked) return;
      const before = listeners.get(connection.device);
      const fresh = {
        mac: macOf(row.macKey),
        order: 0,
        isSettled: false,
        lastMs: 0,
        pieceMs: 0,
        cancelPiece: undefined,
        writtenMs: 0,
      };
      const earned = before === undefined ? SPARE_REPORTS : before.reportsLeft + (2 * (now() - before.heardMs)) / pieceEveryMs;
      const allowance = { reportsLeft: Math.min(SPARE_REPORTS, earned) - 1, heardMs: now() };
      if (before !== undefined && allowance.reportsLeft < 0) return;
      const listener: Listener = { ...(before ?? fresh), ...allowance, connection, report };
      listeners.set(connection.device, listener);
      keep(listener, before);
      answer(listener);
    },
    gone(device) {
      listeners.get(device)?.cancelPiece?.();
      listeners.delete(device);
    },
    look() {
      if (listeners.size === 0) return;
      const orders = ordersGiven();
      for (const [device, listener] of listeners) {
        const order = orders.get(device) ?? 0;
        const isQuiet = listener.isSettled || now() - listener.lastMs < SILENT_MS;
        if (order === listener.order && isQuiet) continue;
        listener.order = order;
        answer(listener);
      }
    },
    stop() {
      for (const { cancelPiece } of listeners.values()) cancelPiece?.();
      listeners.clear();
    },
  };
}
