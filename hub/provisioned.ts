// The folder of provisioned devices: one JSON file per device with its label and its configuration, secrets included. In: what enrolment made.
// Out: the same, for building firmware and for simulated boards. Files are readable by their owner only; the database never holds a seed.

import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { DeviceConfig } from '../shared/config.ts';
import type { DeviceId } from '../shared/identity.ts';
import { parseDeviceId } from '../shared/identity.ts';
import { isRoot } from '../shared/topics.ts';
import { MAX_CHAIN_UNITS, MAX_UNITS } from '../shared/units.ts';
import { PROFILES } from './profiles.ts';
import { writeShown } from './whole-file.ts';
import { inputSchema, meterSchema, outputSchema, wifiSchema } from './wiring.ts';

const hex = (bytes: number): z.ZodString =>
  z.string().regex(new RegExp(`^[0-9a-f]{${bytes * 2}}$`), `expected ${bytes} bytes as lower-case hex`);

const configSchema = z.strictObject({
  device: z.string().refine((text) => parseDeviceId(text) !== undefined, 'expected a device id of 11 characters'),
  seed: hex(32),
  publicKey: hex(32),
  macKey: hex(32),
  password: z.string().min(16),
  hub: hex(8),
  host: z.string().min(1),
  port: z.int().min(1).max(65535),
  root: z.string().refine(isRoot, 'expected 1 to 8 lower-case letters or digits'),
  wifi: wifiSchema.optional(),
  tls: z.base64().optional(),
  payee: hex(8),
  tariff: hex(16),
  limitUnits: z.int().min(1).max(MAX_UNITS),
  chainUnits: z.int().min(0).max(MAX_CHAIN_UNITS),
  profile: z.enum(PROFILES),
  meter: meterSchema,
  output: outputSchema.optional(),
  button: inputSchema.optional(),
  prepaid: z.boolean().optional(),
  lowBalanceUnits: z.int().min(1).max(MAX_UNITS).optional(),
  issueEveryMs: z.int().min(0),
  keepaliveSeconds: z.int().min(5).max(3600),
});

const provisionedSchema = z.strictObject({ label: z.string(), config: configSchema });

export interface Provisioned {
  readonly label: string;
  readonly config: DeviceConfig;
}

/** A provisioned file that cannot be used: which one, and why. */
export class ProvisionedFileRefused extends Error {}

const FOLDER = 'devices';

function folderOf(dataDir: string): string {
  return join(dataDir, FOLDER);
}

/** On the disk when this returns: the device's keys are nowhere else. Answers the file's path. */
export function saveProvisioned(dataDir: string, provisioned: Provisioned): string {
  return writeShown(dataDir, FOLDER, nameOf(provisioned), textOf(provisioned));
}

/** Of a machine that exists only in a simulation, by thousands: whole or not there if the process is killed, but it waits for no disk. */
export function saveSimulated(dataDir: string, provisioned: Provisioned): void {
  mkdirSync(folderOf(dataDir), { recursive: true, mode: 0o700 });
  const path = join(folderOf(dataDir), nameOf(provisioned));
  writeFileSync(`${path}.part`, textOf(provisioned).join(''), { mode: 0o600 });
  renameSync(`${path}.part`, path);
}

function nameOf({ config }: Provisioned): string {
  return `${config.device}.json`;
}

function textOf(provisioned: Provisioned): string[] {
  return [JSON.stringify(provisioned, undefined, 2), '\n'];
}

export function readProvisioned(dataDir: string, device: DeviceId): Provisioned | undefined {
  return listProvisioned(dataDir).find((one) => one.config.device === device);
}

export function listProvisioned(dataDir: string): Provisioned[] {
  let names: string[];
  try {
    names = readdirSync(folderOf(dataDir));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  return names
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => parseProvisioned(join(folderOf(dataDir), name)));
}

function parseProvisioned(path: string): Provisioned {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new ProvisionedFileRefused(`${path}: expected JSON: ${(error as Error).message}`, { cause: error });
  }
  const parsed = provisionedSchema.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new ProvisionedFileRefused(
      `${path}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not a device configuration'}`,
    );
  }
  return parsed.data as Provisioned;
}
