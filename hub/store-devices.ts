// Devices, accounts and tariffs in the database, and what devices last said of themselves. In: typed rows. Out: typed rows. A device's signing
// key never comes here, and its password only as a hash.

import type { Database } from 'better-sqlite3';
import type { Bytes } from '../shared/bytes.ts';
import type { AccountId, DeviceId, TariffId } from '../shared/identity.ts';
import { blobOf, bytesOf, bytesOfHex, hexOf } from './blob.ts';
import { accountIdOf, tariffIdOf } from './ids.ts';
import type { State, Status } from '../shared/status.ts';
import type { Tariff } from '../shared/tariff.ts';
import { readTariff, writeTariff } from '../shared/tariff.ts';

export interface DeviceRow {
  readonly device: DeviceId;
  readonly publicKey: Bytes;
  readonly macKey: Bytes;
  readonly passwordSha256: Bytes;
  readonly label: string;
  readonly profile: string;
  readonly payer: AccountId;
  readonly payee: AccountId;
  readonly tariff: TariffId;
  readonly creditMicros: number;
  readonly revoked: boolean;
  readonly conflicted: boolean;
}

export interface DeviceRows {
  /** The account of that name, made if it is new. */
  account(name: string, nowSeconds: number): AccountId;
  accountName(account: AccountId): string | undefined;
  /** The tariff's id; the tariff is written down if it is new. */
  tariff(tariff: Tariff): TariffId;
  findTariff(tariff: TariffId): Tariff | undefined;
  insert(row: Omit<DeviceRow, 'revoked' | 'conflicted'>, nowSeconds: number): void;
  find(device: DeviceId): DeviceRow | undefined;
  all(): DeviceRow[];
  /** False when there is no such device. */
  revoke(device: DeviceId, nowSeconds: number): boolean;
  flagConflict(device: DeviceId, nowSeconds: number): void;
  /** What the device says of itself. */
  present(device: DeviceId, status: Status, nowSeconds: number): void;
  /** The device's connection is gone; what it said else stays. */
  absent(device: DeviceId, nowSeconds: number): void;
  allAbsent(): void;
  presences(): PresenceRow[];
}

export interface PresenceRow {
  readonly device: DeviceId;
  readonly state: State;
  readonly registerUnits: number;
  readonly seenAtSeconds: number;
}

interface RawDevice {
  device: string;
  public_key: Buffer;
  mac_key: Buffer;
  password_sha256: Buffer;
  label: string;
  profile: string;
  payer: string;
  payee: string;
  tariff: string;
  credit_micros: number;
  revoked_at_seconds: number | null;
  conflict_at_seconds: number | null;
}

function rowOf(raw: RawDevice): DeviceRow {
  return {
    device: raw.device as DeviceId,
    publicKey: bytesOf(raw.public_key),
    macKey: bytesOf(raw.mac_key),
    passwordSha256: bytesOf(raw.password_sha256),
    label: raw.label,
    profile: raw.profile,
    payer: bytesOfHex(raw.payer) as AccountId,
    payee: bytesOfHex(raw.payee) as AccountId,
    tariff: bytesOfHex(raw.tariff) as TariffId,
    creditMicros: raw.credit_micros,
    revoked: raw.revoked_at_seconds !== null,
    conflicted: raw.conflict_at_seconds !== null,
  };
}

export function deviceRows(db: Database): DeviceRows {
  return { ...accountRows(db), ...identityRows(db), ...presenceRows(db) };
}

function accountRows(db: Database): Pick<DeviceRows, 'account' | 'accountName' | 'tariff' | 'findTariff'> {
  const addAccount = db.prepare(
    'INSERT INTO accounts (account, name, created_at_seconds) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
  );
  const findName = db.prepare<[string], { name: string }>('SELECT name FROM accounts WHERE account = ?');
  const addTariff = db.prepare('INSERT INTO tariffs (tariff, bytes, currency, unit) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING');
  const findBytes = db.prepare<[string], { bytes: Buffer }>('SELECT bytes FROM tariffs WHERE tariff = ?');
  return {
    account(name, nowSeconds) {
      const account = accountIdOf(name);
      addAccount.run(hexOf(account), name, nowSeconds);
      return account;
    },
    accountName: (account) => findName.get(hexOf(account))?.name,
    tariff(tariff) {
      const id = tariffIdOf(tariff);
      addTariff.run(hexOf(id), blobOf(writeTariff(tariff)), tariff.currency, tariff.unit);
      return id;
    },
    findTariff(id) {
      const row = findBytes.get(hexOf(id));
      if (row === undefined) return undefined;
      const tariff = readTariff(bytesOf(row.bytes));
      if (typeof tariff === 'string') throw new Error(`stored tariff ${hexOf(id)}: ${tariff}`);
      return tariff;
    },
  };
}

function identityRows(db: Database): Pick<DeviceRows, 'insert' | 'find' | 'all' | 'revoke' | 'flagConflict'> {
  const insert = db.prepare(
    `INSERT INTO devices (device, public_key, mac_key, password_sha256, label, profile, payer, payee, tariff, credit_micros, enrolled_at_seconds)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const find = db.prepare<[string], RawDevice>('SELECT * FROM devices WHERE device = ?');
  const all = db.prepare<[], RawDevice>('SELECT * FROM devices ORDER BY enrolled_at_seconds, label, device');
  const revoke = db.prepare('UPDATE devices SET revoked_at_seconds = coalesce(revoked_at_seconds, ?) WHERE device = ?');
  const flag = db.prepare('UPDATE devices SET conflict_at_seconds = coalesce(conflict_at_seconds, ?) WHERE device = ?');
  return {
    insert(row, nowSeconds) {
      const keys = [blobOf(row.publicKey), blobOf(row.macKey), blobOf(row.passwordSha256)];
      const accounts = [hexOf(row.payer), hexOf(row.payee), hexOf(row.tariff)];
      insert.run(row.device, ...keys, row.label, row.profile, ...accounts, row.creditMicros, nowSeconds);
    },
    find(device) {
      const raw = find.get(device);
      return raw === undefined ? undefined : rowOf(raw);
    },
    all: () => all.all().map(rowOf),
    revoke: (device, nowSeconds) => revoke.run(nowSeconds, device).changes === 1,
    flagConflict: (device, nowSeconds) => void flag.run(nowSeconds, device),
  };
}

function presenceRows(db: Database): Pick<DeviceRows, 'present' | 'absent' | 'allAbsent' | 'presences'> {
  const present = db.prepare(
    `INSERT INTO presence (device, state, channel, register_units, seen_at_seconds) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET state = excluded.state, channel = excluded.channel,
       register_units = excluded.register_units, seen_at_seconds = excluded.seen_at_seconds`,
  );
  const absent = db.prepare(`UPDATE presence SET state = 'offline', seen_at_seconds = ? WHERE device = ?`);
  const allAbsent = db.prepare(`UPDATE presence SET state = 'offline' WHERE state <> 'offline'`);
  const presences = db.prepare<[], PresenceRow>(
    'SELECT device, state, register_units AS registerUnits, seen_at_seconds AS seenAtSeconds FROM presence',
  );
  return {
    presences: () => presences.all(),
    present: (device, status, nowSeconds) =>
      void present.run(device, status.state, status.channel, status.registerUnits, nowSeconds),
    absent: (device, nowSeconds) => void absent.run(nowSeconds, device),
    allAbsent: () => void allAbsent.run(),
  };
}
