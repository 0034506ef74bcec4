// The door for the configuration. In: what provisioning wrote, or the file of settings that was made from it. Out: settings, whose texts have become
// bytes. `settingsOf` checks everything and runs where the file is made; the board itself only checks that the file is whole: a board with half a
// configuration must not run.

import type { Bytes, Sha256 } from '../shared/bytes.ts';
import { fromHex } from '../shared/bytes.ts';
import type { DeviceConfig } from '../shared/config.ts';
import type { Context } from '../shared/cose.ts';
import type { AccountId, HubId, TariffId } from '../shared/identity.ts';
import { deviceIdOf, parseDeviceId } from '../shared/identity.ts';
import { MAX_CHAIN_UNITS } from '../shared/units.ts';
import type { Hasher } from './record.ts';
import { openRecord } from './record.ts';

export const SETTINGS_FILE = 'ts.cfg';

/** What becomes bytes: who it is, whom it pays, its secrets. */
type AsBytes = 'device' | 'hub' | 'seed' | 'publicKey' | 'macKey' | 'payee' | 'tariff';

export type PlainSettings = Omit<DeviceConfig, AsBytes>;

export interface Settings {
  readonly config: PlainSettings;
  readonly context: Context;
  readonly seed: Bytes;
  readonly publicKey: Bytes;
  readonly macKey: Bytes;
  readonly payee: AccountId;
  readonly tariff: TariffId;
}

function wrong(name: string, expected: string): Error {
  return new Error('device configuration: expected ' + name + ' as ' + expected + '; provision the board again');
}

function hexField(name: string, hex: unknown, bytes: number): Bytes {
  const value = typeof hex === 'string' ? fromHex(hex) : undefined;
  if (value === undefined || value.length !== bytes) throw wrong(name, 2 * bytes + ' lower-case hex digits');
  return value;
}

const TEXTS: ReadonlyArray<keyof PlainSettings> = ['password', 'host', 'root', 'profile'];
const NUMBERS: ReadonlyArray<keyof PlainSettings> = ['port', 'limitUnits', 'chainUnits', 'issueEveryMs', 'keepaliveSeconds'];

function checkRest(config: PlainSettings): void {
  for (const name of TEXTS) {
    if (typeof config[name] !== 'string' || config[name] === '') throw wrong(name, 'a text');
  }
  for (const name of NUMBERS) {
    const value = config[name];
    if (typeof value !== 'number' || !(value >= 0) || Math.floor(value) !== value) throw wrong(name, 'a whole number');
  }
  if (typeof config.meter !== 'object') throw wrong('meter', 'the way in which it measures');
  const longest = config.limitUnits < MAX_CHAIN_UNITS ? config.limitUnits : MAX_CHAIN_UNITS;
  if (!(config.chainUnits >= 1 && config.chainUnits <= longest)) {
    throw wrong('chainUnits', 'a number in 1..' + longest + ', not ' + config.chainUnits);
  }
}

/** Everything checked; throws a sentence that names the field. */
export function settingsOf(config: DeviceConfig): Settings {
  const device = typeof config.device === 'string' ? parseDeviceId(config.device) : undefined;
  if (device === undefined) throw wrong('device', '11 characters, not ' + config.device);
  checkRest(config);
  return {
    config: {
      password: config.password,
      host: config.host,
      port: config.port,
      root: config.root,
      wifi: config.wifi,
      tls: config.tls,
      limitUnits: config.limitUnits,
      chainUnits: config.chainUnits,
      profile: config.profile,
      meter: config.meter,
      output: config.output,
      button: config.button,
      prepaid: config.prepaid,
      lowBalanceUnits: config.lowBalanceUnits,
      issueEveryMs: config.issueEveryMs,
      keepaliveSeconds: config.keepaliveSeconds,
    } as PlainSettings,
    context: { hub: hexField('hub', config.hub, 8) as HubId, device: device },
    seed: hexField('seed', config.seed, 32),
    publicKey: hexField('publicKey', config.publicKey, 32),
    macKey: hexField('macKey', config.macKey, 32),
    payee: hexField('payee', config.payee, 8) as AccountId,
    tariff: hexField('tariff', config.tariff, 16) as TariffId,
  };
}

/** Throws when the public key is another device's. */
export function checkIdentity(settings: Settings, sha256: Sha256): void {
  const device = settings.context.device;
  if (deviceIdOf(settings.publicKey, sha256) === device) return;
  throw new Error('device configuration: device ' + device + ' has another public key; provision the board again');
}

/** The settings in the board's file, which is a record that belongs to no device; `undefined` when it is missing or damaged. */
export function readSettings(board: Hasher, file: Bytes | undefined): Settings | undefined {
  const text = openRecord(board, '', file);
  return text === undefined ? undefined : (JSON.parse(text) as Settings);
}
