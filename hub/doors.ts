// Where devices come in: the broker with its rules for who may be a device, behind guarded ports. In: the rooms that messages go to. Out: a broker, and open ports. It must never let
// anybody in while nothing can be stored.

import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import type { Bytes } from '../shared/bytes.ts';
import type { DeviceId } from '../shared/identity.ts';
import { readReport, REPORT_HEAD } from '../shared/report.ts';
import type { Status } from '../shared/status.ts';
import type { Broker, Connection, Done } from './broker.ts';
import { openBroker, receiveStatus } from './broker.ts';
import { MAX_KEEPALIVE_SECONDS } from './enrol-request.ts';
import { openEntrance } from './entrance.ts';
import type { Fast } from './fast.ts';
import type { Grants } from './grants.ts';
import type { Guard, GuardLimits, TlsIdentity } from './guard.ts';
import { GUARD_LIMITS, openGuard } from './guard.ts';
import type { Intake } from './intake.ts';
import { moment } from './moment.ts';
import { sameDigest, sha256 } from './proofs.ts';
import type { Store } from './store.ts';
import { EVENT_LOOP } from './turns.ts';
import { openTwins } from './twins.ts';
import type { Updates } from './updates.ts';

export interface DoorOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** A second port for boards whose link to the broker is to be private. */
  readonly tls?: TlsIdentity & { readonly port: number };
  /** The topics' first level. */
  readonly root: string;
  readonly log: Logger;
  readonly limits?: Partial<GuardLimits>;
  /** `fast` unless given: paywords are read before the broker sees them. `aedes`: the broker reads everything. */
  readonly front?: 'aedes' | 'fast';
}

/** Where messages go. */
interface Rooms {
  readonly intake: Intake;
  readonly grants: Grants;
  readonly updates: Updates;
  readonly fast: Fast | undefined;
}

export function openBrokerOn(store: Store, { intake, grants, updates, fast }: Rooms, options: DoorOptions): Promise<Broker> {
  const { root, log } = options;
  const twins = openTwins(store);
  const onUp = (connection: Connection, message: Bytes, done: Done): void =>
    takeUp({ intake, updates }, connection, message, done);
  const onStatus = (device: DeviceId, status: Status): void => intake.present(device, status);
  const threshold = {
    isReady: () => store.health.read().kind === 'good',
    isDevice(device: DeviceId, password: Bytes) {
      const row = store.devices.find(device);
      const isPassword = sameDigest(row?.passwordSha256 ?? sha256(''), sha256(password));
      return row !== undefined && !row.revoked && isPassword;
    },
  };
  const common = { root, log, keepaliveLimitSeconds: MAX_KEEPALIVE_SECONDS, onUp };
  const entrance =
    fast === undefined
      ? undefined
      : openEntrance({
          ...common,
          fast,
          threshold,
          turns: EVENT_LOOP,
          limits: { ...GUARD_LIMITS, ...options.limits },
          isCrowded: () => intake.isCrowded(),
          onStatus: (device, message) => receiveStatus({ log, onStatus }, device, message),
        });
  return openBroker({
    ...common,
    ...(entrance === undefined ? {} : { entrance }),
    ...threshold,
    onListening: (connection) => grants.listening(connection),
    onStatus,
    onGone(device) {
      updates.gone(device);
      intake.present(device, undefined);
    },
    onTakeOver(device) {
      if (!twins.takenOver(device, moment().nowMs)) return;
      log.warn({ device }, 'marked a device: its connections take over each other, as those of a board and its copy do');
    },
  });
}

/** Reports go to the updates, all else to the judge, who refuses what is neither [W-9]. */
function takeUp(
  { intake, updates }: Pick<Rooms, 'intake' | 'updates'>,
  connection: Connection,
  message: Bytes,
  done: Done,
): void {
  const report = message.charCodeAt(0) === REPORT_HEAD ? readReport(message) : 'no report';
  if (typeof report === 'string') return intake.receive(connection, message, done);
  updates.receive(connection, report);
  done();
}

/** The plain port, and the one for TLS where there is one. */
export async function openGuardsOn(broker: Broker, options: DoorOptions): Promise<readonly [Guard, Guard?]> {
  const { host, port, tls, limits, log } = options;
  const common = {
    host,
    limits: { ...GUARD_LIMITS, ...limits },
    log,
    watches: options.front === 'aedes',
    pass: (socket: Socket) => broker.accept(socket),
  };
  let plain: Guard | undefined;
  try {
    plain = await openGuard({ ...common, port });
    return tls === undefined ? [plain] : [plain, await openGuard({ ...common, port: tls.port, tls })];
  } catch (error) {
    await plain?.close();
    await broker.close();
    throw error;
  }
}
