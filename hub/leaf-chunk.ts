// The leaves of one chunk of a batch's tree, as bytes side by side. In: lines, one after the other. Out: the leaves as `leafOf` makes them, each behind a byte of 0. A million lines go through here
// one by one, so bytes are set in place: short texts by a loop, which is faster than Node's own writing, and a device's id is decoded once for all of its lines.

import type { BatchLine } from './batch.ts';
import { LINE_BYTES } from './batch.ts';
import type { Salts } from './salts.ts';
import { SALT_BYTES } from './salts.ts';
import { CHUNK_LEAVES } from './tree-builder.ts';

/** The tree's first byte, the salt, the line. */
const LEAF_BYTES = 1 + SALT_BYTES + LINE_BYTES;
const SALT_AT = 1;
const LINE_AT = SALT_AT + SALT_BYTES;
const DEVICE_BYTES = 8;

export interface LeafChunk {
  add(line: BatchLine): void;
  count(): number;
  /** With their salts; good until the next addition. */
  salted(): readonly Buffer[];
  clear(): void;
}

export function openLeafChunk(salts: Salts): LeafChunk {
  const bytes = Buffer.alloc(CHUNK_LEAVES * LEAF_BYTES);
  const leaves = Array.from({ length: CHUNK_LEAVES }, (_, i) => bytes.subarray(i * LEAF_BYTES, (i + 1) * LEAF_BYTES));
  const blocks = Buffer.alloc(CHUNK_LEAVES * SALT_BYTES);
  const writeLine = lineWriter(bytes);
  let count = 0;
  return {
    add: (line) => writeLine(count++ * LEAF_BYTES + LINE_AT, line),
    count: () => count,
    salted() {
      // What a salt is made from is what a line begins with.
      for (let i = 0; i < count; i++) copy(bytes, i * LEAF_BYTES + LINE_AT, blocks, i * SALT_BYTES);
      const salt = salts.saltsFor(blocks.subarray(0, count * SALT_BYTES));
      for (let i = 0; i < count; i++) copy(salt, i * SALT_BYTES, bytes, i * LEAF_BYTES + SALT_AT);
      return count === CHUNK_LEAVES ? leaves : leaves.slice(0, count);
    },
    clear: () => void (count = 0),
  };
}

export function saltIn(leaf: Buffer): Buffer {
  return leaf.subarray(SALT_AT, LINE_AT);
}

function copy(from: Buffer, fromAt: number, to: Buffer, toAt: number): void {
  for (let i = 0; i < SALT_BYTES; i++) to[toAt + i] = from[fromAt + i] as number;
}

function lineWriter(bytes: Buffer): (at: number, line: BatchLine) => void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const deviceBytes = Buffer.alloc(DEVICE_BYTES);
  let device = '';
  return (at, line) => {
    if (line.device !== device) deviceBytes.write(line.device, 'base64url');
    device = line.device;
    for (let i = 0; i < DEVICE_BYTES; i++) bytes[at + i] = deviceBytes[i] as number;
    view.setUint32(at + 8, line.number);
    view.setUint32(at + 12, line.fromUnits);
    view.setUint32(at + 16, line.toUnits);
    setUint64(view, at + 20, line.fromMicros);
    setUint64(view, at + 28, line.toMicros);
    setText(bytes, at + 36, line.payer);
    setText(bytes, at + 44, line.payee);
    setText(bytes, at + 52, line.currency);
  };
}

function setUint64(view: DataView, at: number, n: number): void {
  view.setUint32(at, Math.floor(n / 4294967296));
  view.setUint32(at + 4, n % 4294967296);
}

function setText(bytes: Buffer, at: number, text: string): void {
  for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i);
}
