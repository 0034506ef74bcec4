// The hub in virtual time: its real rooms on a real database, and the modelled broker in front. In: packets of boards, and faults. Out: books. It does what
// `openHub` does, with the world's clock in place of timers and sockets; and it can die between any two steps and come back.

import type { Logger } from 'pino';
import { pino } from 'pino';
import type { BatchView } from '../../hub/batch-view.ts';
import { drawClaims } from '../../hub/draw.ts';
import type { Counter } from '../../hub/counters.ts';
import { messageCounter } from '../../hub/counters.ts';
import type { Grants } from '../../hub/grants.ts';
import { openGrants } from '../../hub/grants.ts';
import { openIntake } from '../../hub/intake.ts';
import { knownDevices } from '../../hub/known.ts';
import { quarantine } from '../../hub/quarantine.ts';
import { sendPayouts } from '../../hub/send.ts';
import { settle } from '../../hub/settlement.ts';
import type { Store } from '../../hub/store.ts';
import { isStorageFault } from '../../hub/storage-fault.ts';
import { openStore } from '../../hub/store.ts';
import type { Terms } from '../../hub/terms.ts';
import { openUpdates } from '../../hub/updates.ts';
import type { Broker } from './broker.ts';
import { createBroker } from './broker.ts';
import type { Clock } from './clock.ts';
import type { RailUser } from './counterpart.ts';
import type { Disk, OnCommit } from './disk.ts';
import { unlessRefused } from './disk.ts';
import { NO_FAST_WAY, openFastWay } from './fast-way.ts';
import type { FrontKind, HubParts } from './hub-parts.ts';
import type { JournalWatch, WatchedJournal } from './journal.ts';
import type { Network } from './network.ts';
import type { Behind } from './rooms.ts';
import { roomsBehind } from './rooms.ts';
import { virtualTurns } from './turns.ts';

export interface SiteOptions {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly network: Network;
  readonly root: string;
  readonly epochSeconds: number;
  readonly claimEveryMs: number;
  readonly settleEveryMs: number;
  /** Firmware goes over the air: the boards report, and the hub looks for orders now and then. */
  readonly hasUpdates: boolean;
  /** So long the hub gathers messages before it works them off: the turn of an event loop under load. */
  readonly turnMs: number;
  readonly parts: HubParts;
  /** Of each process of the hub: who reads vouchers. */
  readonly front: () => FrontKind;
  readonly journal: Pick<JournalWatch, 'onDurable' | 'random'>;
  /** So many messages were taken by the hub's journal. */
  readonly onFastWay: (messages: number) => void;
  /** Of each process of the hub: how it settles. */
  readonly termsFor: (user: RailUser) => Terms;
  /** How often payouts are handed over; without it there are no rails. */
  readonly sendEveryMs: number | undefined;
  /** Promises are being kept: their callers go on before anything else happens. */
  readonly onTurn: () => void;
  /** Called before and after each thing the hub does to its store, and before each packet it sends. */
  readonly onStep: (step: string) => void;
  readonly onCommit: OnCommit;
  readonly onSettled: (batch: BatchView) => void;
  /** The hub acknowledges a report, by what is given. */
  readonly onReport: (acknowledge: () => void) => void;
  /** The hub ended by itself: a broken invariant, or a disk that failed. */
  readonly onEnd: (error: Error) => void;
}

export interface Site {
  readonly counter: Counter;
  /** Seconds by which the hub's clock is wrong. */
  skewSeconds: number;
  store(): Store | undefined;
  broker(): Broker | undefined;
  grants(): Grants | undefined;
  nowSeconds(): number;
  start(): void;
  /** Asked to stop, it works off its inbox first. */
  stop(): void;
  /** Gone at once; what was not yet durable is lost as the disk says. */
  crash(kind: 'killed' | 'power lost'): void;
  /** `all`: whatever a payout costs. */
  settle(all?: boolean): void;
  /** Hands over what is prepared, and asks what has become of what is under way. */
  send(): void;
  /** Runs a piece of the hub's work for somebody outside: what ends the hub there ends it. */
  attempt(piece: (store: Store, terms: Terms) => void): void;
}

const SILENT: Logger = pino({ level: 'silent' });
const SWEEP_MS = 60_000;
const PROBE_MS = 1000;
const LOOK_MS = 30_000;
const PIECE_MS = 250;

interface Running extends Behind {
  readonly journal: WatchedJournal | undefined;
  readonly broker: Broker;
  readonly terms: Terms;
  readonly timers: Set<number>;
  isSending: boolean;
}

export function createSite(options: SiteOptions): Site {
  const { clock, network, disk, parts } = options;
  const counter = messageCounter();
  let running: Running | undefined;

  const nowMs = (): number => (options.epochSeconds + site.skewSeconds) * 1000 + clock.nowMs;

  /** Runs a piece of the hub: what ends the process ends here, and is told. */
  function guarded(piece: () => void): void {
    const before = running;
    if (before === undefined) return;
    try {
      piece();
    } catch (error) {
      if (running === before) options.onEnd(error as Error);
    }
  }

  function every(ms: number, piece: () => void, firstMs = ms): void {
    const timers = running?.timers;
    if (timers === undefined) return;
    const timer = clock.after(firstMs, () => {
      timers.delete(timer);
      guarded(piece);
      every(ms, piece);
    });
    timers.add(timer);
  }

  function start(): void {
    const store = parts.store(disk.watched(openStore(disk.dir()), options.onStep, options.onCommit));
    try {
      startOn(store);
    } catch (error) {
      if (running === undefined) leaveFiles('killed', store);
      throw error;
    }
  }

  function startOn(store: Store): void {
    store.atomically(() => {
      store.setRoot(options.root);
      store.devices.allAbsent();
    });
    const known = parts.known(knownDevices(store), store);
    const now = (): { nowMs: number; nowSeconds: number } => ({ nowMs: nowMs(), nowSeconds: Math.floor(nowMs() / 1000) });
    const turns = virtualTurns(clock, options.turnMs, guarded);
    const common = { store, known, counter, log: SILENT, now, turns, drawEveryMs: options.claimEveryMs };
    const isFast = options.front() === 'fast';
    const { fast, journal } = isFast ? openFastWay(common, options, () => intake.wake()) : NO_FAST_WAY;
    const lanes = fast === undefined ? {} : { lanes: fast };
    const intake = parts.intake(openIntake, { ...common, ...lanes, quarantine: quarantine() });
    const grants = openGrants(store);
    const updates = options.hasUpdates ? openUpdates(store, PIECE_MS, { ...turns, now: nowMs }) : undefined;
    const user: RailUser = { isAlive: () => running?.store === store, onStep: options.onStep };
    const terms = options.termsFor(user);
    const rooms = { store, turns, fast, journal, intake, grants, updates, terms, timers: new Set<number>(), isSending: false };
    const broker = createBroker(roomsBehind(rooms, { ...options, nowMs }));
    running = { ...rooms, broker };
    network.server = guardedServer(broker);
    store.health.onChange((storage) => {
      if (storage.kind === 'failing') probeSoon(store);
    });
    every(options.claimEveryMs, () => unlessRefused(() => drawClaims(store, site.nowSeconds())));
    every(options.settleEveryMs, () => unlessRefused(() => settleNow(upToDate(), terms, false)));
    // Not at the moment of a settlement: what is prepared lies a while where people can look at it.
    if (options.sendEveryMs !== undefined) every(options.sendEveryMs, sendNow, options.sendEveryMs / 2);
    every(SWEEP_MS, () => broker.sweep());
    if (updates !== undefined) every(LOOK_MS, () => unlessRefused(() => updates.look()));
  }

  /** With all in it that was accepted by now. */
  function upToDate(): Store {
    if (running === undefined) throw new Error('a hub that is not running was asked for its books');
    running.fast?.fold();
    return running.store;
  }

  /** Until the disk takes writes again. */
  function probeSoon(store: Store): void {
    clock.after(PROBE_MS, () => {
      if (running?.store !== store) return;
      guarded(() => {
        store.probe();
        if (store.health.read().kind === 'failing') probeSoon(store);
      });
    });
  }

  function sendNow(): void {
    const before = running;
    if (before === undefined || before.isSending) return;
    before.isSending = true;
    options.onTurn();
    const over = (error?: unknown): void => {
      before.isSending = false;
      if (error !== undefined && running === before && !isStorageFault(error)) options.onEnd(error as Error);
    };
    parts
      .send(sendPayouts)(before.store, before.terms, site.nowSeconds())
      .then(() => over(), over);
  }

  function settleNow(store: Store, terms: Terms, all: boolean): void {
    const { batch, resumed } = settle(store, { dryRun: false, nowSeconds: site.nowSeconds(), terms, all });
    if (resumed !== undefined) options.onSettled(resumed);
    if (batch !== undefined && batch.id !== resumed?.id) options.onSettled(batch);
  }

  /** What a packet makes the hub do may be its last. */
  function guardedServer(broker: Broker): Network['server'] {
    return {
      onOpen: (line) => broker.onOpen(line),
      onData: (line, bytes) => guarded(() => broker.onData(line, bytes)),
      onClose: (line) => guarded(() => broker.onClose(line)),
    };
  }

  function leave(): Running | undefined {
    const left = running;
    running = undefined;
    network.server = undefined;
    for (const timer of left?.timers ?? []) clock.cancel(timer);
    left?.turns.stop();
    left?.intake.stop();
    left?.updates?.stop();
    return left;
  }

  /** As they lie there when a hub dies: closing its database would tidy them up. */
  function leaveFiles(kind: 'killed' | 'power lost', store: Store): void {
    disk.crash(kind);
    store.close();
    disk.forgetOld();
  }

  const site: Site = {
    counter,
    skewSeconds: 0,
    store: () => running?.store,
    broker: () => running?.broker,
    grants: () => running?.grants,
    nowSeconds: () => Math.floor(nowMs() / 1000),
    start,
    stop() {
      guarded(() => workOff(running));
      const left = leave();
      network.dropAll(false);
      left?.store.close();
    },
    crash(kind) {
      const left = leave();
      if (left === undefined) return;
      network.dropAll(kind === 'power lost');
      left.journal?.tear();
      left.journal?.close();
      leaveFiles(kind, left.store);
    },
    settle: (all = false) => site.attempt((store, terms) => settleNow(store, terms, all)),
    send: sendNow,
    attempt(piece) {
      const now = running;
      if (now !== undefined) guarded(() => unlessRefused(() => piece(upToDate(), now.terms)));
    },
  };
  return site;
}

/** In the order in which the hub stops: nothing new, then what is under way, then the journal is folded. */
function workOff(running: Running | undefined): void {
  if (running === undefined) return;
  const { fast, journal, turns, intake } = running;
  void fast?.stop();
  do turns.hurry();
  while (journal?.finish() === true);
  intake.flush();
  turns.hurry();
  fast?.close();
}
