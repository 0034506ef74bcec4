// The auditor: looks over everybody's shoulder and believes nobody. In: what machines delivered, what boards and hub were heard to say, and the database,
// through a connection of its own. Out: sentences, each a promise that was broken. It checks at every step that
// metered >= vouchered >= accepted >= claimed >= settled and that nothing falls; it changes nothing.

import { hubKeysIn } from '../../hub/audit/keys.ts';
import { auditTables } from '../../hub/audit/run.ts';
import type { Record } from '../../hub/journal.ts';
import type { Store } from '../../hub/store.ts';
import type { Bytes } from '../../shared/bytes.ts';
import type { DeviceId } from '../../shared/identity.ts';
import type { Receipt } from '../../shared/receipt.ts';
import type { Voucher } from '../../shared/voucher.ts';
import type { Written } from '../world/disk.ts';
import { auditBooks } from './books.ts';
import type { Peek } from './peek.ts';
import { confirmations } from './confirmations.ts';
import { overhearDown, overhearUp } from './overheard.ts';
import type { SaidUp } from './overheard.ts';
import type { OwnDevice } from './own-books.ts';
import { ownJournal } from './own-journal.ts';
import { isSigned } from './own-signatures.ts';
import { leadsBack, noteThiefsPromise, ownChannel } from './own-books.ts';
import { latencyBook } from './latencies.ts';
import { watchCommits } from './commits.ts';
import type { Counterpart, Order } from '../world/counterpart.ts';
import type { OwnReturns } from './own-returns.ts';
import { auditAnswers } from './own-returns.ts';
import type { OwnWallet } from './own-wallets.ts';
import type { RoutedSide } from './payouts.ts';
import { auditArrival, auditMoved } from './payouts.ts';
import { auditPromotions } from './wallets.ts';

export interface Violation {
  readonly atMs: number;
  /** A word for the promise, the same for the same kind of breach. */
  readonly rule: string;
  readonly detail: string;
}

export interface AuditorOptions {
  readonly nowMs: () => number;
  /** The committed state, as another process would read it. */
  readonly eyes: () => Store | undefined;
  /** The same of a process that begins to read now: with what is in the journal. */
  readonly eyesAnew: () => Store | undefined;
  /** The same for single counts. */
  readonly peek: () => Peek | undefined;
  /** What the hub's clock shows. */
  readonly hubSeconds: () => number;
  /** Comes back within the same moment. */
  readonly soon: (run: () => void) => void;
  readonly onLatency: (ms: number) => void;
  readonly onViolation: (violation: Violation) => void;
}

export interface Auditor {
  readonly devices: Map<DeviceId, OwnDevice>;
  /** Of the accounts that have terms. */
  readonly wallets: OwnWallet[];
  /** Who is paid and collected from by rails. */
  readonly sides: RoutedSide[];
  /** Refunds, disputes and their resolutions. */
  readonly returns: OwnReturns;
  /** A payout has reached its rail's counterpart. */
  orderArrives(counterpart: Counterpart, order: Order): void;
  readonly violations: readonly Violation[];
  readonly broken: (rule: string, detail: string) => void;
  delivered(device: DeviceId, units: number): void;
  /** The board has come up, and its register stands where flash has left it. */
  booted(device: DeviceId, registerUnits: number): void;
  /** A packet as it leaves the board: a real one, with the device's real key. */
  boardSays(device: DeviceId, bytes: Bytes): SaidUp | undefined;
  /** A packet as it leaves the hub. */
  hubSays(device: DeviceId, bytes: Bytes): void;
  /** What the hub acknowledges meanwhile is a report, new or repeated, and no money: it owes no answer. */
  acknowledgesReport(run: () => void): void;
  /** The hub has committed something of these channels. */
  committed(channels: readonly Written[]): void;
  /** A record of the hub's journal is durable. */
  journalled(record: Record): void;
  /** The hub comes up: what was in its journal is in the database now. */
  hubComes(): void;
  /** The books are about to change: what was said of them until now is checked against them as they are. */
  booksChange(): void;
  /** The hub is gone: what it has acknowledged and not answered is kept against it. */
  hubGone(): void;
  /** Everything, now. */
  audit(): void;
  /** What must hold when all is delivered, claimed and settled. */
  conclude(): void;
}

/** More of the same would only fill memory. */
const VIOLATIONS_HELD = 200;

export function createAuditor(options: AuditorOptions): Auditor {
  const { nowMs, eyes } = options;
  const devices = new Map<DeviceId, OwnDevice>();
  const wallets: OwnWallet[] = [];
  const sides: RoutedSide[] = [];
  const returns: OwnReturns = new Map();
  const committed = watchCommits(options, devices, broken);
  const violations: Violation[] = [];
  const latencies = latencyBook(options);
  let owesNothing = false;
  const journal = ownJournal();
  const confirmed = confirmations({ ...options, journal }, (detail) => broken('receipt-after-commit', detail));

  function broken(rule: string, detail: string): void {
    const violation = { atMs: nowMs(), rule, detail };
    if (violations.length < VIOLATIONS_HELD) violations.push(violation);
    options.onViolation(violation);
  }

  function heardVoucher(own: OwnDevice, message: Voucher): void {
    const channel = own.channels.get(message.channel);
    if (channel === undefined)
      return broken('voucher-without-commitment', `${own.label}: a voucher on channel ${message.channel}`);
    if (message.units > channel.voucheredUnits) channel.voucheredUnits = message.units;
    const promised = channel.terms.openedRegisterUnits + message.units;
    const most = own.deliveredUnits + own.overBoundUnits;
    if (promised > most)
      broken('metered >= vouchered', `${own.label}: promises register ${promised}, ${most} were metered at most`);
    if (message.kind !== 'payword' || message.units <= channel.linkUnits) return;
    if (!leadsBack(channel, message.link, message.units)) {
      return broken(
        'payword',
        `${own.label}/${message.channel}: the link for ${message.units} units does not lead to the anchor`,
      );
    }
    channel.link = message.link;
    channel.linkUnits = message.units;
  }

  function assertAnswered(own: OwnDevice, otherwise: (ms: number) => string): void {
    const sinceMs = own.owed.sinceMs();
    if (sinceMs !== undefined && sinceMs < nowMs()) broken('puback-after-commit', otherwise(nowMs() - sinceMs));
  }

  function heardReceipt(own: OwnDevice, receipt: Receipt): void {
    const name = `${own.label}/${receipt.channel}`;
    const channel = own.channels.get(receipt.channel);
    if (channel === undefined) return broken('fraud', `${name}: a receipt on a channel that the device never opened`);
    assertAnswered(own, (ms) => `${name}: acknowledged ${ms} ms before it was stored`);
    own.owed.answered();
    const { acceptedUnits } = receipt;
    noteThiefsPromise(own, channel, acceptedUnits);
    if (acceptedUnits < channel.receiptedUnits)
      broken('receipts-never-fall', `${name}: ${acceptedUnits} after ${channel.receiptedUnits}`);
    own.receiptedUnits += Math.max(0, acceptedUnits - channel.receiptedUnits);
    channel.receiptedUnits = Math.max(channel.receiptedUnits, acceptedUnits);
    const most = own.deliveredUnits + own.overBoundUnits;
    if (own.receiptedUnits > most)
      broken(
        'metered >= accepted',
        `${own.label}: ${own.receiptedUnits} units accepted on all its channels, ${most} were metered at most`,
      );
    channel.closed ||= receipt.closed;
    if (acceptedUnits > channel.voucheredUnits)
      broken('vouchered >= accepted', `${name}: ${acceptedUnits} accepted, ${channel.voucheredUnits} vouchered`);
    confirmed.note(own, receipt.channel, acceptedUnits);
    latencies.covered(own, channel.terms.openedRegisterUnits + acceptedUnits);
  }

  return {
    devices,
    wallets,
    sides,
    returns,
    orderArrives(counterpart, order) {
      const store = eyes();
      if (store !== undefined) auditArrival(store, sides, counterpart, order, broken);
    },
    committed,
    violations,
    broken,
    delivered(device, units) {
      const own = devices.get(device);
      if (own === undefined) return;
      own.deliveredUnits += units;
      latencies.delivered(own);
    },
    booted(device, registerUnits) {
      const own = devices.get(device);
      if (own === undefined) return;
      latencies.booted(own, registerUnits);
      const least = own.deliveredUnits - own.lossBoundUnits;
      if (own.marks.has('damaged') || registerUnits >= least) return;
      broken('register-persists', `${own.label}: boots with a register of ${registerUnits}, ${least} at least were recorded`);
    },
    boardSays(device, bytes) {
      const own = devices.get(device);
      const said = own === undefined ? undefined : overhearUp(bytes);
      if (own === undefined || said === undefined) return undefined;
      const { message } = said;
      own.owed.said(said.packetId);
      if (!own.marks.has('damaged') && !isSigned(own, message))
        broken('board-signature', `${own.label}: what it has signed does not verify`);
      if (message.kind !== 'commitment') heardVoucher(own, message);
      else if (!own.channels.has(message.terms.channel))
        own.channels.set(message.terms.channel, ownChannel(device, own.tariff, message.terms));
      return said;
    },
    hubSays(device, bytes) {
      const own = devices.get(device);
      const said = own === undefined ? undefined : overhearDown(bytes);
      if (own === undefined || said === undefined) return;
      if (said.kind === 'connack') {
        own.owed.connected();
        own.connects.welcomed(nowMs());
      }
      if (said.kind === 'receipt') heardReceipt(own, said);
      if (said.kind === 'reject') {
        own.owed.answered();
        if (said.reason === 'conflicting-channel') own.marks.add('conflicting');
      }
      if (said.kind === 'puback' && !owesNothing) own.owed.acknowledged(said.packetId, nowMs());
    },
    acknowledgesReport(run) {
      owesNothing = true;
      try {
        run();
      } finally {
        owesNothing = false;
      }
    },
    journalled: (record) => journal.durable(record),
    hubComes() {
      journal.forget();
      for (const own of devices.values()) own.connects.forget();
    },
    booksChange: () => confirmed.check(),
    hubGone() {
      confirmed.check();
      for (const own of devices.values()) {
        assertAnswered(own, () => `${own.label}: acknowledged, and the hub has gone without an answer`);
        own.owed.gone();
      }
    },
    audit() {
      confirmed.check();
      const store = options.eyesAnew();
      if (store !== undefined) auditBooks(store, { devices, wallets, sides, returns }, broken);
    },
    conclude() {
      const store = eyes();
      if (store === undefined) return;
      for (const wallet of wallets) auditPromotions(store, wallet, options.hubSeconds(), broken);
      const left = store.batches.underWay();
      if (left !== undefined) broken('batch-finished', `batch ${left.id} was prepared, and nobody has gone on with it`);
      auditMoved(store, store.channels.accounts(), sides, broken);
      auditAnswers(returns, nowMs(), broken);
      for (const fault of wholeAudit(store)) broken('whole-audit', fault);
    },
  };
}

/** What operators have the command say. */
export function wholeAudit(store: Store): string[] {
  const { faults } = store.atOneMoment(() => auditTables(store.tables, hubKeysIn(store.dataDir), { all: true }));
  return faults.map(({ table, row, what }) => `${table} ${row}: ${what}`);
}
