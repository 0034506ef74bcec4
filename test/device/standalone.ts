// The firmware and a device's settings as the one file that an interpreter is handed. In: a configuration. Out: a byte string.

import { buildFirmware } from '../../device/build/build.ts';
import { standaloneFile } from '../../device/build/config-file.ts';
import type { DeviceConfig } from '../../shared/config.ts';

export async function standalone(config: DeviceConfig): Promise<string> {
  return standaloneFile((await buildFirmware(config.profile)).code, config);
}
