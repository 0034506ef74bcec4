// The firmware and a device's settings as the one file that an interpreter is handed. In: a configuration. Out: a byte string.

import { buildFirmware } from '../../device/build/build.ts';
import { settingsFile, standaloneFile } from '../../device/build/config-file.ts';
import type { DeviceConfig } from '../../shared/config.ts';

export async function standalone(config: DeviceConfig): Promise<string> {
  return standaloneFile((await buildFirmware(config.profile)).code, config);
}

/** Settings and program as text, without the table for signatures: all that a start needs, and little memory. */
export async function startable(config: DeviceConfig): Promise<string> {
  const settings = Buffer.from(settingsFile(config), 'latin1').toString('base64');
  return `require("Storage").write("ts.cfg",atob("${settings}"));\n${(await buildFirmware(config.profile)).text}`;
}
