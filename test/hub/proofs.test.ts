// The hub's hashes and tags against Node's own objects for them, at every length around the borders of blocks and of the buffer they are hashed out of.

import { createHash, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { macOf, sha256 } from '../../hub/proofs.ts';
import { receiptWriter } from '../../hub/receipt-writer.ts';
import { writeReceipt } from '../../shared/downlink.ts';
import type { DeviceId, HubId } from '../../shared/identity.ts';
import type { ChannelNumber, Units } from '../../shared/units.ts';

const bytes = (maxLength: number): fc.Arbitrary<string> =>
  fc.uint8Array({ maxLength }).map((array) => Buffer.from(array).toString('latin1'));

it('hashes as createHash does, up to and beyond the buffer', () => {
  for (const length of [0, 1, 35, 55, 56, 63, 64, 65, 511, 512, 513, 5000]) {
    const data = '\xff'.repeat(length);
    expect(sha256(data), String(length)).toBe(createHash('sha256').update(data, 'latin1').digest('binary'));
  }
  fc.assert(fc.property(bytes(600), (data) => sha256(data) === createHash('sha256').update(data, 'latin1').digest('binary')));
});

it('tags are the first 8 bytes of HMAC-SHA-256', () => {
  fc.assert(
    fc.property(bytes(64), bytes(300), (key, data) => {
      const whole = createHmac('sha256', Buffer.from(key, 'latin1')).update(data, 'latin1').digest('binary');
      return macOf(key)(data) === whole.substring(0, 8);
    }),
  );
});

it('refuses a key longer than a block', () => {
  expect(() => macOf('k'.repeat(65))).toThrow(/at most 64 bytes, got 65/);
});

it('writes receipts as the specification does, for every channel, count and end', () => {
  const context = { hub: '\x24\xf6\xed\x6a\xcb\xfe\x10\x09' as HubId, device: 'Vkdap1RjR0w' as DeviceId };
  const mac = macOf('k'.repeat(32));
  const write = receiptWriter(context, mac);
  const word = fc.integer({ min: 1, max: 2 ** 32 - 1 });
  fc.assert(
    fc.property(word, fc.oneof(word, fc.nat(300)), fc.boolean(), (channel, units, closed) => {
      const receipt = { kind: 'receipt' as const, channel: channel as ChannelNumber, acceptedUnits: units as Units, closed };
      expect(write(receipt)).toBe(writeReceipt(receipt, context, mac));
    }),
  );
});
