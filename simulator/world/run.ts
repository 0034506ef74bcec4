// One run of a world, from the first power-on to the answer. In: a world, and when to stop. Out: an outcome. Its order is the promise: live through the
// scenario, then calm weather until all is delivered, close, settle, and look at everything once more. It stops when told, and answers all the same.

import type { Parties } from '../audit/bank-files.ts';
import { auditBankFiles } from '../audit/bank-files.ts';
import { waitsForMore } from '../audit/payouts.ts';
import type { Outcome } from '../outcome.ts';
import { outcomeOf } from '../outcome.ts';
import { beginFraud, concludeFraud } from './frauds.ts';
import { calm, unleash } from './faults.ts';
import { auditFirmware, orderFirmware } from './firmware.ts';
import { lookAfterReturns } from './returns.ts';
import type { Station } from './station.ts';
import { lookAfterAccounts, payWhatIsOwed } from './accounts.ts';
import { auditWallets, lookAfterWallets } from './wallets.ts';
import { lookAtPayouts } from './withholding.ts';
import type { World } from './world.ts';

export interface RunOptions {
  /** After so many vouchers accepted. */
  readonly messages?: number;
  /** After so long, if the scenario lasts longer. */
  readonly forMs?: number;
  readonly stopAsked?: () => boolean;
  /** When stopped, answer at once: what is not delivered stays undelivered. */
  readonly briefly?: boolean;
  readonly onProgress?: (progress: Progress) => void;
}

export interface Progress {
  readonly phase: 'running' | 'draining';
  readonly atMs: number;
  readonly durationMs: number;
  readonly accepted: number;
  readonly violations: number;
}

/** Between two looks at the outside: some ten milliseconds of work. */
const EVENTS_PER_SLICE = 4000;
const DRAIN_MS = 6 * 3_600_000;
const DRAIN_STEP_MS = 10_000;

export async function runWorld(world: World, options: RunOptions = {}): Promise<Outcome> {
  const startedAtMs = performance.now();
  const durationMs = Math.min(world.scenario.duration, options.forMs ?? Infinity);
  begin(world);
  const tell = (phase: Progress['phase']): void =>
    options.onProgress?.({
      phase,
      atMs: world.clock.nowMs,
      durationMs,
      accepted: world.site.counter.read().accepted,
      violations: world.auditor.violations.length,
    });
  const enough = (): boolean =>
    options.stopAsked?.() === true || world.site.counter.read().accepted >= (options.messages ?? Infinity);
  let stopped = false;
  while (!stopped && passSlice(world, durationMs)) {
    tell('running');
    await outside();
    stopped = enough();
  }
  const ranMs = world.clock.nowMs;
  if (!(stopped && options.briefly === true)) {
    await drain(world, async () => {
      tell('draining');
      await outside();
    });
  }
  return outcomeOf(world, { ranMs, stopped, elapsedMs: performance.now() - startedAtMs });
}

/** Signals and timers of the real world get their turn. */
function outside(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function begin(world: World): void {
  unleash(world);
  world.keeper.start();
  beginFraud(world);
  orderFirmware(world);
  for (const station of world.stations) station.powerOn();
  lookAfterWallets(world);
  lookAfterAccounts(world);
  lookAfterReturns(world);
  lookAtPayouts(world);
  const audit = (): void => {
    world.auditor.audit();
    if (!world.calm) world.clock.after(world.scenario.auditEvery, audit);
  };
  world.clock.after(world.scenario.auditEvery, audit);
}

/** False when the scenario is over. */
function passSlice(world: World, durationMs: number): boolean {
  for (let i = 0; i < EVENTS_PER_SLICE; i++) {
    if (world.clock.stepBy(durationMs)) {
      if (world.takeTurn()) return true;
      continue;
    }
    world.clock.passTo(durationMs);
    return false;
  }
  return true;
}

/** The same up to a time, whatever waits there. */
async function passTo(world: World, atMs: number): Promise<void> {
  while (world.clock.stepBy(atMs)) if (world.takeTurn()) await outside();
  world.clock.passTo(atMs);
}

const SETTLE_TRIES = 10;
const SETTLE_PAUSE_MS = 60_000;
/** Bounds a world that never comes to rest: a bank may take hours for each of two steps. */
const MOVE_TRIES = 2000;

/** A kill that was waiting for money to move may still come; and the first settlement may only finish a batch that a crash has left. */
async function settleAll(world: World): Promise<void> {
  for (let i = 0; i < SETTLE_TRIES; i++) {
    world.site.settle(true);
    world.site.settle(true);
    if (world.keeper.isUp()) break;
    await passTo(world, world.clock.nowMs + SETTLE_PAUSE_MS);
  }
  for (let i = 0; i < MOVE_TRIES && !hasMoved(world); i++) {
    world.site.settle(true);
    world.site.send();
    await passTo(world, world.clock.nowMs + SETTLE_PAUSE_MS);
  }
}

/** Nothing is under way, and nothing of what was lost waits for another payout; the counterparts are at rest, and the hub knows it. */
function hasMoved(world: World): boolean {
  const { counterparts } = world;
  const store = world.eyes();
  if (counterparts.length === 0) return true;
  if (store === undefined || store.batches.underWay() !== undefined || store.payouts.sidesWithLost().length > 0) return false;
  const accounts = store.channels.accounts();
  const isDue = accounts.some((one) => one.settledUnits < one.acceptedUnits && !waitsForMore(one, accounts, world.auditor.sides));
  if (isDue) return false;
  return counterparts.every(({ spec, orders, doubted }) => {
    const isOver = [...orders.values()].every(({ stages }) => ['settled', 'rejected', 'reversed'].includes(stages.at(-1) ?? ''));
    const stageOf = (id: string): string | undefined =>
      orders.get(id)?.stages.at(-1) ?? (doubted.has(id) ? 'rejected' : undefined);
    const isKnown = store.payouts.ofRail(spec.name).every(({ id, state }) => state === stageOf(id));
    return isOver && isKnown;
  });
}

async function drain(world: World, look: () => Promise<void>): Promise<void> {
  for (const station of world.stations) station.stopUse();
  calm(world);
  world.site.skewSeconds = 0;
  payWhatIsOwed(world);
  for (const counterpart of world.counterparts) counterpart.calm();
  // Two boards under one name would take each other's connection for ever.
  for (const twin of world.stations.slice(world.members.length)) twin.retire();
  const own = world.stations.slice(0, world.members.length);
  const passUntil = async (isDone: (station: Station) => boolean): Promise<void> => {
    const endMs = world.clock.nowMs + DRAIN_MS;
    while (world.clock.nowMs < endMs && !(world.keeper.isUp() && own.every(isDone))) {
      await passTo(world, world.clock.nowMs + DRAIN_STEP_MS);
      await look();
    }
  };
  await passUntil((station) => station.firmware()?.snapshot().uncoveredUnits === 0);
  for (const station of own) station.firmware()?.close();
  await passUntil((station) => station.firmware()?.snapshot().closed === true);
  await settleAll(world);
  world.auditor.audit();
  auditWallets(world);
  world.auditor.conclude();
  auditFirmware(world);
  concludeFraud(world);
  const routed = new Set(world.auditor.sides.map(({ name }) => name));
  const parties = new Map<string, Parties>(
    world.members.map(({ config, payer, payee }) => {
      const isDirect = !routed.has(payer) && !routed.has(payee);
      return [config.device, { payer, payee, isDirect }];
    }),
  );
  const store = world.eyes();
  if (store !== undefined) auditBankFiles(store, (device) => parties.get(device), world.auditor.broken);
}
