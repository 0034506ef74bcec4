// accept under any order and any repetition: the channel's state is the maximum of what was proven. Streams are of a payer that keeps its word, except where
// said otherwise.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Bytes } from '../../shared/bytes.ts';
import { decodeUplink } from '../../shared/uplink.ts';
import { accept } from '../../hub/accept.ts';
import { judgeAll, judgesOf, openedBy, strayPayer, viewOf } from './judge.ts';

const payer = strayPayer({ chainUnits: 1000, limitUnits: 2000 });
const opened = openedBy(payer);
const paywords = Array.from({ length: 41 }, (_, i) => payer.payword(1, Math.max(1, i * 25)));
const signed = Array.from({ length: 11 }, (_, i) => payer.signed(1, Math.max(1, i * 100)));
const VOUCHERS: readonly Bytes[] = [...paywords, ...signed];

/** Any vouchers, each any number of times, in any order. */
const streams = fc.array(fc.constantFrom(...VOUCHERS), { minLength: 1, maxLength: 60 });

test('any order and repetition of vouchers ends in the same state', () => {
  fc.assert(
    fc.property(
      streams.chain((stream) => fc.tuple(fc.constant(stream), fc.shuffledSubarray(stream, { minLength: stream.length }))),
      ([stream, shuffled]) => {
        const one = judgeAll(payer, stream, opened).channel;
        const other = judgeAll(payer, [...shuffled, ...stream], opened).channel;
        const state = (channel: typeof one): unknown => [channel?.acceptedUnits, channel?.chargedMicros, channel?.closed];
        expect(state(other)).toEqual(state(one));
      },
    ),
  );
});

test('a closing voucher at the end of the payer’s word closes at the same units wherever it arrives', () => {
  const closing = payer.signed(1, 1000, true);
  fc.assert(
    fc.property(streams, fc.nat(), (stream, at) => {
      const place = at % (stream.length + 1);
      const { channel } = judgeAll(payer, [...stream.slice(0, place), closing, ...stream.slice(place)], opened);
      expect(channel).toMatchObject({ acceptedUnits: 1000, closed: true });
    }),
  );
});

test('no count ever falls and nothing reopens, whatever a payer says, also one that breaks its word', () => {
  const anything = fc.array(
    fc.oneof(
      streams.map(([first]) => first as Bytes),
      fc.nat(1500).map((units) => payer.signed(1, units, true)),
    ),
    {
      maxLength: 20,
    },
  );
  fc.assert(
    fc.property(anything, (stream) => {
      let before = opened;
      for (const message of stream) {
        const after = judgeAll(payer, [message], before).channel ?? before;
        expect(after.acceptedUnits).toBeGreaterThanOrEqual(before.acceptedUnits);
        expect(after.chargedMicros).toBeGreaterThanOrEqual(before.chargedMicros);
        expect(after.linkUnits).toBeGreaterThanOrEqual(before.linkUnits);
        expect(before.closed && !after.closed).toBe(false);
        if (before.closed) expect(after.acceptedUnits).toBe(before.acceptedUnits);
        before = after;
      }
    }),
    { numRuns: 50 },
  );
});

test('a voucher with any byte changed is refused, or means the same, or is one that grants nothing', () => {
  const judges = judgesOf(payer);
  const base = judgeAll(payer, [payer.payword(1, 500)], opened).channel;
  const messages = [payer.payword(1, 525), payer.signed(1, 600), payer.signed(1, 500, true)];
  fc.assert(
    fc.property(fc.constantFrom(...messages), fc.nat(), fc.integer({ min: 1, max: 255 }), (message, place, flip) => {
      const at = place % message.length;
      const changed = message.slice(0, at) + String.fromCharCode(message.charCodeAt(at) ^ flip) + message.slice(at + 1);
      const decoded = decodeUplink(changed);
      const isBase = (decoded.kind === 'payword' || decoded.kind === 'signed') && decoded.channel === 1;
      const verdict = accept(viewOf(payer, { channel: isBase ? base : undefined, nextChannel: 2 }), decoded, judges);
      expect(verdict.kind).not.toBe('accepted');
    }),
    { numRuns: 2000 },
  );
});
