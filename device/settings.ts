// The door for the configuration: texts become bytes, once, at boot. In: what provisioning wrote. Out: the same, checked. What is wrong
// throws a sentence that names the field: a board with half a configuration must not run.

import type { Bytes } from '../shared/bytes.ts';
import { fromHex } from '../shared/bytes.ts';
import type { DeviceConfig } from '../shared/config.ts';
import type { Context } from '../shared/cose.ts';
import type { AccountId, HubId, TariffId } from '../shared/identity.ts';
import { parseDeviceId } from '../shared/identity.ts';
import { MAX_CHAIN_UNITS } from '../shared/units.ts';

export interface Settings {
  readonly config: DeviceConfig;
  readonly context: Context;
  readonly seed: Bytes;
  readonly publicKey: Bytes;
  readonly macKey: Bytes;
  readonly payee: AccountId;
  readonly tariff: TariffId;
}

function hexField(name: string, hex: string, bytes: number): Bytes {
  const value = fromHex(hex);
  if (value === undefined || value.length !== bytes) {
    throw new Error(
      'device configuration: expected ' + name + ' as ' + 2 * bytes + ' lower-case hex digits; provision the board again',
    );
  }
  return value;
}

export function settingsOf(config: DeviceConfig): Settings {
  const device = parseDeviceId(config.device);
  if (device === undefined) throw new Error('device configuration: expected device as 11 characters, got ' + config.device);
  const longest = config.limitUnits < MAX_CHAIN_UNITS ? config.limitUnits : MAX_CHAIN_UNITS;
  if (!(config.chainUnits >= 1 && config.chainUnits <= longest)) {
    throw new Error('device configuration: expected chainUnits in 1..' + longest + ', got ' + config.chainUnits);
  }
  return {
    config: config,
    context: { hub: hexField('hub', config.hub, 8) as HubId, device: device },
    seed: hexField('seed', config.seed, 32),
    publicKey: hexField('publicKey', config.publicKey, 32),
    macKey: hexField('macKey', config.macKey, 32),
    payee: hexField('payee', config.payee, 8) as AccountId,
    tariff: hexField('tariff', config.tariff, 16) as TariffId,
  };
}
