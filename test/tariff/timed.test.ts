// Channels whose prices differ by time, through judge and database: which units belong to which element, what they cost, and that anybody comes to the same from the segments. The hub's clock
// is given; no device's clock occurs.

import fc from 'fast-check';
import Database from 'better-sqlite3';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { audit } from '../../hub/audit.ts';
import { auditTables } from '../../hub/audit/run.ts';
import { hubKeysIn } from '../../hub/audit/keys.ts';
import type { Channel } from '../../hub/channel.ts';
import { drawClaims } from '../../hub/draw.ts';
import { enrol } from '../../hub/enrol.ts';
import { evidenceOf, verifyEvidence } from '../../hub/evidence.ts';
import { assertWritten, judgeGroup, keepGroup, writeGroup } from '../../hub/group.ts';
import { elementInForceAt, elementsInForce } from '../../hub/in-force.ts';
import { knownDevices } from '../../hub/known.ts';
import { advanceLane, laneOf } from '../../hub/lane.ts';
import { settle } from '../../hub/settlement.ts';
import type { Store } from '../../hub/store.ts';
import { DATABASE_FILE } from '../../hub/database.ts';
import { openStore } from '../../hub/store.ts';
import { chargeOf, cheapestOf } from '../../shared/charge.ts';
import type { Bytes } from '../../shared/bytes.ts';
import type { RichTariff } from '../../shared/rich-tariff.ts';
import type { ChannelNumber, Units } from '../../shared/units.ts';
import { decodeUplink } from '../../shared/uplink.ts';
import { freshFolder, payAt, requestOf, startHub } from '../hub/fixture.ts';
import { payerOf } from '../hub/payer.ts';
import { tariffWith } from './timed-tariff.ts';

/** A Monday, 08:00 in Berlin. */
const START = Date.parse('2026-11-16T07:00:00Z') / 1000;
const HOUR = 3600;
/** Element 0: 1 cent at night. Element 1: 2 cents in office hours. Element 2: 3 cents. */
const TARIFF = tariffWith('Europe/Berlin', [
  { fromMinute: 1320, untilMinute: 360 },
  { weekdays: 31, fromMinute: 540, untilMinute: 1020 },
]);

function openSite(tariff: RichTariff = TARIFF, dataDir = freshFolder()) {
  const store = openStore(dataDir);
  onTestFinished(() => store.close());
  const payer = payerOf(enrol(store, requestOf(1, { tariff, limitUnits: 640, chainUnits: 640 }), START));
  const known = knownDevices(store);
  const device = known.find(payer.config.device, 0);
  if (device === undefined) throw new Error('the device is not known');
  /** Judged and committed together; the verdicts' kinds. */
  const take = (nowSeconds: number, ...messages: readonly Bytes[]): string[] => {
    const moment = { nowMs: nowSeconds * 1000, nowSeconds };
    const arrivals = messages.map((message) => ({ device, message: decodeUplink(message) }));
    const judgement = judgeGroup(known, arrivals, moment);
    store.atomically(() => writeGroup(store, judgement, nowSeconds));
    assertWritten(store, judgement);
    keepGroup(judgement);
    return judgement.verdicts.map((verdict) => (verdict.kind === 'rejected' ? verdict.reason : verdict.kind));
  };
  take(START, payer.commitment(1));
  const channel = (): Channel => store.channels.find(payer.config.device, 1 as ChannelNumber) as Channel;
  return { dataDir, store, payer, known, device, take, channel };
}

const segmentsOf = (channel: Channel): number[][] =>
  (channel.timed?.segments ?? []).map((one) => [one.element, one.toUnits, one.chosen ? 1 : 0]);

function faultsIn(store: Store): readonly unknown[] {
  return [...audit(store), ...auditTables(store.tables, hubKeysIn(store.dataDir), { all: true }).faults];
}

describe('units belong to the element that is in force when they are accepted', () => {
  test('one segment grows while the element stays', () => {
    const { take, payer, channel } = openSite();
    expect(take(START + 60, payer.payword(1, 3))).toEqual(['accepted']);
    take(START + 120, payer.payword(1, 5), payer.payword(1, 8));
    expect(segmentsOf(channel())).toEqual([[2, 8, 0]]);
    expect(channel()).toMatchObject({ acceptedUnits: 8, chargedMicros: 240_000 });
    expect(channel().timed?.segments[0]).toMatchObject({ fromSeconds: START, untilSeconds: START + 120 });
  });

  test('where one ends and another begins, units between belong to the cheaper', () => {
    const { take, payer, channel } = openSite();
    take(START + HOUR - 1, payer.payword(1, 10)); // 08:59:59, 3 cents
    take(START + HOUR, payer.payword(1, 20)); // 09:00, 2 cents: cheaper than what was in force a second before
    take(START + HOUR + 1, payer.payword(1, 30));
    expect(segmentsOf(channel())).toEqual([
      [2, 10, 0],
      [1, 20, 1],
      [1, 30, 0],
    ]);
    expect(channel().chargedMicros).toBe(300_000 + 400_000);
    take(START + 9 * HOUR + 1, payer.payword(1, 40)); // 17:00:01, dearer: these units may be from before
    expect(channel().chargedMicros).toBe(900_000);
  });

  test('a board that was offline over a night pays the night', () => {
    const { take, payer, channel } = openSite();
    take(START + 60, payer.payword(1, 10));
    take(START + 26 * HOUR, payer.payword(1, 100)); // Tuesday, 10:00
    expect(segmentsOf(channel())).toEqual([
      [2, 10, 0],
      [0, 100, 1],
    ]);
    expect(channel().chargedMicros).toBe(300_000 + 900_000);
  });

  test('duplicates, a repeated opening and a closing without units change no segment', () => {
    const { take, payer, channel } = openSite();
    take(START + 60, payer.payword(1, 10));
    expect(take(START + 9 * HOUR, payer.payword(1, 10), payer.payword(1, 4), payer.commitment(1))).toEqual(
      Array(3).fill('duplicate'),
    );
    expect(take(START + 10 * HOUR, payer.signed(1, 10, true))).toEqual(['accepted']);
    expect(segmentsOf(channel())).toEqual([[2, 10, 0]]);
    expect(channel()).toMatchObject({ closed: true, chargedMicros: 300_000 });
  });

  test('a clock that was set back stands still', () => {
    const { take, payer, channel } = openSite();
    take(START + 2 * HOUR, payer.payword(1, 10)); // opened at 08:00, so 2 cents
    take(START - 2 * HOUR, payer.payword(1, 20)); // 06:00, at 3 cents, if it were so
    expect(channel().chargedMicros).toBe(400_000);
    expect(channel().timed?.segments.at(-1)).toMatchObject({ element: 1, untilSeconds: START + 2 * HOUR });
  });
});

test('a limit is judged at the dearest price', () => {
  const { take, payer, store, device } = openSite();
  expect(device.row.creditMicros).toBe(640 * 30_000);
  expect(take(START, payer.commitment(2, { limitUnits: 641 as Units }))).toEqual(['excessive-limit']);
  expect(faultsIn(store)).toEqual([]);
});

test('the fast lane leaves such channels to the judge, and takes others with all else that a tariff can say', () => {
  const { payer, known, device, take } = openSite();
  take(START + 1, payer.payword(1, 1));
  const inside = Buffer.from(payer.payword(1, 2), 'latin1');
  expect(advanceLane(laneOf(device), known, inside, 0, inside.length)).toBe(false);
  const plain = openSite({ ...TARIFF, zone: '', elements: TARIFF.elements.slice(-1), minimumMicros: 50_000 as never });
  const other = Buffer.from(plain.payer.payword(1, 2), 'latin1');
  expect(advanceLane(laneOf(plain.device), plain.known, other, 0, other.length)).toBe(true);
});

test('over MQTT, through the fast front, they are answered and booked like any other', async () => {
  const hub = await startHub();
  const always = tariffWith('Europe/Berlin', [{ weekdays: 1 }, { weekdays: 126 }]); // all days, in two elements
  const payer = await payAt(hub, { tariff: always });
  await payer.send(payer.commitment(1));
  for (const units of [1, 2, 7]) await payer.send(payer.payword(1, units));
  await payer.hears((answer) => answer.kind === 'receipt' && answer.acceptedUnits === 7);
  const channel = hub.store.channels.find(payer.config.device, 1 as ChannelNumber);
  expect(channel?.chargedMicros).toBe(chargeOf(always, channel?.timed?.segments ?? [], 7 as Units));
  expect(channel?.timed?.segments.at(-1)?.toUnits).toBe(7);
  expect(hub.status().balanced).toBe(true);
});

test('claims, settlement, audit and evidence come to the same amounts, long after', () => {
  const { dataDir, store, take, payer, channel } = openSite();
  take(START + 60, payer.payword(1, 10));
  drawClaims(store, START + 100);
  take(START + 26 * HOUR, payer.payword(1, 60));
  expect(settle(store, { dryRun: false, nowSeconds: START + 26 * HOUR + 1 })).toBeDefined();
  take(START + 27 * HOUR, payer.payword(1, 70));
  expect(faultsIn(store)).toEqual([]);
  const evidence = evidenceOf(store, payer.config.device, 1 as ChannelNumber);
  expect(evidence?.channels[0]?.segments).toHaveLength(3);
  expect(verifyEvidence(JSON.parse(JSON.stringify(evidence)))).toMatchObject({ kind: 'valid' });
  const before = channel();
  const again = openStore(dataDir, { readonly: true });
  onTestFinished(() => again.close());
  expect(again.channels.find(payer.config.device, 1 as ChannelNumber)).toEqual(before);
});

describe('any life of a channel', () => {
  const lives = fc.array(fc.record({ after: fc.integer({ min: 0, max: 30 * HOUR }), units: fc.integer({ min: 1, max: 20 }) }), {
    minLength: 1,
    maxLength: 12,
  });

  test('never lets the charge fall, and is a function of units and segments alone', () => {
    const shapes: readonly Partial<RichTariff>[] = [
      {},
      { stepUnits: 7, minimumMicros: 100_000 as never },
      { byVolume: true, freeUnits: 5, taxIncluded: false, taxMillionths: 190_000 },
    ];
    fc.assert(
      fc.property(lives, fc.constantFrom(...shapes), (life, shape) => {
        const tariff = { ...TARIFF, ...shape };
        const { store, take, payer, channel } = openSite(tariff);
        let at = START;
        let charged = 0;
        const history: (readonly [units: number, micros: number])[] = [[0, 0]];
        for (const { after, units } of life) {
          const from = at;
          at += after;
          const before = channel().acceptedUnits;
          take(at, payer.payword(1, before + units));
          const { timed, chargedMicros, acceptedUnits } = channel();
          const last = timed?.segments.at(-1);
          expect(chargedMicros).toBeGreaterThanOrEqual(charged);
          expect(last).toMatchObject({ toUnits: acceptedUnits, untilSeconds: at });
          expect(last?.element).toBe(cheapestOf(tariff, elementsInForce(tariff, from, at), before, acceptedUnits));
          if (after === 0 && before > 0) expect(last?.element).toBe(elementInForceAt(tariff, at));
          charged = chargedMicros;
          history.push([acceptedUnits, chargedMicros]);
        }
        // What was charged at each count then is what it costs now.
        const { timed } = channel();
        for (const [units, micros] of history) expect(chargeOf(tariff, timed?.segments ?? [], units as Units)).toBe(micros);
        expect(audit(store)).toEqual([]);
      }),
      { numRuns: 15 },
    );
  });
});

test('the database refuses to change what was priced', () => {
  const { dataDir, store, take, payer } = openSite();
  take(START + 60, payer.payword(1, 10));
  take(START + 26 * HOUR, payer.payword(1, 20));
  take(START + 26 * HOUR, payer.payword(1, 30));
  store.close();
  const db = new Database(join(dataDir, DATABASE_FILE));
  onTestFinished(() => void db.close());
  const refusals = [
    ['UPDATE segments SET element = 0 WHERE sequence = 2', 'only the last segment'],
    ['UPDATE segments SET to_units = 11 WHERE sequence = 0', 'only the last segment'],
    ['UPDATE segments SET to_units = 21 WHERE sequence = 1', 'only the last segment'],
    ['UPDATE segments SET to_units = 29 WHERE sequence = 2', 'only the last segment'],
    ['UPDATE segments SET to_units = 31 WHERE sequence = 2', 'units that were accepted'],
    ['DELETE FROM segments', 'segments are never deleted'],
    [
      'INSERT INTO segments SELECT device, number, 3, 0, 31, until_seconds, until_seconds, 0 FROM segments WHERE sequence = 2',
      'units that were accepted',
    ],
    [
      'INSERT INTO segments SELECT device, number, 4, 0, 30, until_seconds, until_seconds, 0 FROM segments WHERE sequence = 2',
      'where the one before it ends',
    ],
  ] as const;
  for (const [sql, why] of refusals) expect(() => db.exec(sql), sql).toThrow(why);
});
