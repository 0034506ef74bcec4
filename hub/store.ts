// The hub's memory: one SQLite database that survives power loss. In: the data folder. Out: typed rows and transactions; SQL exists only here, in the
// other store files and in the migrations. A commit that returns is on the disk: `synchronous` is FULL on every open, and checked.

import { accessSync, chmodSync, constants, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Bytes } from '../shared/bytes.ts';
import type { HubId } from '../shared/identity.ts';
import { hubIdOf } from '../shared/identity.ts';
import { DEFAULT_ROOT } from '../shared/topics.ts';
import { blobOf, bytesOf } from './blob.ts';
import { lendChainedHash } from './chain-earlier.ts';
import type { Health } from './health.ts';
import { adviceOn, healthOf, isDiskError, tryDisk } from './health.ts';
import { KEY_FILE, makeHubKey, readHubKey } from './key.ts';
import { MIGRATIONS } from './migrations.ts';
import { overlay } from './overlay.ts';
import { sha256 } from './proofs.ts';
import { HubRefused } from './refused.ts';
import { aheadOf, carryJournal } from './replay-journal.ts';
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
import { adoptRows, describeRecorded, keepRecords } from './store-records.ts';

export const DATABASE_FILE = 'hub.db';
const SYNCHRONOUS_FULL = 2;
const BUSY_MS = 5000;

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
  const db = openDatabase(dataDir, readonly);
  try {
    migrate(db, dataDir, readonly);
    if (!readonly) keepRecords(db);
    const hubKey = hubKeyOf(db, dataDir, readonly);
    if (readonly) overlay(db, aheadOf(channelRows(db), dataDir));
    const store = storeOf(db, dataDir, hubKey);
    if (!readonly) carryJournal(store, Math.floor(Date.now() / 1000));
    return store;
  } catch (error) {
    db.close();
    throw asRefusal(error, dataDir);
  }
}

function openDatabase(dataDir: string, readonly: boolean): Database.Database {
  const path = join(dataDir, DATABASE_FILE);
  if (readonly && !existsSync(path)) {
    throw new HubRefused('no-data', `expected a hub's data in ${dataDir}, found none; start a hub there first`);
  }
  try {
    if (!readonly) {
      mkdirSync(dataDir, { recursive: true, mode: 0o700 });
      accessSync(dataDir, constants.W_OK | constants.X_OK);
    }
    const db = new Database(path, { readonly, fileMustExist: readonly, timeout: BUSY_MS });
    if (!readonly) chmodSync(path, 0o600); // it holds the devices' MAC keys; the files beside it take the same mode
    if (!readonly) db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    db.pragma('foreign_keys = ON');
    db.pragma('trusted_schema = OFF');
    db.pragma('secure_delete = ON'); // what is erased is written over
    return db;
  } catch (error) {
    throw asRefusal(error, dataDir);
  }
}

function migrate(db: Database.Database, dataDir: string, readonly: boolean): void {
  const versionOf = (): number => db.pragma('user_version', { simple: true }) as number;
  const found = versionOf();
  const known = MIGRATIONS.length;
  if (found > known) {
    const sentence = `the database in ${dataDir} is of version ${found}, this program knows versions up to ${known}; use a later tallystick`;
    throw new HubRefused('later-database', sentence);
  }
  if (found === known) return;
  if (readonly) {
    const sentence = `the database in ${dataDir} is of version ${found}, expected ${known}; start the hub there once to bring it up to date`;
    throw new HubRefused('earlier-database', sentence);
  }
  const step = db.transaction(() => {
    lendChainedHash(db);
    const from = versionOf(); // another process may have been faster
    const recorded = describeRecorded(db);
    for (const sql of MIGRATIONS.slice(from)) db.exec(sql);
    adoptRows(db, recorded);
    db.pragma(`user_version = ${known}`);
  });
  step.immediate();
}

/** The public key that this database belongs to; the first open of a new folder makes it. */
function hubKeyOf(db: Database.Database, dataDir: string, readonly: boolean): Bytes {
  const read = (): Bytes | undefined => {
    const row = db.prepare<[], { public_key: Buffer }>('SELECT public_key FROM hub').get();
    return row === undefined ? undefined : bytesOf(row.public_key);
  };
  if (readonly) {
    const known = read();
    if (known === undefined) throw new HubRefused('no-data', `the database in ${dataDir} is empty; start a hub there first`);
    return known;
  }
  const settleKey = db.transaction((): Bytes => {
    const known = read();
    const held = readHubKey(dataDir);
    if (known === undefined) {
      const made = held ?? makeHubKey(dataDir);
      db.prepare('INSERT INTO hub (one, public_key, root) VALUES (1, ?, ?)').run(blobOf(made), DEFAULT_ROOT);
      return made;
    }
    if (held === known) return known;
    const found = held === undefined ? 'is missing' : 'is another one';
    throw new HubRefused(
      'foreign-key',
      `the key of this database, ${join(dataDir, KEY_FILE)}, ${found}; restore it from a backup`,
    );
  });
  return settleKey.immediate();
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
    atOneMoment: <T>(read: () => T): T => transaction.deferred(read) as T,
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

/** What the database's refusals say of the disk. A constraint that refuses a row says nothing of it; nor does a success, which may have written nothing. */
function attempt<T>(health: Health, commit: () => T): T {
  try {
    return commit();
  } catch (error) {
    if (isStorageFault(error) && !isConstraint(error)) health.failed(error);
    throw error;
  }
}

function isConstraint(error: Error): boolean {
  return String((error as { code?: unknown }).code).startsWith('SQLITE_CONSTRAINT');
}

/** Asked for before each group of messages: prepared once, and not at each asking. */
function versionReader(db: Database.Database): () => number | undefined {
  const statement = db.prepare<[], number>('PRAGMA data_version').pluck();
  return () => statement.get();
}

function watcherOf(db: Database.Database): () => boolean {
  const readVersion = versionReader(db);
  let version = readVersion();
  return () => {
    const before = version;
    version = readVersion();
    return version !== before;
  };
}

function emptyLog(db: Database.Database): boolean {
  const [answer] = db.pragma('wal_checkpoint(TRUNCATE)') as { busy: number }[];
  return answer?.busy === 0;
}

function assertDurable(db: Database.Database): void {
  const synchronous = db.pragma('synchronous', { simple: true });
  const journal = db.pragma('journal_mode', { simple: true });
  if (synchronous !== SYNCHRONOUS_FULL || journal !== 'wal') {
    throw new Error(`expected a WAL database with synchronous=2 (FULL), got ${String(journal)} with ${String(synchronous)}`);
  }
}

/**
 * True if the database refused the transaction or could not take it now: nothing of it counts as stored, and it may be tried again. So it is after an I/O
 * error too: what a failed commit has put into the WAL stands behind its last valid frame, and the next commit writes over it, byte for byte anew, so
 * it does not depend on what the kernel still holds of pages that it could not write. A damaged file is another matter: that ends the process.
 */
export function isStorageFault(error: unknown): error is Error {
  if (isDiskError(error)) return true;
  if (isRuleOfSchema(error)) return false;
  return error instanceof Database.SqliteError && !/^SQLITE_(CORRUPT|NOTADB)/.test(error.code);
}

/** A rule of this program's own schema has refused a row: the program, or somebody beside it, has contradicted the books. */
export function isRuleOfSchema(error: unknown): error is Error {
  if (!(error instanceof Database.SqliteError)) return false;
  if (error.code === 'SQLITE_CONSTRAINT_CHECK') return true;
  return error.code === 'SQLITE_CONSTRAINT_TRIGGER' && RULES.has(error.message);
}

/** What the schema's triggers say. */
const RULES: ReadonlySet<string> = new Set(
  MIGRATIONS.flatMap((sql) =>
    [...sql.matchAll(/RAISE\(ABORT, '((?:[^']|'')*)'\)/g)].map(([, rule]) => (rule ?? '').replaceAll("''", "'")),
  ),
);

/** What the operator does about an error of the disk under any command; `undefined` for any other error. */
export function diskAdvice(error: unknown): string | undefined {
  const { code = '' } = error as NodeJS.ErrnoException;
  const isOfDisk = isDiskError(error) || /^SQLITE_(FULL|IOERR|READONLY|BUSY)/.test(code);
  return isOfDisk ? adviceOn(code, (error as Error).message) : undefined;
}

export function asRefusal(error: unknown, dataDir: string): unknown {
  const code = (error as { code?: unknown }).code;
  if (error instanceof HubRefused || typeof code !== 'string') return error;
  const why = (error as Error).message;
  if (code === 'SQLITE_NOTADB' || code.startsWith('SQLITE_CORRUPT')) {
    return new HubRefused(
      'damaged-data',
      `${join(dataDir, DATABASE_FILE)} is not a usable database (${why}); restore it from a backup`,
      error,
    );
  }
  if (code.startsWith('SQLITE_CONSTRAINT') || code === 'SQLITE_ERROR') return error;
  return new HubRefused(
    'unwritable-data',
    `cannot write to the data folder ${dataDir} (${why}); free some space, or choose one that this user may write to`,
    error,
  );
}
