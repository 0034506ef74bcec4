// The hub: wires the rooms together and nothing else. In: where to keep data and where to listen. Out: a running hub, or one sentence saying why not. What it
// opens it closes, in the opposite order, also when opening fails half-way.

import type { Logger } from 'pino';
import type { DeviceConfig } from '../shared/config.ts';
import type { DeviceId, HubId } from '../shared/identity.ts';
import { isRoot } from '../shared/topics.ts';
import { openChecks } from './checks.ts';
import type { Counters } from './counters.ts';
import { messageCounter } from './counters.ts';
import type { DoorOptions } from './doors.ts';
import { openBrokerOn, openGuardsOn } from './doors.ts';
import { signaturesJudgedBy } from './ed25519.ts';
import type { EnrolRequest } from './enrol-request.ts';
import { enrol } from './enrol.ts';
import { openFast } from './fast.ts';
import { openGrants } from './grants.ts';
import { writeHealth } from './health.ts';
import { openIntake } from './intake.ts';
import { openJournal } from './journal.ts';
import { knownDevices } from './known.ts';
import type { Lock } from './lock.ts';
import { lockData } from './lock.ts';
import { HubRefused } from './refused.ts';
import { carryJournal } from './replay-journal.ts';
import { openReleases } from './release.ts';
import { moment } from './moment.ts';
import type { Sample } from './quarantine.ts';
import { quarantine } from './quarantine.ts';
import { openReplays } from './replay.ts';
import type { Sent } from './send.ts';
import { sendAlone } from './send.ts';
import { openRetention } from './retention.ts';
import type { RoundOptions } from './rounds.ts';
import { CLAIM_EVERY_MS, keepRefused, openRounds } from './rounds.ts';
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
import { EVENT_LOOP } from './turns.ts';
import { openUpdates } from './updates.ts';

export interface HubOptions extends DoorOptions, RoundOptions {
  readonly dataDir: string;
  /** The least time between two pieces of firmware to one device; 250 unless given [W-34]. */
  readonly pieceEveryMs?: number;
  /** How settlement pays; through the hub's own books alone unless given. */
  readonly terms?: Terms;
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
  log.info({ by: signaturesJudgedBy() }, 'signatures are judged');
  const counter = messageCounter();
  const held = quarantine();
  const known = knownDevices(store);
  const fast =
    options.front === 'aedes'
      ? undefined
      : openFast({
          ...{ store, known, counter, log, now: moment, turns: EVENT_LOOP },
          journal: openJournal(store.dataDir),
          drawEveryMs: options.claimEveryMs ?? CLAIM_EVERY_MS,
          onEnd: () => intake.wake(),
        });
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
  const rounds = openRounds({ store, held, lookouts: { grants, updates, replays, releases, retention } }, options);
  let closing: Promise<void> | undefined;
  let sending: Promise<Sent | undefined> | undefined;
  const close = async (): Promise<void> => {
    rounds.stop();
    await sending?.catch(() => undefined); // whoever asked for it is told
    await fast?.stop();
    intake.flush();
    intake.stop();
    updates.stop();
    await broker.close();
    for (const guard of guards) await guard?.close();
    while (keepRefused(store, held, log));
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
