// What a disk may hold after its power is cut. In: what was there, and what was asked of it since, in order. Out: at any moment, files as they might be found: all that was
// flushed, and of the rest nothing, everything, or any part, in any order, torn at sectors. Names are no better off than bytes: a name that
// was made, moved or taken away is sure only when its folder was flushed, as POSIX has it.

import { dirname } from 'node:path';
import type { Random } from '../../simulator/random.ts';
import type { FileBytes } from './file-bytes.ts';
import { fileOf } from './file-bytes.ts';
import type { DiskEvent } from './trace.ts';

const SECTOR_BYTES = 512;

type Change =
  { readonly kind: 'bytes'; readonly at: number; readonly data: Buffer } | { readonly kind: 'size'; readonly bytes: number };

/** A file under whatever name. Changes that are not flushed are numbered in the order of the whole disk. */
interface Inode {
  readonly durable: FileBytes;
  pending: { readonly order: number; readonly change: Change }[];
}

interface NameChange {
  readonly path: string;
  /** `undefined`: the name is gone. */
  readonly inode: Inode | undefined;
}

export const LOSSES = ['nothing kept', 'everything kept', 'in order, the last torn', 'any writes', 'any sectors'] as const;
export type Loss = (typeof LOSSES)[number];

export type Files = ReadonlyMap<string, Buffer>;

export interface Disk {
  apply(event: DiskEvent): void;
  /** What is found when the power is back. */
  afterCut(loss: Loss, random: Random): Files;
}

export function diskWith(files: Files): Disk {
  const names = new Map<string, Inode>([...files].map(([path, bytes]) => [path, { durable: fileOf(bytes), pending: [] }]));
  const sureNames = new Map(names);
  let unsure: NameChange[] = [];
  const flushes = new Map<number, { readonly inode: Inode | undefined; readonly order: number }>();
  let order = 0;

  const inodeOf = (path: string): Inode => {
    const inode = names.get(path);
    if (inode === undefined) throw new Error(`the trace speaks of ${path}, which was never made`);
    return inode;
  };
  const name = (path: string, inode: Inode | undefined): void => {
    if (inode === undefined) names.delete(path);
    else names.set(path, inode);
    unsure.push({ path, inode });
  };
  const flushFolder = (folder: string): void => {
    const isIn = ({ path }: NameChange): boolean => dirname(path) === (folder === '' ? '.' : folder);
    for (const change of unsure.filter(isIn)) settleName(sureNames, change);
    unsure = unsure.filter((change) => !isIn(change));
  };

  return {
    apply(event) {
      switch (event.kind) {
        case 'write':
          return void inodeOf(event.path).pending.push({
            order: order++,
            change: { kind: 'bytes', at: event.at, data: event.data },
          });
        case 'size':
          return void inodeOf(event.path).pending.push({ order: order++, change: { kind: 'size', bytes: event.bytes } });
        case 'create':
          return name(event.path, { durable: fileOf(Buffer.alloc(0)), pending: [] });
        case 'unlink':
          return name(event.path, undefined);
        case 'rename': {
          const inode = inodeOf(event.path);
          name(event.to, inode);
          return name(event.path, undefined);
        }
        case 'folder':
          return; // a folder is where its files are
        case 'flush-begins':
          return void flushes.set(event.thread, { inode: names.get(event.path), order });
        case 'flushed':
        case 'flush-failed': {
          const flush = flushes.get(event.thread);
          if (flush === undefined) throw new Error(`a flush of ${event.path} ends that never began`);
          const { inode, order: before } = flush;
          if (event.kind === 'flushed') return inode === undefined ? flushFolder(event.path) : flushFile(inode, before);
          // The system forgets that these are not on the disk: only what is written again will be.
          if (inode !== undefined) inode.pending = inode.pending.filter((one) => one.order >= before);
          return;
        }
      }
    },
    afterCut(loss, random) {
      const found = new Map(sureNames);
      const kept = loss === 'nothing kept' ? 0 : loss === 'everything kept' ? unsure.length : random.integer(0, unsure.length);
      for (const change of unsure.slice(0, kept)) settleName(found, change);
      const keeps = keeperOf(loss, random, order);
      return new Map([...found].map(([path, inode]) => [path, contentOf(inode, keeps)]));
    },
  };
}

function settleName(found: Map<string, Inode>, { path, inode }: NameChange): void {
  if (inode === undefined) found.delete(path);
  else found.set(path, inode);
}

function flushFile(inode: Inode, before: number): void {
  for (const { order, change } of inode.pending) if (order < before) make(inode.durable, change, () => true);
  inode.pending = inode.pending.filter((one) => one.order >= before);
}

type Keeps = (order: number, sector: number | 'size') => boolean;

function keeperOf(loss: Loss, random: Random, orders: number): Keeps {
  switch (loss) {
    case 'nothing kept':
      return () => false;
    case 'everything kept':
      return () => true;
    case 'in order, the last torn': {
      const last = random.integer(Math.max(0, orders - 400), orders);
      return (order) => order < last || (order === last && random.next() < 0.5);
    }
    case 'any writes': {
      const share = random.next();
      const known = new Map<number, boolean>();
      return (order) => {
        const kept = known.get(order) ?? random.next() < share;
        known.set(order, kept);
        return kept;
      };
    }
    case 'any sectors': {
      const share = random.next();
      return () => random.next() < share;
    }
  }
}

function contentOf({ durable, pending }: Inode, keeps: Keeps): Buffer {
  const found = durable.copy();
  for (const { order, change } of pending) make(found, change, (sector) => keeps(order, sector));
  return found.content();
}

function make(file: FileBytes, change: Change, keeps: (sector: number | 'size') => boolean): void {
  if (change.kind === 'size') {
    if (keeps('size')) file.resize(change.bytes);
    return;
  }
  const { at, data } = change;
  for (let from = at; from < at + data.length;) {
    const sector = Math.floor(from / SECTOR_BYTES);
    const to = Math.min(at + data.length, (sector + 1) * SECTOR_BYTES);
    if (keeps(sector)) file.write(from, data.subarray(from - at, to - at));
    from = to;
  }
}
