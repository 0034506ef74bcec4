// The promise of the wire: a payword voucher's whole PUBLISH takes 48 bytes at most, a signed voucher's 112, a commitment's 220.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as any from './arbitrary.ts';
import type { Fields } from './fields.ts';
import { sha256 } from './node-crypto.ts';
import { encode } from './operations.ts';
import { publishBytes, sizeRows } from './sizes.ts';

const BOUNDS = [
  ['payword voucher', 48, any.payword],
  ['signed voucher', 112, any.signed],
  ['commitment', 220, any.commitment],
] as const;

describe('the whole PUBLISH packet, QoS 1, default root', () => {
  it.each(BOUNDS)('of the largest %s is at most %i bytes', (message, bound) => {
    const row = sizeRows().find((one) => one.message === message);
    expect(row?.publishBytes).toBeLessThanOrEqual(bound);
  });

  it.each(BOUNDS)('of any %s is at most that of the largest', (message, _bound, values: fc.Arbitrary<Fields>) => {
    const most = sizeRows().find((one) => one.message === message)?.publishBytes ?? 0;
    fc.assert(
      fc.property(values, (value) => {
        const payload = Buffer.from(encode('decode-uplink', {}, value, sha256)['hex'] as string, 'hex');
        expect(publishBytes(payload, 'up', 1)).toBeLessThanOrEqual(most);
      }),
    );
  });
});
