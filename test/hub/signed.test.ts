// Signed vouchers on the fast way: what a lane takes is what the judge accepts; of many that wait one is checked; and what is acknowledged is in the journal with its proof. Forgeries are the device's own: good
// messages with a bit turned over.

import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Channel } from '../../hub/channel.ts';
import type { Asker, Commits } from '../../hub/commits.ts';
import { HEAD_BYTES, openJournal, SIGNED_ENTRY_BYTES } from '../../hub/journal.ts';
import type { KnownDevice } from '../../hub/known.ts';
import { holdChannel, knownDevices } from '../../hub/known.ts';
import type { Lane } from '../../hub/lane.ts';
import { advanceLane, landLane, laneOf } from '../../hub/lane.ts';
import { openProving } from '../../hub/proving.ts';
import { EVENT_LOOP } from '../../hub/turns.ts';
import { advanceSigned, signedUnits } from '../../hub/signed-lane.ts';
import { openStore } from '../../hub/store.ts';
import type { Bytes } from '../../shared/bytes.ts';
import type { ChannelNumber } from '../../shared/units.ts';
import { decodeUplink } from '../../shared/uplink.ts';
import { writeSignedVoucher } from '../../shared/voucher.ts';
import { copyOf, freshFolder, payAt, startHub, startStore } from './fixture.ts';
import type { LaneRoom } from './lane-room.ts';
import { among, judged, openLaneRoom } from './lane-room.ts';

const LIMIT_UNITS = 1000;
const openRoom = (store = startStore()): LaneRoom => openLaneRoom(store, { chainUnits: 100, limitUnits: LIMIT_UNITS });

function takes({ lane, known }: LaneRoom, message: Bytes): boolean {
  const { data, at, end } = among(message);
  const units = signedUnits(lane, known, data, at, end);
  return units > 0 && advanceSigned(lane, message, lane.number, units);
}

function turned(message: Bytes, bit: number): Bytes {
  const at = (bit >> 3) % message.length;
  return message.slice(0, at) + String.fromCharCode(message.charCodeAt(at) ^ (1 << (bit & 7))) + message.slice(at + 1);
}

const change = fc.oneof(
  { weight: 5, arbitrary: fc.constant((message: Bytes) => message) },
  fc.nat(90 * 8).map((bit) => (message: Bytes) => turned(message, bit)),
  fc.constant((message: Bytes) => message.slice(0, -1)),
  fc.constant((message: Bytes) => `${message}\0`),
);
const voucher = fc.record({
  channel: fc.constantFrom(1, 1, 1, 2, 3),
  units: fc.integer({ min: 1, max: LIMIT_UNITS + 5 }),
  closing: fc.nat(9).map((one) => one === 0),
  change,
});

test('what the lane takes is what the judge accepts', () => {
  let taken = 0;
  const store = startStore();
  fc.assert(
    fc.property(fc.array(voucher, { minLength: 1, maxLength: 12 }), (vouchers) => {
      const room = openRoom(store);
      for (const { channel, units, closing, change } of vouchers) {
        const message = change(room.payer.signed(channel, units, closing));
        const expected = judged(room, message);
        const before = new Map(room.device.channels);
        if (!takes(room, message)) expect(room.device.channels).toEqual(before);
        else {
          taken++;
          expect(landLane(room.lane)).toEqual(expected);
        }
      }
    }),
    { numRuns: 60 },
  );
  expect(taken).toBeGreaterThan(50);
});

test('no bit of a signed voucher can be turned over', () => {
  const room = openRoom();
  const good = room.payer.signed(1, 300);
  for (let bit = 0; bit < good.length * 8; bit++) expect(takes(room, turned(good, bit)), `bit ${bit}`).toBe(false);
  expect(takes(room, good)).toBe(true);
  expect(landLane(room.lane)).toMatchObject({ acceptedUnits: 300, linkUnits: 0, chargedMicros: 3_000_000 });
});

test('a revoked device, one without allowance, a closed channel and units past the limit are left to the judge', () => {
  const room = openRoom();
  const { device, payer } = room;
  expect(takes(room, payer.signed(1, 1))).toBe(true);
  device.row = { ...device.row, revoked: true };
  expect(takes(room, payer.signed(1, 2))).toBe(false);
  device.row = { ...device.row, revoked: false };
  device.bucket = { tokens: 0.5, atMs: 0 };
  expect(takes(room, payer.signed(1, 2))).toBe(false);
  device.bucket = { tokens: 1, atMs: 0 };
  expect(takes(room, payer.signed(1, LIMIT_UNITS + 1))).toBe(false);
  expect(takes(room, payer.signed(1, 2))).toBe(true);
  landLane(room.lane);
  holdChannel(device, { ...(device.channels.get(2) as Channel), closed: true });
  expect(takes(room, payer.signed(2, 3))).toBe(false);
});

test('of many that wait the highest is checked, and covers the others; if it is bad all are for the judge', () => {
  const room = openRoom();
  let checks = 0;
  const { verify } = room.device;
  const device: KnownDevice = { ...room.device, verify: (...given) => (checks++, verify(...given)) };
  const lane = laneOf(device);
  const covered: number[][] = [];
  const left: number[][] = [];
  const commits = { addCovered: (_asker: Asker, _lane: Lane, ids: readonly number[]) => covered.push([...ids]) };
  const asker: Asker = { pendingRuns: 0, answer: () => {}, refuse: () => {}, judge: (_messages, ids) => left.push([...ids]) };
  const proving = openProving(room.known, commits as unknown as Commits, EVENT_LOOP);
  const send = (message: Bytes, id: number): boolean => {
    const { data, at, end } = among(message);
    return proving.take(asker, lane, data, at, end, id);
  };

  [3, 9, 5].forEach((units, i) => expect(send(room.payer.signed(1, units), i + 1)).toBe(true));
  expect({ checks, pending: asker.pendingRuns, isProving: lane.isProving }).toEqual({ checks: 0, pending: 1, isProving: true });
  expect(send(room.payer.signed(2, 5), 4)).toBe(false); // another channel
  proving.finish();
  expect({ checks, covered, left }).toEqual({ checks: 1, covered: [[1, 2, 3]], left: [] });
  expect({ units: lane.acceptedUnits, pending: asker.pendingRuns, isProving: lane.isProving }).toEqual({
    units: 9,
    pending: 0,
    isProving: false,
  });

  expect(send(room.payer.signed(1, 9), 5)).toBe(false); // covered already
  [room.payer.signed(1, 12), turned(room.payer.signed(1, 20), 600), room.payer.signed(1, 14)].forEach((message, i) =>
    send(message, i + 6),
  );
  proving.finish();
  expect({ checks, covered, left }).toEqual({ checks: 2, covered: [[1, 2, 3]], left: [[6, 7, 8]] });
  expect(lane.acceptedUnits).toBe(9);
  const { data, at, end } = among(room.payer.payword(1, 10));
  expect(advanceLane(lane, room.known, data, at, end)).toBe(true);
});

test('a good one below a forged one is accepted by itself, the forged one is refused, and all are acknowledged in order', async () => {
  const hub = await startHub();
  const payer = await payAt(hub);
  await payer.send(payer.commitment(1));
  const acknowledged: number[] = [];
  const sent: number[] = [];
  payer.client.on('packetsend', (packet) => void (packet.cmd === 'publish' && sent.push(packet.messageId as number)));
  payer.client.on('packetreceive', (packet) => void (packet.cmd === 'puback' && acknowledged.push(packet.messageId as number)));
  const messages = [2, 5, 9, 7].map((units) => payer.signed(1, units));
  messages[2] = turned(messages[2] as Bytes, 500);
  await Promise.all([...messages, payer.payword(1, 3), payer.payword(1, 8)].map((message) => payer.send(message)));
  await payer.hears((answer) => answer.kind === 'reject' && answer.reason === 'bad-signature' && answer.units === 9);
  await payer.hears((answer) => answer.kind === 'receipt' && answer.acceptedUnits === 8);
  expect(payer.heard.every((answer) => answer.kind !== 'receipt' || answer.acceptedUnits <= 8)).toBe(true);
  expect(acknowledged).toEqual(sent);
  expect(hub.status()).toMatchObject({ balanced: true, units: { accepted: 8 } });
  expect(hub.refused()).toHaveLength(1);
});

test('what was acknowledged survives in the journal with its proof, for readers and for the next hub', async () => {
  const dataDir = freshFolder();
  const hub = await startHub({ dataDir });
  const payer = await payAt(hub);
  await payer.send(payer.commitment(1));
  await payer.send(payer.payword(1, 4));
  await payer.send(payer.signed(1, 6));
  await payer.send(payer.payword(1, 7));
  await payer.send(payer.signed(1, 11));
  const copy = copyOf(dataDir);
  const signature = payer.signed(1, 11).slice(-64);
  expect(readFileSync(join(copy, 'journal-0')).includes(Buffer.from(signature, 'latin1'))).toBe(true);
  for (const readonly of [true, false, true]) {
    const store = openStore(copy, { readonly });
    const channel = store.channels.find(payer.config.device, 1 as ChannelNumber);
    expect(channel).toMatchObject({ acceptedUnits: 11, linkUnits: 7, chargedMicros: 110_000, signed: { signature } });
    expect(channel?.signed?.payload).toBe('\x83\x01\x0b\xf4');
    store.close();
  }
});

test('a signature in the journal is believed for its proof', async () => {
  const hub = await startHub();
  const payer = await payAt(hub);
  await payer.send(payer.commitment(1));
  const copy = copyOf(hub.store.dataDir);
  for (const [units, signature, found] of [
    [500, payer.signed(1, 499).slice(-64), 0],
    [LIMIT_UNITS + 1, payer.signed(1, LIMIT_UNITS + 1).slice(-64), 0],
    [500, payer.signed(1, 500).slice(-64), 500],
  ] as const) {
    const journal = openJournal(copy);
    const buffer = Buffer.alloc(HEAD_BYTES + SIGNED_ENTRY_BYTES);
    buffer.write(Buffer.from(payer.config.device, 'base64url').toString('latin1'), HEAD_BYTES, 'latin1');
    buffer.writeUInt32BE(1, HEAD_BYTES + 8);
    buffer.writeUInt32BE(units, HEAD_BYTES + 12);
    buffer.write(signature, HEAD_BYTES + 16, 'latin1');
    await new Promise<void>((resolve) => journal.append({ buffer, bytes: 0, signedBytes: SIGNED_ENTRY_BYTES }, () => resolve()));
    journal.close();
    const store = openStore(copy);
    expect(store.channels.find(payer.config.device, 1 as ChannelNumber)?.acceptedUnits).toBe(found);
    store.close();
  }
});

test('an entry that is older than what the judge has taken since does not take its place', async () => {
  const hub = await startHub();
  const payer = await payAt(hub);
  await payer.send(payer.commitment(1));
  const later = copyOf(hub.store.dataDir);
  await payer.send(payer.signed(1, 5));
  await payer.send(payer.payword(1, 9));
  const crashed = copyOf(hub.store.dataDir);

  const store = openStore(later);
  const known = knownDevices(store);
  const device = known.find(payer.config.device, 0) as KnownDevice;
  known.channel(device, 1);
  const judge = { known, device, payer, lane: laneOf(device) };
  store.channels.advance(device.row.device, judged(judge, payer.signed(1, 8)) as Channel, 1);
  store.close();
  for (const name of ['journal-0', 'journal-1']) copyFileSync(join(crashed, name), join(later, name));

  const replayed = openStore(later);
  const channel = replayed.channels.find(device.row.device, 1 as ChannelNumber) as Channel;
  replayed.close();
  expect([channel.acceptedUnits, channel.linkUnits]).toEqual([9, 9]);
  expect(decodeUplink(writeSignedVoucher(channel.signed?.payload ?? '', channel.signed?.signature ?? ''))).toMatchObject({
    units: 8,
  });
});
