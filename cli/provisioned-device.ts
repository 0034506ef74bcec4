// A device named on the command line, and its configuration on this machine. In: an id as typed. Out: the configuration with its secrets, or what to do.

import { readProvisioned } from '../hub/provisioned.ts';
import type { DeviceConfig } from '../shared/config.ts';
import type { DeviceId } from '../shared/identity.ts';
import { parseDeviceId } from '../shared/identity.ts';
import { CommandFailed, EXIT } from './exit.ts';

export function deviceNamed(text: string): DeviceId {
  const device = parseDeviceId(text);
  if (device === undefined)
    throw new CommandFailed(
      EXIT.usage,
      `expected a device id, 11 characters as tallystick device list shows them, got "${text}"`,
    );
  return device;
}

export function provisionedConfig(dataDir: string, name: string): DeviceConfig {
  const device = deviceNamed(name);
  const provisioned = readProvisioned(dataDir, device);
  if (provisioned !== undefined) return provisioned.config;
  throw new CommandFailed(EXIT.data, `no configuration of ${device} under ${dataDir}/devices; was it enrolled on this machine?`);
}
