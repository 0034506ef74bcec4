// What an error of the operating system means to the hub: whether it waits and tries again, or ends, and what the operator is told. One row per code.

import { expect, test } from 'vitest';
import { diskAdvice, isStorageFault } from '../../hub/storage-fault.ts';

const errorOf = (code: string): Error => Object.assign(new Error(`${code}: as the system says it`), { code });

test.each([
  ['ENOSPC', /^the disk is full: .+; free some space$/],
  ['EROFS', /^the data folder cannot be written to: .+; make it writable$/],
  ['EIO', /^the disk reports errors: /],
  // What `sudo tallystick settle` leaves behind: a folder that the hub's own user may not write into.
  ['EACCES', /^a file of the data folder may not be written: .+; give it to the user that the hub runs as$/],
  ['EPERM', /^a file of the data folder may not be written: /],
])('%s is waited for, and said', (code, advice) => {
  expect(isStorageFault(errorOf(code))).toBe(true);
  expect(diskAdvice(errorOf(code))).toMatch(advice);
});

test.each(['ENOENT', 'SQLITE_CORRUPT', 'ERR_ASSERTION'])('%s is not', (code) => {
  expect(isStorageFault(errorOf(code))).toBe(false);
  expect(diskAdvice(errorOf(code))).toBeUndefined();
});
