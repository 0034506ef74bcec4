// The hub's memory: one SQLite database that survives power loss. In: the data folder. Out: typed rows and transactions; SQL exists only here, in
// hub/database.ts, in the other store files and in the schema's. A commit that returns is on the disk.

import Database from 'better-sqlite3';
import type { Bytes } from '../shared/bytes.ts';
import type { HubId } from '../shared/identity.ts';
import { hubIdOf } from '../shared/identity.ts';
import { DEFAULT_ROOT } from '../shared/topics.ts';
import { asRefusal, assertDurable, emptyLog, hubKeyOf, migrate, openDatabase, versionReader, watcherOf } from './database.ts';
import type { Health } from './health.ts';
import { healthOf, tryDisk } from './health.ts';
import { preparedLater } from './later.ts';
import { MIGRATIONS } from './migrations.ts';
import { overlay } from './overlay.ts';
import { sha256 } from './proofs.ts';
import { aheadOf, carryJournal } from './replay-journal.ts';
import { isStorageFault } from './storage-fault.ts';
import type { BatchRows } from './store-batches.ts';
import { batchRows } from './store-batches.ts';
import type { BookRows } from './store-books.ts';
import { bookRows } from './store-books.ts';
import type { ChannelRows } from './store-channels.ts';
import { channelRows } from './store-channels.ts';
import type { FirmwareRows } from './store-firmware.ts';
import { firmwareRows } from './store-firmware.ts';
import type { PersonRows } from './store-person.ts';
import { personRows } from './store-person.ts';
import type { PlaceRows } from './store-places.ts';
import { placeRows } from './store-places.ts';
import type { GrantRows } from './store-grants.ts';
import { grantRows } from './store-grants.ts';
import type { EvidenceRows } from './store-evidence.ts';
import { evidenceRows } from './store-evidence.ts';
import type { HeadRows } from './store-heads.ts';
import { headRows } from './store-heads.ts';
import type { DeviceRows } from './store-devices.ts';
import { deviceRows } from './store-devices.ts';
import type { ParticularRows } from './store-particulars.ts';
import { particularRows } from './store-particulars.ts';
import type { RetentionRows } from './store-retention.ts';
import { retentionRows } from './store-retention.ts';
import type { SaleRows } from './store-sales.ts';
import { saleRows } from './store-sales.ts';
import type { PayoutRows } from './store-payouts.ts';
import { payoutRows } from './store-payouts.ts';
import type { TariffRows } from './store-tariffs.ts';
import { tariffRows } from './store-tariffs.ts';
import type { SegmentRows } from './store-segments.ts';
import { segmentRows } from './store-segments.ts';
import type { QuarantineRows } from './store-quarantine.ts';
import { quarantineRows } from './store-quarantine.ts';
import type { BudgetRows } from './store-budgets.ts';
import { budgetRows } from './store-budgets.ts';
import type { ClaimDayRows } from './store-claim-days.ts';
import { claimDayRows } from './store-claim-days.ts';
import type { LotRows } from './store-lots.ts';
import { lotRows } from './store-lots.ts';
import type { ReservationRows } from './store-reservations.ts';
import { reservationRows } from './store-reservations.ts';
import type { ReturnRows } from './store-returns.ts';
import { returnRows } from './store-returns.ts';
import type { WalletRows } from './store-wallets.ts';
import { walletRows } from './store-wallets.ts';
import type { RouteRows } from './store-routes.ts';
import { routeRows } from './store-routes.ts';
import type { TableRows } from './store-tables.ts';
import { tableRows } from './store-tables.ts';
import { keepRecords } from './store-records.ts';

export interface Store {
  readonly dataDir: string;
  readonly hub: HubId;
  /** Its public key, 32 bytes. */
  readonly hubKey: Bytes;
  readonly devices: DeviceRows;
  readonly channels: ChannelRows;
  readonly segments: SegmentRows;
  readonly tariffs: TariffRows;
  readonly books: BookRows;
  readonly batches: BatchRows;
  readonly heads: HeadRows;
  readonly payouts: PayoutRows;
  readonly routes: RouteRows;
  readonly evidence: EvidenceRows;
  readonly grants: GrantRows;
  readonly firmware: FirmwareRows;
  readonly quarantine: QuarantineRows;
  /** Everything as it stands in the file, for the audit. */
  readonly tables: TableRows;
  readonly particulars: ParticularRows;
  readonly persons: PersonRows;
  readonly wallets: WalletRows;
  readonly places: PlaceRows;
  readonly sales: SaleRows;
  readonly budgets: BudgetRows;
  readonly claimDays: ClaimDayRows;
  readonly lots: LotRows;
  readonly reservations: ReservationRows;
  readonly returns: ReturnRows;
  readonly retention: RetentionRows;
  /** Whether what is written reaches the disk. Whoever writes beside `atomically` tells it of failures. */
  readonly health: Health;
  /** Ends a failure: a new file and a commit that changes nothing, both flushed. */
  probe(): void;
  root(): string;
  setRoot(root: string): void;
  /** All or nothing, alone among writers, and on the disk when it returns. */
  atomically<T>(write: () => T): T;
  /** All reads see the same moment. */
  atOneMoment<T>(read: () => T): T;
  /** Brings the log into the file and empties it; false while another process reads from it. */
  emptyLog(): boolean;
  /** Writes the file anew without what was deleted, and empties the log; false while another process is at work. */
  rewrite(): boolean;
  /** True once after another process or connection has committed. */
  changedElsewhere(): boolean;
  /** The same for another asker, whose answers are its own. */
  watchElsewhere(): () => boolean;
  close(): void;
}

export function openStore(dataDir: string, options: { readonly readonly?: boolean } = {}): Store {
  const readonly = options.readonly === true;
  const db = preparedLater(openDatabase(dataDir, readonly));
  try {
    migrate(db, dataDir, readonly);
    if (!readonly) keepRecords(db);
    const hubKey = hubKeyOf(db, dataDir, readonly);
    if (readonly) {
      const ground = { dataDir, hub: hubIdOf(hubKey, sha256), channels: channelRows(db), devices: deviceRows(db) };
      overlay(db, aheadOf(ground));
    }
    const store = storeOf(db, dataDir, hubKey);
    if (!readonly) carryJournal(store, Math.floor(Date.now() / 1000));
    return store;
  } catch (error) {
    db.close();
    throw asRefusal(error, dataDir);
  }
}

function storeOf(db: Database.Database, dataDir: string, publicKey: Bytes): Store {
  const transaction = db.transaction((run: () => unknown) => run());
  const health = healthOf();
  let asserted = false;
  const readVersion = versionReader(db);
  let version = readVersion();
  const devices = deviceRows(db);
  const readRoot = db.prepare<[], { root: string }>('SELECT root FROM hub');
  const hub = hubIdOf(publicKey, sha256);
  return {
    dataDir,
    hub,
    hubKey: publicKey,
    devices: {
      ...devices,
      revoke(device, nowSeconds) {
        version = undefined; // SQLite counts only what other connections do
        return devices.revoke(device, nowSeconds);
      },
    },
    channels: channelRows(db),
    segments: segmentRows(db),
    tariffs: tariffRows(db),
    books: bookRows(db, hub),
    batches: batchRows(db),
    heads: headRows(db),
    payouts: payoutRows(db),
    routes: routeRows(db),
    evidence: evidenceRows(db),
    grants: grantRows(db),
    firmware: firmwareRows(db),
    quarantine: quarantineRows(db),
    tables: tableRows(db),
    particulars: particularRows(db),
    persons: personRows(db),
    wallets: walletRows(db),
    places: placeRows(db),
    sales: saleRows(db),
    budgets: budgetRows(db),
    claimDays: claimDayRows(db),
    lots: lotRows(db),
    reservations: reservationRows(db),
    returns: returnRows(db),
    retention: retentionRows(db),
    health,
    probe() {
      try {
        tryDisk(dataDir);
        // SQLite writes no row that stays as it is; the header's page it does.
        transaction.immediate(() => db.pragma(`user_version = ${MIGRATIONS.length}`));
        health.succeeded();
      } catch (error) {
        if (!isStorageFault(error)) throw error;
      }
    },
    root: () => readRoot.get()?.root ?? DEFAULT_ROOT,
    setRoot: (root) => void db.prepare('UPDATE hub SET root = ?').run(root),
    atomically<T>(write: () => T): T {
      const result = attempt(health, () => transaction.immediate(write) as T);
      // WAL mode may fall back to NORMAL at the first write, whatever was set before it; then commits would not survive a power cut.
      if (!asserted) assertDurable(db);
      asserted = true;
      return result;
    },
    atOneMoment: <T>(read: () => T): T => attempt(health, () => transaction.deferred(read) as T),
    emptyLog: () => emptyLog(db),
    rewrite() {
      try {
        db.exec('VACUUM');
      } catch (error) {
        if (error instanceof Database.SqliteError && /^SQLITE_(BUSY|LOCKED)/.test(error.code)) return false;
        throw error;
      }
      return emptyLog(db);
    },
    changedElsewhere() {
      const now = readVersion();
      const changed = now !== version;
      version = now;
      return changed;
    },
    watchElsewhere: () => watcherOf(db),
    close: () => void db.close(),
  };
}

/** What errors of the database say of the disk. A constraint that refuses a row says nothing of it; nor does a success, which may have written nothing. */
function attempt<T>(health: Health, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (isStorageFault(error) && !isConstraint(error)) health.failed(error);
    throw error;
  }
}

function isConstraint(error: Error): boolean {
  return String((error as { code?: unknown }).code).startsWith('SQLITE_CONSTRAINT');
}
