// What a hub makes of a disk as it is found after a power cut. In: files, what was promised and what was ever sent. Out: sentences about what must not be. The hub that opens
// them is the shipped one.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { pino } from 'pino';
import type { Hub } from '../../hub/hub.ts';
import { openHub } from '../../hub/hub.ts';
import { DATABASE_FILE } from '../../hub/database.ts';
import type { Files } from './disk.ts';

export interface Expected {
  /** By device: acknowledged, or with a receipt. */
  readonly promised: ReadonlyMap<string, number>;
  readonly sent: ReadonlyMap<string, number>;
}

export interface Found {
  readonly findings: readonly string[];
  /** By device, as the opened hub has it. */
  readonly accepted: ReadonlyMap<string, number>;
}

export function writeFiles(folder: string, files: Files): void {
  for (const [path, bytes] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
}

export async function lookAt(files: Files, folder: string, expected: Expected): Promise<Found> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFiles(folder, files);
  let hub: Hub | undefined;
  try {
    hub = await openHub({ dataDir: folder, host: '127.0.0.1', port: 0, root: 't', log: pino({ level: 'silent' }) });
    return judge(hub, folder, expected);
  } catch (error) {
    return { findings: [`the hub does not open: ${(error as Error).message}`], accepted: new Map() };
  } finally {
    await hub?.close();
  }
}

function judge(hub: Hub, folder: string, { promised, sent }: Expected): Found {
  const status = hub.status();
  const accepted = new Map(status.devices.map((row) => [row.device, row.totalUnits]));
  const findings = status.faults.map((fault) => `the books: ${fault}`);
  for (const [device, units] of promised) {
    const has = accepted.get(device) ?? 0;
    if (has < units) findings.push(`${device}: ${units} units were promised, ${has} are there`);
  }
  for (const [device, has] of accepted) {
    const most = sent.get(device) ?? 0;
    if (has > most) findings.push(`${device}: ${most} units were ever sent, ${has} are there`);
  }
  return { findings: [...findings, ...unsentFiles(hub, folder), ...damage(folder)], accepted };
}

/** A batch that says it was sent has its file, whole. */
function unsentFiles(hub: Hub, folder: string): string[] {
  return hub
    .status()
    .batches.filter((batch) => batch.state !== 'prepared')
    .flatMap(({ id, lines }) => {
      const text = contentOf(join(folder, 'settlements', `${id}.csv`));
      const rows = text?.split('\r\n').filter((row) => row.startsWith('line,')).length ?? 0;
      return text?.endsWith('\r\n') === true && rows === lines.length ? [] : [`batch ${id} was sent, and its file is not whole`];
    });
}

function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function damage(folder: string): string[] {
  const db = new Database(join(folder, DATABASE_FILE), { readonly: true });
  try {
    const said = db.pragma('integrity_check', { simple: true });
    return said === 'ok' ? [] : [`the database: ${String(said)}`];
  } finally {
    db.close();
  }
}
