// Names that are hashes, against what they are hashes of: hub, accounts, tariffs, devices. In: the tables. Out: faults.

import { readTariff } from '../../shared/tariff.ts';
import { bytesOf, hexOf } from '../blob.ts';
import { keyFault } from '../key-rule.ts';
import { accountIdOf, deviceIdOf } from '../ids.ts';
import { erasedAccountIn } from '../pseudonym.ts';
import type { RawRow } from '../store-tables.ts';
import type { Faults, Ground } from './fault.ts';

export function* faultsOfNames(ground: Ground): Faults {
  const { tables, publicKey } = ground;
  for (const row of tables.each<RawHub>('hub'))
    if (bytesOf(row.public_key) !== publicKey)
      yield { table: 'hub', row: '1', what: "its public key is not that of the hub's key" };
  yield* faultsOfAccounts(ground);
  yield* faultsOfTariffs(ground);
  yield* faultsOfDevices(ground);
}

interface RawHub extends RawRow {
  readonly public_key: Buffer;
}

interface RawAccount extends RawRow {
  readonly account: string;
  readonly name: string;
}

function* faultsOfAccounts({ tables, counted }: Ground): Faults {
  for (const { account, name } of tables.each<RawAccount>('accounts')) {
    counted('accounts', 1);
    const id = hexOf(erasedAccountIn(name) ?? accountIdOf(name));
    if (id !== account)
      yield { table: 'accounts', row: account, what: `the name ${JSON.stringify(name)} belongs to account ${id}` };
  }
}

interface RawTariff extends RawRow {
  readonly tariff: string;
  readonly bytes: Buffer;
  readonly currency: string;
  readonly unit: string;
}

function* faultsOfTariffs({ tables, counted, sha256 }: Ground): Faults {
  for (const row of tables.each<RawTariff>('tariffs')) {
    counted('tariffs', 1);
    const bytes = bytesOf(row.bytes);
    const at = { table: 'tariffs', row: row.tariff };
    const id = hexOf(sha256(bytes).substring(0, 16));
    if (id !== row.tariff) yield { ...at, what: `its bytes are those of tariff ${id}` };
    const read = readTariff(bytes);
    if (typeof read === 'string') yield { ...at, what: read };
    else if (read.currency !== row.currency || read.unit !== row.unit)
      yield { ...at, what: `its bytes say ${read.currency} per ${read.unit}, the row says ${row.currency} per ${row.unit}` };
  }
}

interface RawDevice extends RawRow {
  readonly device: string;
  readonly public_key: Buffer;
}

function* faultsOfDevices({ tables, counted }: Ground): Faults {
  for (const row of tables.each<RawDevice>('devices')) {
    counted('devices', 1);
    const publicKey = bytesOf(row.public_key);
    const device = deviceIdOf(publicKey);
    const fault = keyFault(publicKey);
    if (device !== row.device) yield { table: 'devices', row: row.device, what: `its public key is that of device ${device}` };
    else if (fault !== undefined) yield { table: 'devices', row: row.device, what: `public_key: ${fault}` };
  }
}
