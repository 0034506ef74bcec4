// What the modelled broker asks of the hub's rooms, and what it tells them. In: the rooms of one life of the hub. Out: the broker's rooms, with guests where the hub has its fast way.

import type { Fast } from '../../hub/fast.ts';
import type { Grants } from '../../hub/grants.ts';
import type { Intake } from '../../hub/intake.ts';
import { sameDigest, sha256 } from '../../hub/proofs.ts';
import type { Store } from '../../hub/store.ts';
import { openTwins } from '../../hub/twins.ts';
import type { Updates } from '../../hub/updates.ts';
import { readReport, REPORT_HEAD } from '../../shared/report.ts';
import type { BrokerRooms } from './broker.ts';
import type { Clock } from './clock.ts';
import { unlessRefused } from './disk.ts';
import { withGuests } from './fast-way.ts';
import type { HubParts } from './hub-parts.ts';
import type { VirtualTurns } from './turns.ts';

export interface Behind {
  readonly store: Store;
  readonly turns: VirtualTurns;
  readonly fast: Fast | undefined;
  readonly intake: Intake;
  readonly grants: Grants;
  readonly updates: Updates | undefined;
}

export interface RoomsOptions {
  readonly root: string;
  readonly clock: Clock;
  readonly parts: HubParts;
  /** By the hub's clock, which may be wrong. */
  readonly nowMs: () => number;
  /** The hub acknowledges a report, by what is given. */
  readonly onReport: (acknowledge: () => void) => void;
}

export function roomsBehind({ store, turns, fast, intake, grants, updates }: Behind, options: RoomsOptions): BrokerRooms {
  const { root, clock, parts, nowMs } = options;
  const twins = openTwins(store);
  const rooms: BrokerRooms = parts.broker({
    root,
    nowMs: () => clock.nowMs,
    isReady: () => store.health.read().kind === 'good',
    isDevice(device, password) {
      const row = store.devices.find(device);
      return row !== undefined && !row.revoked && sameDigest(row.passwordSha256, sha256(password));
    },
    onUp(connection, message, done) {
      const report = message.charCodeAt(0) === REPORT_HEAD ? readReport(message) : 'no report';
      if (typeof report === 'string' || updates === undefined) return intake.receive(connection, message, done);
      unlessRefused(() => updates.receive(connection, report));
      options.onReport(done);
    },
    onListening: (connection) => grants.listening(connection),
    onStatus: (device, status) => intake.present(device, status),
    onGone(device) {
      updates?.gone(device);
      intake.present(device, undefined);
    },
    onTakeOver: (device) => void twins.takenOver(device, nowMs()),
  });
  if (fast === undefined) return rooms;
  return withGuests(rooms, { root, fast, turns, clock, isCrowded: () => intake.isCrowded() });
}
