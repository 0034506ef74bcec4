// The journal of accepted paywords: one record per group commit, on the disk before anything of the group is acknowledged. In: entries, each the newest
// payword or signed voucher of one channel. Out: a call back when they are durable, or with what the disk said. Two files take turns: one is written while what the other
// holds is folded into the database. It is written in order and one record at a time; what is torn at its end was never acknowledged.

import { closeSync, constants, fdatasync, fdatasyncSync, fsyncSync, openSync, readFileSync, write, writeSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Bytes } from '../shared/bytes.ts';
import type { Link } from '../shared/payword.ts';
import { openBriskness } from './briskness.ts';
import { HubRefused } from './refused.ts';

export const JOURNAL_FILES = ['journal-0', 'journal-1'] as const;
export const ENTRY_BYTES = 32;
/** Of a signed voucher: a signature where a payword's entry has a link. */
export const SIGNED_ENTRY_BYTES = 80;
/** Magic, epoch, bytes of paywords' entries, bytes of signed vouchers' behind them, checksum: five words, little-endian. */
export const HEAD_BYTES = 20;
const MAGIC = 0x324a5354; // "TSJ2"
/** Of the magics of all versions: "TSJ". */
const FAMILY = 0x4a5354;
const CHECKSUM_AT = 16;
/** The start of a record's buffer is the journal's own; entries follow. */
export interface Record {
  readonly buffer: Buffer;
  /** Of paywords' entries. */
  readonly bytes: number;
  /** Of signed vouchers' entries, behind them. */
  readonly signedBytes: number;
}

export interface Journal {
  /** One at a time: the next may begin when `done` was called. */
  append(record: Record, done: (error: Error | undefined) => void): void;
  /** How much there is of the file that is written. */
  bytes(): number;
  /** The next record goes into the other file, whose entries must be in the database by now. */
  turnOver(): void;
  /** Nothing is left to be folded: both files are empty. */
  clear(): void;
  close(): void;
}

export interface JournalOptions {
  /** Every record on this thread, however slow the disk: for whoever has no event loop to hold up. */
  readonly atOnce?: boolean;
}

/** `dataDir` belongs to this process, and what its journal held is in the database. */
export function openJournal(dataDir: string, { atOnce = false }: JournalOptions = {}): Journal {
  const { O_RDWR, O_WRONLY, O_CREAT, O_TRUNC } = constants;
  const files = JOURNAL_FILES.map((name) => openSync(join(dataDir, name), O_RDWR | O_CREAT, 0o600));
  syncFolder(dataDir);
  const ends = [0, 0];
  let current = 0;
  // Epochs tell a record from what an earlier turn has left behind it; a fresh start begins with empty files.
  let epoch = 1;
  const briskness = openBriskness();
  const clear = (): void => {
    for (const name of JOURNAL_FILES) closeSync(openSync(join(dataDir, name), O_WRONLY | O_TRUNC));
    ends.fill(0);
  };
  clear();
  return {
    append({ buffer, bytes, signedBytes }, done) {
      seal(buffer, { bytes, signedBytes }, epoch);
      const file = current;
      const fd = files[file] as number;
      const position = ends[file] as number;
      const turn = epoch;
      const length = HEAD_BYTES + bytes + signedBytes;
      const record = buffer.subarray(0, length);
      const finish = (error: Error | undefined): void => {
        // What failed is written over by the next record: a file must have no hole, or what comes after it would not be found. And a file that has had its next turn meanwhile begins anew.
        if (error === undefined && turn === epoch) ends[file] = position + length;
        done(error);
      };
      if (!atOnce && !briskness.isHere(length)) return writeElsewhere(fd, record, position, finish);
      const beganMs = performance.now();
      const error = writeAtOnce(fd, record, position);
      briskness.tookHere(length, performance.now() - beganMs);
      finish(error);
    },
    bytes: () => ends[current] as number,
    turnOver() {
      current = 1 - current;
      ends[current] = 0;
      epoch++;
    },
    clear,
    close() {
      for (const fd of files) closeSync(fd);
    },
  };
}

/** The files' names must survive a power cut, too. */
function syncFolder(dataDir: string): void {
  const fd = openSync(dataDir, 'r');
  fsyncSync(fd);
  closeSync(fd);
}

type Lengths = Omit<Record, 'buffer'>;

function seal(buffer: Buffer, lengths: Lengths, epoch: number): void {
  buffer.writeUInt32LE(MAGIC, 0);
  buffer.writeUInt32LE(epoch, 4);
  buffer.writeUInt32LE(lengths.bytes, 8);
  buffer.writeUInt32LE(lengths.signedBytes, 12);
  buffer.writeUInt32LE(checksumOf(buffer, lengths), CHECKSUM_AT);
}

/** Over epoch, lengths and entries. */
function checksumOf(buffer: Buffer, { bytes, signedBytes }: Lengths): number {
  return crc32(buffer.subarray(HEAD_BYTES, HEAD_BYTES + bytes + signedBytes), crc32(buffer.subarray(4, CHECKSUM_AT)));
}

/** On this thread, which waits for the disk. */
function writeAtOnce(fd: number, bytes: Buffer, position: number): Error | undefined {
  try {
    for (let at = 0; at < bytes.length;) {
      const written = writeSync(fd, bytes, at, bytes.length - at, position + at);
      if (written === 0) return tookNothing(bytes);
      at += written;
    }
    fdatasyncSync(fd);
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

/** On a thread of libuv's pool. */
function writeElsewhere(fd: number, bytes: Buffer, position: number, done: (error: Error | undefined) => void): void {
  writeWhole(fd, bytes, position, (error) => {
    if (error !== undefined) done(error);
    else fdatasync(fd, (fault) => done(fault ?? undefined));
  });
}

function tookNothing(bytes: Buffer): Error {
  return new Error(`the journal took nothing of ${bytes.length} bytes`);
}

/** A disk that is almost full may take a part of it. */
function writeWhole(fd: number, bytes: Buffer, position: number, done: (error: Error | undefined) => void): void {
  write(fd, bytes, 0, bytes.length, position, (error, written) => {
    if (error !== null) done(error);
    else if (written === bytes.length) done(undefined);
    else if (written === 0) done(tookNothing(bytes));
    else writeWhole(fd, bytes.subarray(written), position + written, done);
  });
}

/** The entries of both files, in no order that matters; a file ends where its next record is not whole. */
export function* journalEntries(dataDir: string): Generator<Buffer> {
  for (const name of JOURNAL_FILES) {
    const path = join(dataDir, name);
    const bytes = readIfThere(path);
    assertOwn(bytes, path);
    for (let at = 0; at + HEAD_BYTES <= bytes.length;) {
      const record = bytes.subarray(at);
      const lengths = { bytes: record.readUInt32LE(8), signedBytes: record.readUInt32LE(12) };
      if (!isWhole(record, lengths) || record.readUInt32LE(4) !== bytes.readUInt32LE(4)) break;
      const signedAt = HEAD_BYTES + lengths.bytes;
      const end = signedAt + lengths.signedBytes;
      for (let i = HEAD_BYTES; i < signedAt; i += ENTRY_BYTES) yield record.subarray(i, i + ENTRY_BYTES);
      for (let i = signedAt; i < end; i += SIGNED_ENTRY_BYTES) yield record.subarray(i, i + SIGNED_ENTRY_BYTES);
      at += end;
    }
  }
}

/** Another version's records cannot be read, and may hold what was paid: whoever goes on would lose it. */
function assertOwn(bytes: Buffer, path: string): void {
  const magic = bytes.length < 4 ? MAGIC : bytes.readUInt32LE(0);
  if (magic === MAGIC || (magic & 0xffffff) !== FAMILY) return;
  const sentence = `${path} was written by another version of tallystick (${bytes.toString('latin1', 0, 4)}, expected TSJ2); start that version once and stop it with Ctrl-C, which empties the file`;
  throw new HubRefused('foreign-journal', sentence);
}

function isWhole(record: Buffer, lengths: Lengths): boolean {
  const { bytes, signedBytes } = lengths;
  if (record.readUInt32LE(0) !== MAGIC || bytes % ENTRY_BYTES !== 0 || signedBytes % SIGNED_ENTRY_BYTES !== 0) return false;
  if (HEAD_BYTES + bytes + signedBytes > record.length) return false;
  return record.readUInt32LE(CHECKSUM_AT) === checksumOf(record, lengths);
}

function readIfThere(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
}

interface Reached {
  /** 8 bytes. */
  readonly device: string;
  readonly channel: number;
  readonly units: number;
}

/** What an entry says; its bytes are device, channel, units and proof, in this order. */
export type Entry =
  | (Reached & { readonly kind: 'payword'; readonly link: Link })
  | (Reached & { readonly kind: 'signed'; readonly signature: Bytes });

/** The length tells the kinds apart. */
export function readEntry(entry: Buffer): Entry {
  const { length } = entry;
  if (length !== ENTRY_BYTES && length !== SIGNED_ENTRY_BYTES)
    throw new Error(`expected an entry of ${ENTRY_BYTES} or ${SIGNED_ENTRY_BYTES} bytes, got ${length}`);
  const device = entry.toString('latin1', 0, 8);
  const reached = { device, channel: entry.readUInt32BE(8), units: entry.readUInt32BE(12) };
  const proof = entry.toString('latin1', 16);
  return length === ENTRY_BYTES
    ? { ...reached, kind: 'payword', link: proof as Link }
    : { ...reached, kind: 'signed', signature: proof };
}
