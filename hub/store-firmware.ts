// Firmware in the database: the files that were made for boards, which device is to run which, and what devices have reported. In: typed rows. Out: typed rows. A file,
// once it has a version, is never changed: two boards with one version run the same bytes.

import type { Database } from 'better-sqlite3';
import type { Bytes } from '../shared/bytes.ts';
import type { DeviceId } from '../shared/identity.ts';
import type { Report, ReportState } from '../shared/report.ts';
import { blobOf, bytesOf } from './blob.ts';

export interface FirmwareFile {
  readonly build: string;
  readonly version: number;
  readonly fileBytes: number;
  readonly digest: Bytes;
  readonly signature: Bytes;
}

/** That a device is to run a version; a later order replaces it. */
export interface FirmwareOrder {
  readonly number: number;
  readonly device: DeviceId;
  readonly build: string;
  readonly version: number;
}

export interface FirmwareReport extends Omit<Report, 'kind'> {
  readonly device: DeviceId;
  /** The device's order when it reported; 0 when there was none. */
  readonly order: number;
  readonly reportedAtSeconds: number;
}

export interface FirmwareRows {
  add(file: FirmwareFile, bytes: Bytes, nowSeconds: number): void;
  find(build: string, version: number): FirmwareFile | undefined;
  newest(build: string): FirmwareFile | undefined;
  /** A stretch of a file. */
  stretch(build: string, version: number, at: number, length: number): Bytes;
  order(device: DeviceId, build: string, version: number, nowSeconds: number): void;
  orderOf(device: DeviceId): FirmwareOrder | undefined;
  orders(): FirmwareOrder[];
  /** The number of the order that was given last, to whichever device; 0 before the first. Numbers only rise. */
  newestOrder(): number;
  report(report: FirmwareReport): void;
  reportOf(device: DeviceId): FirmwareReport | undefined;
  reports(): FirmwareReport[];
}

interface RawFile {
  build: string;
  version: number;
  file_bytes: number;
  digest: Buffer;
  signature: Buffer;
}

interface RawReport {
  device: DeviceId;
  version: number;
  build: string;
  state: ReportState;
  offered: number;
  at: number;
  order_number: number;
  reported_at_seconds: number;
}

export function firmwareRows(db: Database): FirmwareRows {
  return { ...fileRows(db), ...orderRows(db), ...reportRows(db) };
}

function fileRows(db: Database): Pick<FirmwareRows, 'add' | 'find' | 'newest' | 'stretch'> {
  const columns = 'build, version, length(bytes) AS file_bytes, digest, signature';
  const insert = db.prepare(
    'INSERT INTO firmware_files (build, version, bytes, digest, signature, added_at_seconds) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const find = db.prepare<[string, number], RawFile>(`SELECT ${columns} FROM firmware_files WHERE build = ? AND version = ?`);
  const newest = db.prepare<[string], RawFile>(
    `SELECT ${columns} FROM firmware_files WHERE build = ? ORDER BY version DESC LIMIT 1`,
  );
  const stretch = db.prepare<[number, number, string, number], { bytes: Buffer }>(
    'SELECT substr(bytes, ?, ?) AS bytes FROM firmware_files WHERE build = ? AND version = ?',
  );
  return {
    add({ build, version, digest, signature }, bytes, nowSeconds) {
      insert.run(build, version, blobOf(bytes), blobOf(digest), blobOf(signature), nowSeconds);
    },
    find: (build, version) => fileOf(find.get(build, version)),
    newest: (build) => fileOf(newest.get(build)),
    stretch(build, version, at, length) {
      const row = stretch.get(at + 1, length, build, version);
      return row === undefined ? '' : bytesOf(row.bytes);
    },
  };
}

function fileOf(raw: RawFile | undefined): FirmwareFile | undefined {
  if (raw === undefined) return undefined;
  const { build, version, file_bytes: fileBytes } = raw;
  return { build, version, fileBytes, digest: bytesOf(raw.digest), signature: bytesOf(raw.signature) };
}

function orderRows(db: Database): Pick<FirmwareRows, 'order' | 'orderOf' | 'orders' | 'newestOrder'> {
  const insert = db.prepare('INSERT INTO firmware_orders (device, build, version, ordered_at_seconds) VALUES (?, ?, ?, ?)');
  const newest = 'SELECT max(number) AS number, device, build, version FROM firmware_orders';
  const one = db.prepare<[string], FirmwareOrder>(`${newest} WHERE device = ? GROUP BY device`);
  const all = db.prepare<[], FirmwareOrder>(`${newest} GROUP BY device`);
  const last = db.prepare<[], number | null>('SELECT max(number) FROM firmware_orders').pluck();
  return {
    order: (device, build, version, nowSeconds) => void insert.run(device, build, version, nowSeconds),
    orderOf: (device) => one.get(device),
    orders: () => all.all(),
    newestOrder: () => last.get() ?? 0,
  };
}

function reportRows(db: Database): Pick<FirmwareRows, 'report' | 'reportOf' | 'reports'> {
  const upsert = db.prepare(
    `INSERT INTO firmware_reports (device, version, build, state, offered, at, order_number, reported_at_seconds) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (device) DO UPDATE SET version = excluded.version, build = excluded.build, state = excluded.state, offered = excluded.offered,
       at = excluded.at, order_number = excluded.order_number, reported_at_seconds = excluded.reported_at_seconds`,
  );
  const one = db.prepare<[string], RawReport>('SELECT * FROM firmware_reports WHERE device = ?');
  const all = db.prepare<[], RawReport>('SELECT * FROM firmware_reports');
  return {
    report({ device, version, build, state, offered, at, order, reportedAtSeconds }) {
      upsert.run(device, version, build, state, offered, at, order, reportedAtSeconds);
    },
    reportOf(device) {
      const raw = one.get(device);
      return raw === undefined ? undefined : reportOf(raw);
    },
    reports: () => all.all().map(reportOf),
  };
}

function reportOf({ order_number: order, reported_at_seconds: reportedAtSeconds, ...rest }: RawReport): FirmwareReport {
  return { ...rest, order, reportedAtSeconds };
}
