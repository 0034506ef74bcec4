// Whether the disk takes what the hub writes: the hub stops acknowledging by itself when it does not, and this says so. In: what fails, and what a probe finds. Out: good, or
// failing since when and why; and a file that says the same to other processes. It must never hold up a commit that would succeed.

import { closeSync, constants, fsyncSync, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

export type Storage =
  | { readonly kind: 'good' }
  | { readonly kind: 'failing'; readonly why: string; readonly code: string; readonly sinceSeconds: number };

export interface Health {
  read(): Storage;
  failed(error: Error): void;
  succeeded(): void;
  /** Called at every change, and not for the same again. */
  onChange(tell: (storage: Storage) => void): void;
}

const HEALTH_FILE = 'hub.health';
/** Written whole and in place, so that it can be written on a disk that is full. */
const FILE_BYTES = 512;
const WHY_CHARACTERS = 300;
const PROBE_BYTES = 65_536;

const storageSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('good') }),
  z.object({ kind: z.literal('failing'), why: z.string(), code: z.string(), sinceSeconds: z.int() }),
]);

/** Errors of the operating system that mean the disk, and that may pass: a folder that another user's command has made belongs to the hub's user again. */
const DISK_ERRORS: readonly unknown[] = ['ENOSPC', 'EDQUOT', 'EFBIG', 'EIO', 'EROFS', 'EMFILE', 'ENFILE', 'EACCES', 'EPERM'];

export function isDiskError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && DISK_ERRORS.includes((error as NodeJS.ErrnoException).code);
}

export function healthOf(nowSeconds: () => number = () => Math.floor(Date.now() / 1000)): Health {
  let storage: Storage = { kind: 'good' };
  let tellAll: (storage: Storage) => void = () => {};
  const become = (next: Storage): void => {
    storage = next;
    tellAll(next);
  };
  return {
    read: () => storage,
    failed(error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
      if (storage.kind === 'failing' && storage.code === code) return;
      const sinceSeconds = storage.kind === 'failing' ? storage.sinceSeconds : nowSeconds();
      become({ kind: 'failing', why: adviceOn(code, error.message), code, sinceSeconds });
    },
    succeeded() {
      if (storage.kind === 'failing') become({ kind: 'good' });
    },
    onChange(tell) {
      const before = tellAll;
      tellAll = (next) => {
        before(next);
        tell(next);
      };
    },
  };
}

/** What it is, and what the operator does about it. */
export function adviceOn(code: string, message: string): string {
  const said = `${message.slice(0, WHY_CHARACTERS / 2)} (${code})`;
  if (code === 'SQLITE_FULL' || code === 'ENOSPC' || code === 'EDQUOT') return `the disk is full: ${said}; free some space`;
  if (code.startsWith('SQLITE_READONLY') || code === 'EROFS')
    return `the data folder cannot be written to: ${said}; make it writable`;
  if (code === 'EACCES' || code === 'EPERM')
    return `a file of the data folder may not be written: ${said}; give it to the user that the hub runs as`;
  if (code.startsWith('SQLITE_BUSY')) return `another program holds the database: ${said}; stop it`;
  if (code.startsWith('SQLITE_IOERR') || code === 'EIO') return `the disk reports errors: ${said}; look at the system's log`;
  return said;
}

/** As the running hub, or the one before it, has left it; good where nothing is said. */
export function readHealth(dataDir: string): Storage {
  try {
    const read = storageSchema.safeParse(JSON.parse(readFileSync(join(dataDir, HEALTH_FILE), 'utf8')));
    return read.success ? read.data : { kind: 'good' };
  } catch (error) {
    if (!isDiskError(error)) return { kind: 'good' }; // never written, or half
    return { kind: 'failing', why: adviceOn(error.code ?? '', error.message), code: error.code ?? '', sinceSeconds: 0 };
  }
}

/** True if it could be written: on a disk that takes nothing at all, only the log knows. */
export function writeHealth(dataDir: string, storage: Storage): boolean {
  try {
    // Neither truncated nor appended to: an existing file keeps its blocks.
    const file = openSync(join(dataDir, HEALTH_FILE), constants.O_RDWR | constants.O_CREAT, 0o600);
    try {
      return writeSync(file, JSON.stringify(storage).padEnd(FILE_BYTES), 0) >= FILE_BYTES;
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (isDiskError(error)) return false;
    throw error;
  }
}

/** A file of some size written, flushed and removed; throws what the disk says. */
export function tryDisk(dataDir: string): void {
  const path = join(dataDir, `hub.probe.${process.pid}`);
  const file = openSync(path, 'w', 0o600);
  try {
    writeSync(file, Buffer.alloc(PROBE_BYTES));
    fsyncSync(file);
  } finally {
    closeSync(file);
    unlinkSync(path);
  }
}
