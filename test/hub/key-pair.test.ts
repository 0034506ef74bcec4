// Regression: a device id that began with `-` was read as an option by `tallystick device revoke <device>`; one in 64 did.

import { expect, it } from 'vitest';
import { deviceIdOf } from '../../hub/ids.ts';
import { makeKeyPair } from '../../hub/key-pair.ts';

it('names no device so that its id reads as an option', () => {
  const ids = Array.from({ length: 1000 }, () => deviceIdOf(makeKeyPair().publicKey));
  expect(ids.filter((id) => id.startsWith('-'))).toEqual([]);
  expect(new Set(ids).size).toBe(1000);
});
