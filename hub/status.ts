// Where the hub stands, in one object: devices, money, batches, and whether the books balance. In: the store, read at one moment; the hub may run in another
// process. Out: plain JSON values. It changes nothing.

import { toHex } from '../shared/bytes.ts';
import type { DeviceId } from '../shared/identity.ts';
import type { State } from '../shared/status.ts';
import { openAudit } from './audit.ts';
import type { AuditNote } from './audit/note.ts';
import { readAuditNote } from './audit/note.ts';
import type { BatchView } from './batch-view.ts';
import { batchViewOf, nameOfIn } from './batch-view.ts';
import type { DeviceSums, Sums } from './channel-sums.ts';
import { channelSums, noSums } from './channel-sums.ts';
import { signaturesJudgedBy } from './ed25519.ts';
import type { Storage } from './health.ts';
import { readHealth } from './health.ts';
import { sumMicros } from './ledger.ts';
import { standingOf } from './order.ts';
import type { Store } from './store.ts';
import type { DeviceRow, PresenceRow } from './store-devices.ts';

export interface DeviceStatus {
  readonly device: string;
  readonly label: string;
  readonly profile: string;
  readonly payer: string;
  readonly payee: string;
  readonly state: State | 'never seen';
  readonly revoked: boolean;
  /** It signed two commitments under one channel number: a fault, or a stolen key. */
  readonly conflicted: boolean;
  /** When something was last heard of it, in seconds since 1970. */
  readonly lastSeenSeconds: number | null;
  /** The newest channel; the numbers beside it are that channel's. */
  readonly channel: number | null;
  readonly acceptedUnits: number;
  /** Of all its channels, as everything below. */
  readonly totalUnits: number;
  readonly settledUnits: number;
  readonly chargedMicros: number;
  readonly settledMicros: number;
  readonly currency: string;
  readonly unit: string;
  /** How far a prepaid device may go, and what is left of that as far as the hub has heard; null for a post-paid one. */
  readonly ceilingUnits: number | null;
  readonly balanceUnits: number | null;
  /** What it has said that it runs; null for a device that takes no updates, or has said nothing yet. */
  readonly firmware: { readonly build: string; readonly version: number } | null;
  /** How the last update that was ordered for it stands; null when none was. */
  readonly update: string | null;
}

export interface AmountStatus {
  readonly currency: string;
  readonly chargedMicros: number;
  readonly settledMicros: number;
  readonly unsettledMicros: number;
}

export interface HubStatus {
  readonly hub: string;
  readonly devices: readonly DeviceStatus[];
  readonly units: { readonly accepted: number; readonly settled: number };
  readonly amounts: readonly AmountStatus[];
  readonly balanced: boolean;
  /** What is wrong when the books do not balance, one sentence each. */
  readonly faults: readonly string[];
  /** Whether the hub that runs here can store anything. */
  readonly storage: Storage;
  /** Of the hub by itself; null while there was none. */
  readonly lastAudit: AuditNote | null;
  /** Who checks vouchers' signatures, in this installation. */
  readonly signaturesJudgedBy: string;
  /** Refused since the data began; see store.quarantine for who and why. */
  readonly refusedMessages: number;
  /** The newest first, at most 1000. Their lines are read when they are asked for, while the store is open. */
  readonly batches: readonly BatchView[];
}

type NameOf = ReturnType<typeof nameOfIn>;

const BATCHES_SHOWN = 1000;

export function hubStatus(store: Store): HubStatus {
  return store.atOneMoment(() => {
    const nameOf = nameOfIn(store);
    const found = openAudit(store);
    const sums = channelSums(store, found);
    const faults = found.faults();
    return {
      hub: toHex(store.hub),
      devices: devicesOf(store, sums.byDevice, nameOf),
      units: unitsOf(sums.byCurrency),
      amounts: amountsOf(sums.byCurrency),
      balanced: faults.length === 0,
      faults,
      storage: storageOf(store),
      lastAudit: readAuditNote(store.dataDir) ?? null,
      signaturesJudgedBy: signaturesJudgedBy(),
      refusedMessages: store.quarantine.counts().reduce((sum, { messages }) => sum + messages, 0),
      batches: store.batches.newest(BATCHES_SHOWN).map((batch) => batchViewOf(batch, nameOf)),
    };
  });
}

/** Of this process, or else what the hub in another one has left in its file. */
function storageOf(store: Store): Storage {
  const own = store.health.read();
  return own.kind === 'failing' ? own : readHealth(store.dataDir);
}

function devicesOf(store: Store, sums: ReadonlyMap<DeviceId, DeviceSums>, nameOf: NameOf): DeviceStatus[] {
  const presences = new Map(store.devices.presences().map((row) => [row.device, row]));
  const ceilings = store.grants.ceilings();
  return store.devices.all().map((row) =>
    deviceStatusOf({
      store,
      nameOf,
      row,
      presence: presences.get(row.device),
      ceiling: ceilings.get(row.device),
      sums: sums.get(row.device),
    }),
  );
}

interface Parts {
  readonly store: Store;
  readonly nameOf: NameOf;
  readonly row: DeviceRow;
  readonly presence: PresenceRow | undefined;
  readonly ceiling: number | undefined;
  readonly sums: DeviceSums | undefined;
}

function deviceStatusOf({ store, nameOf, row, presence, ceiling, sums }: Parts): DeviceStatus {
  const newest = sums?.newest;
  const tariff = newest?.tariff ?? store.devices.findTariff(row.tariff);
  const { acceptedUnits: totalUnits, settledUnits, chargedMicros, settledMicros } = sums ?? noSums();
  const ceilingUnits = ceiling ?? null;
  const usedUnits = Math.max(totalUnits, presence?.registerUnits ?? 0);
  const seen = [presence?.seenAtSeconds, sums?.changedAtSeconds].filter((at) => at !== undefined);
  return {
    device: row.device,
    label: row.label,
    profile: row.profile,
    payer: nameOf(row.payer),
    payee: nameOf(row.payee),
    // A gateway may pay and never speak of itself.
    state: presence?.state ?? (seen.length > 0 ? 'offline' : 'never seen'),
    revoked: row.revoked,
    conflicted: row.conflicted,
    lastSeenSeconds: seen.length === 0 ? null : Math.max(...seen),
    channel: newest?.number ?? null,
    acceptedUnits: newest?.acceptedUnits ?? 0,
    totalUnits,
    settledUnits,
    chargedMicros,
    settledMicros,
    currency: tariff?.currency ?? '',
    unit: tariff?.unit ?? '',
    ceilingUnits,
    balanceUnits: ceilingUnits === null ? null : Math.max(0, ceilingUnits - usedUnits),
    ...firmwareOf(store, row.device),
  };
}

function firmwareOf(store: Store, device: DeviceId): Pick<DeviceStatus, 'firmware' | 'update'> {
  const report = store.firmware.reportOf(device);
  const order = store.firmware.orderOf(device);
  const file = order === undefined ? undefined : store.firmware.find(order.build, order.version);
  return {
    firmware: report === undefined ? null : { build: report.build, version: report.version },
    update: order === undefined || file === undefined ? null : standingOf(order, report, file.fileBytes).sentence,
  };
}

function unitsOf(byCurrency: ReadonlyMap<string, Sums>): HubStatus['units'] {
  const all = [...byCurrency.values()];
  return {
    accepted: sumMicros(all.map(({ acceptedUnits }) => acceptedUnits)),
    settled: sumMicros(all.map(({ settledUnits }) => settledUnits)),
  };
}

function amountsOf(byCurrency: ReadonlyMap<string, Sums>): AmountStatus[] {
  return [...byCurrency]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([currency, { chargedMicros, settledMicros }]) => ({
      currency,
      chargedMicros,
      settledMicros,
      unsettledMicros: chargedMicros - settledMicros,
    }));
}
