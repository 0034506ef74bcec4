// What came of a world: figures, the auditor's findings, what the scenario wanted to hold, and the hash that names the run. In: a world after its end. Out: one
// plain object for people, machines and plots. Money in must be money out, but for losses within the bounds that were declared.

import type { Violation } from './audit/auditor.ts';
import type { OwnWallet } from './audit/own-wallets.ts';
import { waitsForMore } from './audit/payouts.ts';
import { ownCharge } from './audit/second-charge.ts';
import type { Direction } from '../hub/rails/rail.ts';
import { durationText } from './duration.ts';
import type { SeriesPoint } from './world/chronicle.ts';
import type { Counterpart, Order, Stage } from './world/counterpart.ts';
import type { World } from './world/world.ts';

export interface Money {
  readonly currency: string;
  readonly deliveredMicros: number;
  readonly chargedMicros: number;
  readonly settledMicros: number;
}

/** An account with terms, as the auditor reckons it. */
export interface OutcomeWallet {
  readonly account: string;
  readonly kind: 'prepaid' | 'post-paid';
  readonly currency: string;
  readonly toppedUpMicros: number;
  readonly promotedMicros: number;
  /** Of promotions, what was left when their time was over. */
  readonly expiredMicros: number;
  readonly chargedMicros: number;
  /** Below zero: owed. */
  readonly heldMicros: number;
  readonly channels: number;
}

/** What went by a rail, as its counterpart knows it. */
export interface OutcomeRail {
  readonly rail: string;
  readonly payouts: number;
  /** Settled and not taken back. */
  readonly settled: number;
  readonly rejected: number;
  readonly reversed: number;
  readonly paidMicros: number;
  readonly collectedMicros: number;
}

export interface OutcomeDevice {
  readonly label: string;
  readonly group: string;
  readonly deliveredUnits: number;
  readonly acceptedUnits: number;
  readonly latitude: number | null;
  readonly longitude: number | null;
}

export interface Outcome {
  readonly scenario: string;
  readonly seed: number;
  readonly devices: number;
  readonly virtualMs: number;
  readonly elapsedMs: number;
  readonly stopped: boolean;
  readonly hash: string;
  readonly events: number;
  readonly vouchers: {
    readonly sent: number;
    readonly accepted: number;
    /** Of those accepted, and of their duplicates, the ones that the hub's journal took. */
    readonly onFastWay: number;
    readonly duplicate: number;
    readonly rejected: number;
  };
  readonly rejectedBy: Readonly<Record<string, number>>;
  readonly faults: Readonly<Record<string, number>>;
  /** Attempts of everybody who cheats; and those that moved something, or that nobody could have noticed. */
  readonly frauds: { readonly tried: number; readonly unfound: number };
  readonly latency: { readonly p50Ms: number; readonly p95Ms: number; readonly p99Ms: number; readonly samples: number };
  readonly units: {
    readonly metered: number;
    readonly accepted: number;
    readonly settled: number;
    readonly lost: number;
    readonly lostAtMost: number;
  };
  readonly money: readonly Money[];
  readonly wallets: readonly OutcomeWallet[];
  readonly rails: readonly OutcomeRail[];
  readonly violations: readonly Violation[];
  readonly failedAssertions: readonly string[];
  readonly series: readonly SeriesPoint[];
  readonly places: readonly OutcomeDevice[];
}

export interface RunFigures {
  readonly ranMs: number;
  readonly stopped: boolean;
  readonly elapsedMs: number;
}

export function isClean(outcome: Outcome): boolean {
  return outcome.violations.length === 0 && outcome.failedAssertions.length === 0;
}

export function outcomeOf(world: World, { ranMs, stopped, elapsedMs }: RunFigures): Outcome {
  const places = devicesOf(world);
  const lost = balanceDevices(world, places);
  const counters = world.site.counter.read();
  const { chronicle } = world;
  const counts = chronicle.counts();
  const settledUnits = accountsOf(world).reduce((sum, account) => sum + account.settledUnits, 0);
  const total = (pick: (one: OutcomeDevice) => number): number => places.reduce((sum, one) => sum + pick(one), 0);
  const units = {
    metered: total((one) => one.deliveredUnits),
    accepted: total((one) => one.acceptedUnits),
    settled: settledUnits,
    ...lost,
  };
  const rejectedBy = Object.entries(counters.byReason).filter(([, n]) => n > 0);
  const faults = Object.entries(counts).filter(([what]) => what.startsWith('fault '));
  const outcome: Outcome = {
    scenario: world.scenario.name,
    seed: world.seed,
    devices: world.members.length,
    virtualMs: ranMs,
    elapsedMs: Math.round(elapsedMs),
    stopped,
    hash: chronicle.hash(),
    events: chronicle.events(),
    vouchers: {
      sent: counts['vouchers sent'] ?? 0,
      accepted: counters.accepted,
      onFastWay: counts['vouchers on the fast way'] ?? 0,
      duplicate: counters.duplicate,
      rejected: counters.rejected,
    },
    rejectedBy: Object.fromEntries(rejectedBy),
    faults: Object.fromEntries(faults.map(([what, n]) => [what.slice('fault '.length), n])),
    frauds: fraudsOf(world, counts),
    latency: chronicle.latencies(),
    units,
    money: moneyOf(world, places),
    wallets: world.auditor.wallets.map(walletOf),
    rails: world.counterparts.map(railOf),
    violations: world.auditor.violations,
    failedAssertions: [],
    series: chronicle.series(),
    places,
  };
  return { ...outcome, failedAssertions: failedOf(world, outcome) };
}

const FRAUDS = ['replay', 'forgery', 'junk', 'theft', 'clone', 'overclaim', 'tamper'];
const FRAUD_RULES = ['fraud', 'fraud-found'];

function fraudsOf(world: World, counts: Readonly<Record<string, number>>): Outcome['frauds'] {
  return {
    tried: FRAUDS.reduce((sum, kind) => sum + (counts[`fault ${kind}`] ?? 0), 0),
    unfound: world.auditor.violations.filter(({ rule }) => FRAUD_RULES.includes(rule)).length,
  };
}

type Account = ReturnType<NonNullable<ReturnType<World['eyes']>>['channels']['accounts']>[number];

function accountsOf(world: World): readonly Account[] {
  return world.eyes()?.channels.accounts() ?? [];
}

function devicesOf(world: World): OutcomeDevice[] {
  const accepted = new Map<string, number>();
  for (const { device, acceptedUnits } of accountsOf(world)) accepted.set(device, (accepted.get(device) ?? 0) + acceptedUnits);
  return world.members.map(({ label, group, config, place }) => ({
    label,
    group: group.name,
    deliveredUnits: world.auditor.devices.get(config.device)?.deliveredUnits ?? 0,
    acceptedUnits: accepted.get(config.device) ?? 0,
    latitude: place?.latitude ?? null,
    longitude: place?.longitude ?? null,
  }));
}

/** Device by device: nothing is charged that was not metered, and nothing is lost beyond what its faults explain. */
function balanceDevices(world: World, places: readonly OutcomeDevice[]): { lost: number; lostAtMost: number } {
  let lost = 0;
  let lostAtMost = 0;
  for (const [place, { deliveredUnits, acceptedUnits, label }] of places.entries()) {
    const own = world.auditor.devices.get(world.members[place]?.config.device as never);
    if (own === undefined) continue;
    const lossUnits = deliveredUnits - acceptedUnits;
    const boundUnits = own.marks.has('cloned') ? own.deliveredUnits : own.lossBoundUnits;
    lost += Math.max(0, lossUnits);
    lostAtMost += boundUnits;
    if (lossUnits > boundUnits) world.auditor.broken('loss-bound', `${label}: ${lossUnits} units lost, ${boundUnits} at most`);
    if (-lossUnits > own.overBoundUnits)
      world.auditor.broken('metered >= accepted', `${label}: ${acceptedUnits} accepted, ${deliveredUnits} metered`);
  }
  return { lost, lostAtMost };
}

function moneyOf(world: World, places: readonly OutcomeDevice[]): Money[] {
  const sums = new Map<string, { deliveredMicros: number; chargedMicros: number; settledMicros: number }>();
  const sumOf = (currency: string): { deliveredMicros: number; chargedMicros: number; settledMicros: number } => {
    const known = sums.get(currency) ?? { deliveredMicros: 0, chargedMicros: 0, settledMicros: 0 };
    sums.set(currency, known);
    return known;
  };
  for (const [place, { deliveredUnits }] of places.entries()) {
    const tariff = world.members[place]?.tariff;
    if (tariff?.kind !== 'rich' && tariff !== undefined)
      sumOf(tariff.currency).deliveredMicros += ownCharge(tariff, [], deliveredUnits) ?? 0;
  }
  for (const { tariff, chargedMicros, settledMicros } of accountsOf(world)) {
    const sum = sumOf(tariff.currency);
    sum.chargedMicros += chargedMicros;
    sum.settledMicros += settledMicros;
    // What such units cost depends on which channel carried them when: it is known of those that were accepted.
    if (tariff.kind === 'rich') sum.deliveredMicros += chargedMicros;
  }
  return [...sums].map(([currency, sum]) => ({ currency, ...sum }));
}

function walletOf(wallet: OwnWallet): OutcomeWallet {
  const { name, kind, currency, expiredMicros, claimedMicros, heldMicros, openings } = wallet;
  const booked = [...wallet.events.values()].filter((event) => event.booked);
  const sumOf = (isPromotion: boolean): number =>
    booked.reduce((sum, one) => (isPromotion === (one.promotion !== undefined) ? sum + one.amountMicros : sum), 0);
  const given = { toppedUpMicros: sumOf(false), promotedMicros: sumOf(true), expiredMicros };
  return { account: name, kind, currency, ...given, chargedMicros: claimedMicros, heldMicros, channels: openings.length };
}

function railOf({ spec, orders }: Counterpart): OutcomeRail {
  const all = [...orders.values()];
  const at = (stage: Stage): Order[] => all.filter(({ stages }) => stages.at(-1) === stage);
  const micros = (direction: Direction): number =>
    at('settled').reduce((sum, { payout }) => (payout.direction === direction ? sum + payout.amountMicros : sum), 0);
  const counts = { settled: at('settled').length, rejected: at('rejected').length, reversed: at('reversed').length };
  return { rail: spec.name, payouts: all.length, ...counts, paidMicros: micros('pay'), collectedMicros: micros('collect') };
}

/** Units, and micros by currency, that are not settled though nothing is wrong: less than a rail can move. */
function waitingOf(world: World): { readonly units: number; readonly micros: ReadonlyMap<string, number> } {
  const accounts = accountsOf(world);
  const waiting = accounts.filter(
    (one) => one.settledUnits < one.acceptedUnits && waitsForMore(one, accounts, world.auditor.sides),
  );
  const micros = new Map<string, number>();
  for (const { tariff, chargedMicros, settledMicros } of waiting)
    micros.set(tariff.currency, (micros.get(tariff.currency) ?? 0) + chargedMicros - settledMicros);
  return { units: waiting.reduce((sum, one) => sum + one.acceptedUnits - one.settledUnits, 0), micros };
}

function failedOf(world: World, outcome: Outcome): string[] {
  const wanted = world.scenario.assertions;
  const { units, vouchers, latency } = outcome;
  const failed: string[] = [];
  const need = (holds: boolean, sentence: string): void => void (holds || failed.push(sentence));
  const waiting = waitingOf(world);
  need(units.accepted === units.settled + waiting.units, `${units.accepted} units are accepted, ${units.settled} settled`);
  for (const { currency, chargedMicros, settledMicros } of outcome.money) {
    const dueMicros = settledMicros + (waiting.micros.get(currency) ?? 0);
    need(chargedMicros === dueMicros, `${chargedMicros} micros ${currency} are charged, ${settledMicros} settled`);
  }
  if (wanted.settledShareAtLeast !== undefined) {
    const share = units.metered === 0 ? 1 : units.settled / units.metered;
    need(
      share >= wanted.settledShareAtLeast,
      `settledShareAtLeast: expected ${wanted.settledShareAtLeast}, got ${share.toFixed(6)}`,
    );
  }
  if (wanted.lostUnitsAtMost !== undefined)
    need(units.lost <= wanted.lostUnitsAtMost, `lostUnitsAtMost: expected ${wanted.lostUnitsAtMost}, got ${units.lost}`);
  if (wanted.vouchersAtLeast !== undefined)
    need(
      vouchers.accepted >= wanted.vouchersAtLeast,
      `vouchersAtLeast: expected ${wanted.vouchersAtLeast}, got ${vouchers.accepted}`,
    );
  if (wanted.rejectedAtMost !== undefined)
    need(
      vouchers.rejected <= wanted.rejectedAtMost,
      `rejectedAtMost: expected ${wanted.rejectedAtMost}, got ${vouchers.rejected}`,
    );
  if (wanted.latencyP99AtMost !== undefined) {
    need(
      latency.p99Ms <= wanted.latencyP99AtMost,
      `latencyP99AtMost: expected ${durationText(wanted.latencyP99AtMost)}, got ${durationText(latency.p99Ms)}`,
    );
  }
  if (wanted.chargedMicrosAtLeast !== undefined) {
    const charged = outcome.money.reduce((sum, one) => sum + one.chargedMicros, 0);
    need(charged >= wanted.chargedMicrosAtLeast, `chargedMicrosAtLeast: expected ${wanted.chargedMicrosAtLeast}, got ${charged}`);
  }
  return failed;
}
