// The files that make a board pay: its firmware in a slot, its settings, the keys' tables, and the loader, in the order in which they are written. In: a device's configuration and
// the firmware's version. Out: names and bytes. What comes by cable is taken for proven: whoever brings it sees whether it runs. The loader comes
// last, so that an upload that was interrupted leaves a board that starts nothing rather than half of it.

import type { Bytes } from '../../shared/bytes.ts';
import type { DeviceConfig } from '../../shared/config.ts';
import { HUB_KEY_FILE, TABLE_FILE } from '../ed25519table.ts';
import { SETTINGS_FILE } from '../settings.ts';
import { BLANK, BUILD_BYTES, labelOf, MAX_VERSION, SET, SLOT } from '../slots.ts';
import type { StoredFile } from '../upload/upload.ts';
import type { FirmwareOptions } from './build.ts';
import { buildFile, buildName, buildNamed } from './build.ts';
import { settingsFile } from './config-file.ts';
import { CODE_NAME } from './on-demand.ts';
import { baseTable, hubKeyFile } from './table.ts';
import { tokenised } from './tokens.ts';

/** Runs at power on and after `load()`, but not after `reset()`, so that a board can always be stopped and loaded anew. */
export const BOOT_CODE = '.bootcde';

/** Evaluated at the top level, where no function's scope stays alive; what Storage gives lies in flash, and so do the bodies of the functions in it. */
export const RUN = `TS<0?print("tallystick: no firmware; flash it"):eval(${CODE_NAME}=require("Storage").read("${SLOT}"+TS))`;

export async function bootFile(): Promise<StoredFile> {
  const { code } = await buildFile('device/boot.ts');
  return { name: BOOT_CODE, bytes: tokenised(`${code.trimEnd()}\n${RUN}`) };
}

function bytesOf(buffer: Buffer): Bytes {
  return buffer.toString('latin1');
}

/** What an update carries: the code, whole words of flash long, ending in the comment in which the slot's label and marks will lie. */
export function updatable(code: Bytes): Bytes {
  const text = `${code}\n//`;
  return text + '/'.repeat((4 - (text.length % 4)) % 4);
}

/** The firmware of a build, as it goes over the air. */
export async function updatableFile(build: string): Promise<Bytes> {
  return updatable((await buildNamed(build)).code);
}

export function slotFile(code: Bytes, build: string, version: number): StoredFile {
  if (!/^[a-z][a-z0-9-]*$/.test(build) || build.length >= BUILD_BYTES) {
    throw new Error(
      `expected a build's name of at most ${BUILD_BYTES - 1} lower-case letters, digits and hyphens, got "${build}"`,
    );
  }
  if (!Number.isInteger(version) || version < 0 || version > MAX_VERSION) {
    throw new Error(`expected a version in 0..${MAX_VERSION}, got ${version}`);
  }
  // Ready, three trials, proven; not out.
  return { name: `${SLOT}0`, bytes: updatable(code) + labelOf(build, version) + SET.repeat(5) + BLANK };
}

export interface BoardOptions extends FirmwareOptions {
  /** 32 bytes: whose firmware the board takes over the air; without it, nobody's. */
  readonly hubKey?: Bytes;
}

/** The version is known, or whoever counts versions is shown the file. */
export type VersionOf = number | ((build: string, file: Bytes) => number);

export async function boardFiles(
  config: DeviceConfig,
  version: VersionOf,
  options: BoardOptions = {},
): Promise<readonly StoredFile[]> {
  const build = buildName(config.profile, options);
  const { code } = await buildNamed(build);
  const number = typeof version === 'number' ? version : version(build, updatable(code));
  const { hubKey } = options;
  const hubFile = hubKey === undefined ? [] : [{ name: HUB_KEY_FILE, bytes: bytesOf(hubKeyFile(Buffer.from(hubKey, 'latin1'))) }];
  return [
    slotFile(code, build, number),
    { name: SETTINGS_FILE, bytes: settingsFile(config) },
    { name: TABLE_FILE, bytes: bytesOf(baseTable()) },
    ...hubFile,
    await bootFile(),
  ];
}
