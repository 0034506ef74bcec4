// The fast lane against the judge: what the lane takes, `accept` would have accepted, with the same channel as its result; what it leaves has changed nothing. Messages are right, wrong by a byte, or no
// messages at all.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Channel } from '../../hub/channel.ts';
import { holdChannel } from '../../hub/known.ts';
import { advanceLane, isAhead, landLane, leaveChannel } from '../../hub/lane.ts';
import type { Bytes } from '../../shared/bytes.ts';
import { startStore } from './fixture.ts';
import type { LaneRoom } from './lane-room.ts';
import { among, judged, openLaneRoom } from './lane-room.ts';
import type { Payer } from './payer.ts';

const UNITS = { chainUnits: 650, limitUnits: 660 };

function takes({ lane, known }: LaneRoom, message: Bytes): boolean {
  const { data, at, end } = among(message);
  return advanceLane(lane, known, data, at, end);
}

type Act =
  | { readonly kind: 'pay'; readonly channel: number; readonly units: number }
  | { readonly kind: 'damage'; readonly channel: number; readonly units: number; readonly at: number; readonly bit: number }
  | { readonly kind: 'cut'; readonly channel: number; readonly units: number }
  | { readonly kind: 'lengthen'; readonly channel: number; readonly units: number }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'land' };

const channel = fc.constantFrom(1, 1, 1, 1, 2, 3);
const units = fc.oneof({ weight: 5, arbitrary: fc.integer({ min: 1, max: 60 }) }, fc.integer({ min: 1, max: 699 }));
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('pay' as const), channel, units }) },
  fc.record({ kind: fc.constant('damage' as const), channel, units, at: fc.nat(25), bit: fc.nat(7) }),
  fc.record({ kind: fc.constant('cut' as const), channel, units }),
  fc.record({ kind: fc.constant('lengthen' as const), channel, units }),
  fc.record({ kind: fc.constant('bytes' as const), bytes: fc.uint8Array({ maxLength: 30 }) }),
  fc.record({ kind: fc.constant('land' as const) }),
);

function messageOf(payer: Payer, one: Exclude<Act, { kind: 'land' }>): Bytes {
  if (one.kind === 'bytes') return Buffer.from(one.bytes).toString('latin1');
  const good = payer.payword(one.channel, one.units);
  if (one.kind === 'cut') return good.slice(0, -1);
  if (one.kind === 'lengthen') return `${good}\0`;
  if (one.kind === 'pay') return good;
  const bytes = Buffer.from(good, 'latin1');
  const at = one.at % bytes.length;
  bytes[at] = (bytes[at] as number) ^ (1 << one.bit);
  return bytes.toString('latin1');
}

function land(room: LaneRoom): void {
  landLane(room.lane);
  leaveChannel(room.lane);
}

test('what the lane takes is what the judge accepts', () => {
  let taken = 0;
  const store = startStore();
  fc.assert(
    fc.property(fc.array(act, { minLength: 1, maxLength: 40 }), (acts) => {
      const room = openLaneRoom(store, UNITS);
      for (const one of acts) {
        if (one.kind === 'land') land(room);
        else {
          const message = messageOf(room.payer, one);
          const ahead = isAhead(room.lane);
          if (ahead) landLane(room.lane); // the judge looks at what the lane has
          const before = new Map(room.device.channels);
          const expected = judged(room, message);
          if (!takes(room, message)) expect(room.device.channels).toEqual(before);
          else {
            taken++;
            expect(landLane(room.lane)).toEqual(expected);
          }
        }
      }
    }),
    { numRuns: 150 },
  );
  expect(taken).toBeGreaterThan(100);
});

test('every flipped bit of a good payword is left to the judge', () => {
  const room = openLaneRoom(startStore(), UNITS);
  expect(takes(room, room.payer.payword(1, 300))).toBe(false); // too long a walk
  expect(takes(room, room.payer.payword(1, 20))).toBe(true);
  const good = Buffer.from(room.payer.payword(1, 30), 'latin1');
  for (let i = 0; i < good.length * 8; i++) {
    const bad = Buffer.from(good);
    bad[i >> 3] = (bad[i >> 3] as number) ^ (1 << (i & 7));
    expect(takes(room, bad.toString('latin1')), `bit ${i}`).toBe(false);
  }
  expect(takes(room, good.toString('latin1'))).toBe(true);
  expect(landLane(room.lane)).toMatchObject({ acceptedUnits: 30, linkUnits: 30, chargedMicros: 300_000 });
});

test('a revoked device, one without allowance, a closed channel and units past the limit are left to the judge', () => {
  const room = openLaneRoom(startStore(), UNITS);
  const { device, payer } = room;
  const next = (): Bytes => payer.payword(1, (room.lane.linkUnits || 0) + 1);
  expect(takes(room, next())).toBe(true);
  device.row = { ...device.row, revoked: true };
  expect(takes(room, next())).toBe(false);
  device.row = { ...device.row, revoked: false };
  device.bucket = { tokens: 0.5, atMs: 0 };
  expect(takes(room, next())).toBe(false);
  device.bucket = { tokens: 1, atMs: 0 };
  expect(takes(room, next())).toBe(true);
  land(room);
  holdChannel(device, { ...(device.channels.get(1) as Channel), closed: true });
  expect(takes(room, payer.payword(1, 3))).toBe(false);
  const far = {
    ...(device.channels.get(2) as Channel),
    acceptedUnits: 649,
    linkUnits: 649,
    link: payer.payword(2, 649).slice(-16),
  };
  holdChannel(device, far as Channel);
  expect(takes(room, payer.payword(2, 650))).toBe(true);
  expect(takes(room, payer.payword(2, 651))).toBe(false);
});
