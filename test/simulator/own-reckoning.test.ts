// The auditor's own reckoning of prices against the hub's: which elements were in force, and which of them is cheapest. Two implementations of the rules' text, on random tariffs and moments.

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { elementInForceAt, elementsInForce } from '../../hub/in-force.ts';
import { cheapestOf } from '../../shared/charge.ts';
import { elementAt, elementsWithin } from '../../simulator/audit/local-time.ts';
import { cheapestElements } from '../../simulator/audit/second-charge.ts';
import { tariffWith } from '../tariff/timed-tariff.ts';

const DAY_SECONDS = 86_400;
const ZONES = ['Europe/Berlin', 'America/St_Johns', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'UTC'];
const zone = fc.constantFrom(...ZONES);
/** 2025 to 2027. */
const moment = fc.integer({ min: 1_735_689_600, max: 1_830_297_600 });
const span = fc.oneof(fc.integer({ min: 0, max: 3 * DAY_SECONDS }), fc.integer({ min: 0, max: 200 * DAY_SECONDS }));
const SEED = 20_261_121;

it(`agrees on what is in force, seed ${SEED}`, () => {
  const agree = fc.property(zone, moment, span, (name, from, seconds) => {
    const tariff = tariffWith(name, [
      { fromMinute: 1320, untilMinute: 360 },
      { weekdays: 31, fromMinute: 555, untilMinute: 1020 },
      { fromDay: 20_811, untilDay: 20_813 },
    ]);
    expect(elementAt(tariff, from)).toBe(elementInForceAt(tariff, from));
    expect(elementsWithin(tariff, from, from + seconds)).toEqual(elementsInForce(tariff, from, from + seconds));
  });
  fc.assert(agree, { numRuns: 40, seed: SEED });
});

it(`agrees on which is cheapest, seed ${SEED}`, () => {
  const units = fc.integer({ min: 0, max: 3000 });
  const agree = fc.property(units, units, fc.integer({ min: 1, max: 20 }), fc.boolean(), (from, more, stepUnits, byVolume) => {
    const prices = [
      [
        { fromUnits: 0, priceMicros: 500 },
        { fromUnits: 700, priceMicros: 100 },
      ],
      [{ fromUnits: 0, priceMicros: 300 }],
      [
        { fromUnits: 0, priceMicros: 900 },
        { fromUnits: 90, priceMicros: 200 },
      ],
    ];
    const plain = tariffWith('UTC', [{ weekdays: 1 }, { weekdays: 2 }], { stepUnits, byVolume, freeUnits: 40 });
    const tariff = { ...plain, elements: plain.elements.map((one, i) => ({ ...one, tiers: prices[i] as never })) };
    const to = from + more + 1;
    expect(cheapestElements(tariff, [0, 1, 2], from, to)[0]).toBe(cheapestOf(tariff, [0, 1, 2], from, to));
  });
  fc.assert(agree, { numRuns: 2000, seed: SEED });
});
