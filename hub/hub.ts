// The hub: wires the rooms together and nothing else. In: where to keep data and where to listen. Out: a running hub, or one sentence saying why not. What it
// opens it closes, in the opposite order, also when opening fails half-way.

import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import type { Bytes } from '../shared/bytes.ts';
import type { DeviceConfig } from '../shared/config.ts';
import type { DeviceId, HubId } from '../shared/identity.ts';
import { readReport, REPORT_HEAD } from '../shared/report.ts';
import type { Status } from '../shared/status.ts';
import { isRoot } from '../shared/topics.ts';
import type { Broker, Connection, Done } from './broker.ts';
import { openBroker, receiveStatus } from './broker.ts';
import { openChecks } from './checks.ts';
import { drawClaims } from './draw.ts';
import type { Counters } from './counters.ts';
import { messageCounter } from './counters.ts';
import type { EnrolRequest } from './enrol-request.ts';
import { MAX_KEEPALIVE_SECONDS } from './enrol-request.ts';
import { enrol } from './enrol.ts';
import { openEntrance } from './entrance.ts';
import type { Fast } from './fast.ts';
import { openFast } from './fast.ts';
import type { Moment } from './group.ts';
import type { Grants } from './grants.ts';
import { openGrants } from './grants.ts';
import type { Guard, GuardLimits, TlsIdentity } from './guard.ts';
import { GUARD_LIMITS, openGuard } from './guard.ts';
import { writeHealth } from './health.ts';
import type { Intake } from './intake.ts';
import { openIntake } from './intake.ts';
import { knownDevices } from './known.ts';
import type { Lock } from './lock.ts';
import { lockData } from './lock.ts';
import { sameDigest, sha256 } from './proofs.ts';
import { HubRefused } from './refused.ts';
import { carryJournal } from './replay-journal.ts';
import type { Releases } from './release.ts';
import { openReleases } from './release.ts';
import type { Quarantine, Sample } from './quarantine.ts';
import { quarantine } from './quarantine.ts';
import type { Replays } from './replay.ts';
import { openReplays } from './replay.ts';
import type { Sent } from './send.ts';
import { sendAlone } from './send.ts';
import type { Retention } from './retention.ts';
import { openRetention } from './retention.ts';
import type { Settlement } from './settlement.ts';
import { settle } from './settlement.ts';
import type { HubStatus } from './status.ts';
import { hubStatus } from './status.ts';
import type { Store } from './store.ts';
import { asRefusal } from './database.ts';
import { isStorageFault } from './storage-fault.ts';
import { openStore } from './store.ts';
import type { Terms } from './terms.ts';
import { BOOKS_ONLY } from './terms.ts';
import type { TopUp } from './topup.ts';
import { topUp } from './topup.ts';
import { openTwins } from './twins.ts';
import type { Updates } from './updates.ts';
import { openUpdates } from './updates.ts';

export interface HubOptions {
  readonly dataDir: string;
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** A second port for boards whose link to the broker is to be private. */
  readonly tls?: TlsIdentity & { readonly port: number };
  /** The topics' first level. */
  readonly root: string;
  readonly log: Logger;
  /** How often claims are drawn into the books. */
  readonly claimEveryMs?: number;
  /** How often ceilings that another process has raised, and orders that it has given, are looked for. */
  readonly grantEveryMs?: number;
  /** The least time between two pieces of firmware to one device; 250 unless given [W-34]. */
  readonly pieceEveryMs?: number;
  readonly limits?: Partial<GuardLimits>;
  /** How settlement pays; through the hub's own books alone unless given. */
  readonly terms?: Terms;
  /** `fast` unless given: paywords are read before the broker sees them. `aedes`: the broker reads everything. */
  readonly front?: 'aedes' | 'fast';
}

export interface Hub {
  readonly id: HubId;
  readonly port: number;
  readonly tlsPort: number | undefined;
  /** With all in it that was accepted by now. */
  readonly store: Store;
  enrol(request: EnrolRequest): DeviceConfig;
  /** A prepaid device may meter so many units more; it is told at once if it listens. */
  topUp(device: DeviceId, units: number): TopUp;
  status(): HubStatus;
  /** Messages since the start. */
  counters(): Counters;
  /** The newest refused messages. */
  refused(): readonly Sample[];
  settle(options: { readonly dryRun: boolean }): Settlement;
  /** Hands over what is prepared and asks what has become of what is under way; `undefined` while another process does. */
  send(): Promise<Sent | undefined>;
  close(): Promise<void>;
}

const CLAIM_EVERY_MS = 5000;
const GRANT_EVERY_MS = 1000;

function moment(): Moment {
  const nowMs = Date.now();
  return { nowMs, nowSeconds: Math.floor(nowMs / 1000) };
}

export async function openHub(options: HubOptions): Promise<Hub> {
  if (!isRoot(options.root)) {
    throw new HubRefused(
      'unusable-root',
      `expected 1 to 8 lower-case letters or digits as the topics' root, got "${options.root}"`,
    );
  }
  const store = openStore(options.dataDir);
  let lock: Lock | undefined;
  const closeData = (): void => {
    store.close();
    lock?.release();
  };
  try {
    lock = lockData(options.dataDir);
    carryJournal(store, moment().nowSeconds); // what a hub may have left between the opening and the lock
    return await startOn(store, options, closeData);
  } catch (error) {
    closeData();
    throw isStorageFault(error) ? asRefusal(error, options.dataDir) : error;
  }
}

interface Rooms {
  readonly intake: Intake;
  readonly grants: Grants;
  readonly updates: Updates;
  readonly fast: Fast | undefined;
}

async function startOn(store: Store, options: HubOptions, closeData: () => void): Promise<Hub> {
  const { log, terms = BOOKS_ONLY } = options;
  if (store.root() !== options.root && store.devices.all().length > 0) {
    log.warn({ before: store.root(), now: options.root }, 'the root has changed: devices enrolled under the old one are refused');
  }
  store.atomically(() => {
    store.setRoot(options.root);
    store.devices.allAbsent(); // whoever was connected to the hub before this one is not any more
  });
  sayHealth(store, log);
  const counter = messageCounter();
  const held = quarantine();
  const known = knownDevices(store);
  const fast =
    options.front === 'aedes' ? undefined : openFast({ store, known, counter, log, now: moment, onEnd: () => intake.wake() });
  const ways = fast === undefined ? {} : { lanes: fast, checks: openChecks(known) };
  const intake = openIntake({ store, known, counter, quarantine: held, log, now: moment, ...ways });
  const grants = openGrants(store);
  const updates = openUpdates(store, options.pieceEveryMs);
  const retention = openRetention(store);
  const replays = openReplays({ store, intake, log, nowSeconds: () => moment().nowSeconds });
  const releases = openReleases({ store, known, lanes: fast, log, now: moment });
  const broker = await openBrokerOn(store, { intake, grants, updates, fast }, options);
  const guards = await openGuardsOn(broker, options).catch((error: unknown) => {
    fast?.close();
    throw error;
  });
  const upToDate = (): Store => {
    fast?.fold();
    return store;
  };
  // Whoever only looks gets an answer while nothing can be written, too.
  const asFarAsPossible = (): Store => {
    try {
      return upToDate();
    } catch (error) {
      if (!isStorageFault(error)) throw error;
      return store;
    }
  };
  const timer = setInterval(() => drawOrWait(upToDate, options), options.claimEveryMs ?? CLAIM_EVERY_MS);
  const lookout = setInterval(() => {
    if (store.health.read().kind === 'failing') store.probe();
    keepRefused(store, held, options);
    lookOrWait({ grants, updates, replays, releases, retention }, options);
  }, options.grantEveryMs ?? GRANT_EVERY_MS);
  let closing: Promise<void> | undefined;
  let sending: Promise<Sent | undefined> | undefined;
  const close = async (): Promise<void> => {
    clearInterval(timer);
    clearInterval(lookout);
    await sending?.catch(() => undefined); // whoever asked for it is told
    await fast?.stop();
    intake.flush();
    intake.stop();
    updates.stop();
    await broker.close();
    for (const guard of guards) await guard?.close();
    keepRefused(store, held, options);
    leave(store, options);
    fast?.close();
    closeData();
  };
  return {
    id: store.hub,
    port: guards[0].port,
    tlsPort: guards[1]?.port,
    get store() {
      return asFarAsPossible();
    },
    enrol: (request) => enrol(store, request),
    topUp(device, units) {
      const done = topUp(store, device, units, moment().nowSeconds);
      grants.offer();
      return done;
    },
    status: () => hubStatus(asFarAsPossible()),
    counters: () => counter.read(),
    refused: () => held.samples(),
    settle: ({ dryRun }) => settle(upToDate(), { dryRun, nowSeconds: moment().nowSeconds, terms }),
    send: () => (sending ??= sendAlone(store, terms, moment().nowSeconds).finally(() => (sending = undefined))),
    close: () => (closing ??= close()),
  };
}

function openBrokerOn(store: Store, { intake, grants, updates, fast }: Rooms, options: HubOptions): Promise<Broker> {
  const { root, log } = options;
  const twins = openTwins(store);
  const onUp = (connection: Connection, message: Bytes, done: Done): void =>
    takeUp({ intake, updates }, connection, message, done);
  const onStatus = (device: DeviceId, status: Status): void => intake.present(device, status);
  const common = { root, log, keepaliveLimitSeconds: MAX_KEEPALIVE_SECONDS, onUp };
  const entrance =
    fast === undefined
      ? undefined
      : openEntrance({
          ...common,
          fast,
          limits: { ...GUARD_LIMITS, ...options.limits },
          isCrowded: () => intake.isCrowded(),
          onStatus: (device, message) => receiveStatus({ log, onStatus }, device, message),
        });
  return openBroker({
    ...common,
    ...(entrance === undefined ? {} : { entrance }),
    isReady: () => store.health.read().kind === 'good',
    isDevice(device, password) {
      const row = store.devices.find(device);
      const isPassword = sameDigest(row?.passwordSha256 ?? sha256(''), sha256(password));
      return row !== undefined && !row.revoked && isPassword;
    },
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
async function openGuardsOn(broker: Broker, options: HubOptions): Promise<readonly [Guard, Guard?]> {
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

/** A database that is busy or full now is tried again at the next tick; nothing is lost by waiting. A broken invariant ends the process. */
function drawOrWait(upToDate: () => Store, { log }: HubOptions): void {
  try {
    drawClaims(upToDate(), moment().nowSeconds);
  } catch (error) {
    log[isStorageFault(error) ? 'error' : 'fatal']({ err: error as Error }, 'claims could not be drawn');
    if (!isStorageFault(error)) throw error;
  }
}

/** The next hub does the same when it opens: it is no harm if the disk takes nothing now. */
function leave(store: Store, { log }: HubOptions): void {
  try {
    store.devices.allAbsent();
  } catch (error) {
    if (!isStorageFault(error)) throw error;
    log.error({ err: error }, 'the hub stops while nothing can be stored');
  }
  writeHealth(store.dataDir, { kind: 'good' });
}

/** To the log, and to whoever asks for the status in another process. */
function sayHealth(store: Store, log: Logger): void {
  writeHealth(store.dataDir, store.health.read());
  store.health.onChange((storage) => {
    if (storage.kind === 'failing')
      log.error({ why: storage.why }, 'nothing can be stored: nothing is acknowledged, and no device is let in');
    else log.warn('the disk takes writes again: devices are let in');
    writeHealth(store.dataDir, storage);
  });
}

/** Beside the groups' own commits, so that junk costs the disk one commit a second at most. */
function keepRefused(store: Store, held: Quarantine, { log }: HubOptions): void {
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

interface Lookouts extends Pick<Rooms, 'grants' | 'updates'> {
  readonly replays: Replays;
  readonly releases: Releases;
  readonly retention: Retention;
}

function lookOrWait({ grants, updates, replays, releases, retention }: Lookouts, { log }: HubOptions): void {
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
