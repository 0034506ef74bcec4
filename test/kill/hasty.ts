// A hub that is hasty, loaded before it with `node --import`: writes to its journal are said to be done at once and done a little later, so that it acknowledges what a kill
// still takes away. It is the negative control of the kill harness, which must find that out.

import { syncBuiltinESMExports } from 'node:module';
import fs from 'node:fs';

type Written = (error: null, written: number) => void;
type Late = (fd: number, bytes: Buffer, offset: number, length: number, position: number) => void;
type Write = (...words: [...Parameters<Late>, Written]) => void;

const LATE_MS = 300;
const journals = new Set<number>();
const { openSync } = fs;
const writeSync = fs.writeSync as unknown as (...words: Parameters<Late>) => number;
const write = fs.write as unknown as Write;

const writeLate: Late = (fd, bytes, offset, length, position) => {
  const copy = Buffer.from(bytes.subarray(offset, offset + length));
  setTimeout(() => write(fd, copy, 0, length, position, () => {}), LATE_MS);
};

Object.assign(fs, {
  openSync(...words: Parameters<typeof openSync>): number {
    const fd = openSync(...words);
    if (String(words[0]).includes('journal-')) journals.add(fd);
    else journals.delete(fd); // the number of a file that was closed
    return fd;
  },
  write(fd: number, bytes: Buffer, offset: number, length: number, position: number, done: Written): void {
    if (!journals.has(fd)) return write(fd, bytes, offset, length, position, done);
    writeLate(fd, bytes, offset, length, position);
    setImmediate(() => done(null, length));
  },
  writeSync(fd: number, bytes: Buffer, offset: number, length: number, position: number): number {
    if (!journals.has(fd)) return writeSync(fd, bytes, offset, length, position);
    writeLate(fd, bytes, offset, length, position);
    return length;
  },
});
syncBuiltinESMExports();
