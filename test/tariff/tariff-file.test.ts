// The door for tariffs that people write: what it lets in, as which tariff, and what it refuses, by the field's path. Quotes: their steps come to the charge.

import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { CURRENCIES, decimalsOf } from '../../hub/tariff/currency.ts';
import { addTariff } from '../../hub/tariff/add.ts';
import { decimalText, millionthsOf } from '../../hub/tariff/decimal.ts';
import { dayOf, overlap } from '../../hub/tariff/local-times.ts';
import { stepsOf } from '../../hub/tariff/price-steps.ts';
import { quoteOf } from '../../hub/tariff/quote.ts';
import { parseTariff } from '../../hub/tariff/tariff-file.ts';
import { tariffView } from '../../hub/tariff/tariff-text.ts';
import { tariffIdOf } from '../../hub/ids.ts';
import { flatTariff, profileTerms } from '../../hub/profiles.ts';
import { toHex } from '../../shared/bytes.ts';
import { chargeOf } from '../../shared/charge.ts';
import type { RichTariff } from '../../shared/rich-tariff.ts';
import type { Tariff } from '../../shared/tariff.ts';
import { holdsAt } from '../../shared/times.ts';
import type { Units } from '../../shared/units.ts';
import { seededRandom } from '../../simulator/random.ts';
import { startStore } from '../hub/fixture.ts';
import { randomSegments, randomTariff, randomUnits } from './random-tariff.ts';

const simple = { currency: 'EUR', unit: 'Wh', per: 1000, price: 0.45 };
const night = { from: '22:00', until: '06:00', price: 0.3 };
const timed = { ...simple, zone: 'Europe/Berlin', periods: [night] };

function parsed(json: unknown): Tariff {
  const tariff = parseTariff(json);
  if (typeof tariff === 'string') throw new Error(tariff);
  return tariff;
}

describe('what is let in', () => {
  it('one price is the tariff that enrolment by price makes', () => {
    expect(tariffIdOf(parsed(simple))).toBe(tariffIdOf(flatTariff(profileTerms('charging'))));
  });

  it('what is written in another way is the same tariff', () => {
    const written = { ...timed, tiers: undefined, price: '0.450', by: 'tier', texts: { en: 'b', de: 'a' } };
    const other = { ...timed, texts: { de: 'a', en: 'b' }, step: 1, tax: undefined };
    expect(tariffIdOf(parsed(written))).toBe(tariffIdOf(parsed(other)));
  });

  it('a moment, or a date as its first moment at the place', () => {
    const { validFromSeconds, validUntilSeconds } = parsed({
      ...timed,
      validFrom: '2026-07-01',
      validUntil: '2026-08-01T12:00:00+02:00',
    });
    expect([validFromSeconds, validUntilSeconds]).toEqual([
      Date.parse('2026-06-30T22:00:00Z') / 1000,
      Date.parse('2026-08-01T10:00:00Z') / 1000,
    ]);
  });

  it('all that a tariff can say', () => {
    const all = {
      ...timed,
      price: undefined,
      tiers: [{ to: 100, price: 1 }, { price: 0.5 }],
      by: 'volume',
      periods: [{ ...night, days: ['sat', 'sun'], fromDate: '2026-12-01', untilDate: '2026-12-24' }],
      ...{
        step: 10,
        free: 5,
        base: 1,
        minimum: 2,
        maximum: 3,
        tax: { percent: 7.5, included: false },
        texts: { 'de-AT': 'Strom' },
      },
      replaces: '00'.repeat(16),
    };
    expect(tariffView(parsed(all))).toMatchObject({
      prices: [
        { times: 'sat, sun 22:00-06:00 from 2026-12-01 until before 2026-12-24', tiers: [{ from: 0, to: null, price: '0.30' }] },
        {
          times: 'at all other times',
          tiers: [
            { from: 0, to: 100, price: '1.00' },
            { from: 100, to: null, price: '0.50' },
          ],
        },
      ],
      ...{ by: 'volume', step: 10, free: 5, base: '1.00', minimum: '2.00', maximum: '3.00' },
      ...{ tax: { percent: '7.50', included: false }, texts: { 'de-AT': 'Strom' }, replaces: '00'.repeat(16) },
    });
  });
});

test.each([
  ['nothing', null, 'tariff: '],
  ['an unknown field', { ...simple, prices: 1 }, 'prices: expected one of the keys'],
  ['no currency', { ...simple, currency: undefined }, 'currency: expected a string, got nothing'],
  [
    'a currency that is none',
    { ...simple, currency: 'EUX' },
    'currency: expected a currency of ISO 4217 that is in use, such as EUR, got "EUX"',
  ],
  ['a currency of the past', { ...simple, currency: 'DEM' }, 'currency: expected a currency of ISO 4217'],
  ['a unit without a name', { ...simple, unit: '' }, 'unit: '],
  ['a negative price', { ...simple, price: -0.45 }, 'price: expected a number from 0 to 1000.00'],
  ['a price too fine', { ...simple, price: '0.1234567' }, 'price: expected a number from 0 to 1000.00'],
  ['a price above the bound', { ...simple, price: 1000.01 }, 'price: expected a number from 0 to 1000.00'],
  ['no price', { ...simple, price: undefined }, 'price: expected a price, or tiers'],
  ['a price and tiers', { ...simple, tiers: [{ price: 1 }] }, 'tiers: expected a price or tiers, got both'],
  [
    'a gap between tiers',
    {
      ...simple,
      price: undefined,
      tiers: [
        { to: 10, price: 1 },
        { from: 12, price: 2 },
      ],
    },
    'tiers.1.from: expected 10, where the tier before ends, got 12: units 11 to 12 would have no price',
  ],
  [
    'tiers that overlap',
    {
      ...simple,
      price: undefined,
      tiers: [
        { to: 10, price: 1 },
        { from: 8, price: 2 },
      ],
    },
    'tiers.1.from: expected 10, where the tier before ends, got 8: some units would have two prices',
  ],
  ['a first tier from 1', { ...simple, price: undefined, tiers: [{ from: 1, price: 1 }] }, 'tiers.0.from: expected 0'],
  [
    'a last tier with an end',
    { ...simple, price: undefined, tiers: [{ to: 10, price: 1 }] },
    'tiers.0.to: expected none in the last tier',
  ],
  [
    'a tier without end or follower',
    { ...simple, price: undefined, tiers: [{ price: 1 }, { price: 2 }] },
    'tiers.0.to: expected where the tier ends',
  ],
  [
    'an empty tier',
    { ...simple, price: undefined, tiers: [{ to: 5, price: 1 }, { to: 5, price: 2 }, { price: 3 }] },
    'tiers.1.to: expected more than 5',
  ],
  [
    'a tier in a period',
    { ...timed, periods: [{ ...night, price: undefined, tiers: [{ to: 9, price: 1 }] }] },
    'periods.0.tiers.0.to: ',
  ],
  ['volume without tiers', { ...simple, by: 'volume' }, 'by: expected tiers'],
  [
    'periods that overlap',
    { ...timed, periods: [night, { days: ['mon'], from: '05:00', until: '08:00', price: 1 }] },
    'periods.1: it overlaps with periods.0',
  ],
  ['a period without a price', { ...timed, periods: [{ from: '08:00' }] }, 'periods.0.price: expected a price, or tiers'],
  ['a period for all times', { ...timed, periods: [{ price: 1 }] }, 'periods.0: expected days, times or dates'],
  ['a period of no minute', { ...timed, periods: [{ from: '08:00', until: '08:00', price: 1 }] }, 'periods.0.until: '],
  ['a time that is none', { ...timed, periods: [{ from: '25:00', price: 1 }] }, 'periods.0.from: expected a time of day'],
  ['a day that is none', { ...timed, periods: [{ fromDate: '2026-02-30', price: 1 }] }, 'periods.0.fromDate: expected a date'],
  [
    'days in the wrong order',
    { ...timed, periods: [{ fromDate: '2026-02-03', untilDate: '2026-02-03', price: 1 }] },
    'periods.0.untilDate: ',
  ],
  ['a weekday that is none', { ...timed, periods: [{ days: ['Montag'], price: 1 }] }, 'periods.0.days.0: '],
  ['periods without a zone', { ...timed, zone: undefined }, 'zone: expected the time zone'],
  ['a zone that is none', { ...timed, zone: 'Europe/Bielefeld' }, 'zone: expected an IANA time zone'],
  ['an offset as a zone', { ...timed, zone: '+01:00' }, 'zone: expected an IANA time zone'],
  [
    'a minimum above the maximum',
    { ...simple, minimum: 2, maximum: 1 },
    'minimum: expected at most the maximum of 1.00, got 2.00',
  ],
  ['a step of nothing', { ...simple, step: 0 }, 'step: expected a number to be >=1, got 0'],
  [
    'an amount past the safe range',
    { ...simple, maximum: '9000000000.000001' },
    'maximum: expected a number from 0 to 9000000000.00',
  ],
  ['more tax than the amount', { ...simple, tax: { percent: 100.1, included: true } }, 'tax.percent: '],
  ['a tax too fine', { ...simple, tax: { percent: '19.00001', included: true } }, 'tax.percent: expected at most four decimals'],
  [
    'a key that is not known',
    { ...simple, prise: 1 },
    'prise: expected one of the keys currency, unit, per, price, tiers, by, periods, step, free, base, minimum, maximum, tax, zone, validFrom, validUntil, replaces, texts, got "prise"; did you mean price?',
  ],
  ['a key like no other', { ...simple, colour: 'red' }, 'colour: expected one of the keys currency, '],
  [
    'an unknown key of a period',
    { ...timed, periods: [{ ...night, form: '08:00' }] },
    'periods.0.form: expected one of the keys days, from, until, fromDate, untilDate, price, tiers, got "form"; did you mean from?',
  ],
  [
    'an unknown key of a tier',
    { ...simple, price: undefined, tiers: [{ upTo: 5, price: 1 }, { price: 1 }] },
    'tiers.0.upTo: expected one of the keys from, to, price, got "upTo"',
  ],
  ['an unknown key of the tax', { ...simple, tax: { percent: 19, include: true } }, 'tax.'],
  ['a tax of neither kind', { ...simple, tax: { percent: 19 } }, 'tax.included: '],
  [
    'an end before the beginning',
    { ...simple, validFrom: '2026-02-01', validUntil: '2026-01-01' },
    'validUntil: expected a moment after validFrom (2026-02-01), got 2026-01-01',
  ],
  ['a beginning that is no moment', { ...simple, validFrom: 'soon' }, 'validFrom: expected a date'],
  ['a replaced tariff that is no id', { ...simple, replaces: 'abc' }, 'replaces: '],
  ['a text too long', { ...simple, texts: { en: 'a'.repeat(513) } }, 'texts.en: expected at most 512 bytes'],
  [
    'more than 2048 bytes',
    { ...simple, texts: Object.fromEntries(['aa', 'bb', 'cc', 'dd', 'ee'].map((language) => [language, 'a'.repeat(500)])) },
    'tariff: expected a tariff of at most 2048 bytes',
  ],
])('%s is refused, with the path of the field', (_name, json, why) => {
  const result = parseTariff(json);
  expect(typeof result === 'string' ? result : 'let in').toContain(why);
  if (typeof result === 'string') expect(result.startsWith(why.slice(0, why.indexOf(':')))).toBe(true);
});

describe('adding', () => {
  it('records once, and refuses to replace what is not there, or is something else', () => {
    const store = startStore();
    const first = addTariff(store, parsed(timed));
    expect(first.kind).toBe('added');
    expect(addTariff(store, parsed(timed))).toEqual({ ...first, kind: 'known' });
    const id = toHex(tariffIdOf(parsed(timed)));
    expect(addTariff(store, parsed({ ...timed, price: 0.5, replaces: id })).kind).toBe('added');
    expect(addTariff(store, parsed({ ...timed, replaces: '00'.repeat(16) }))).toMatchObject({
      kind: 'refused',
      why: expect.stringContaining('replaces: ') as string,
    });
    expect(addTariff(store, parsed({ ...timed, unit: 's', replaces: id }))).toMatchObject({ kind: 'refused' });
    expect(store.tariffs.all()).toHaveLength(2);
  });
});

test('the steps of a quote come to the charge, for any tariff', () => {
  const random = seededRandom(7, 'quotes');
  let quoted = 0;
  for (let i = 0; i < 3000; i++) {
    const size = (['looped', 'ordinary', 'bound'] as const)[i % 3] ?? 'looped';
    const tariff: RichTariff = randomTariff(random, size);
    // It throws if they do not.
    const quote = quoteOf(tariff, randomUnits(random, size) as Units, 1_800_000_000 + random.integer(0, 700_000));
    if (typeof quote !== 'string') quoted++;
  }
  expect(quoted).toBeGreaterThan(2000);
});

test('the steps of a price come to the charge, whichever elements the units were accepted under', () => {
  const random = seededRandom(8, 'steps');
  let priced = 0;
  for (let i = 0; i < 3000; i++) {
    const size = (['looped', 'ordinary', 'bound'] as const)[i % 3] ?? 'looped';
    const tariff: RichTariff = randomTariff(random, size);
    const segments = randomSegments(random, tariff, randomUnits(random, size));
    const reached = segments.at(-1)?.toUnits ?? 0;
    const units = random.integer(0, reached) as Units;
    const charge = chargeOf(tariff, segments, units);
    if (charge === undefined) continue;
    expect(stepsOf(tariff, segments, units, charge).at(-1)?.micros).toBe(charge);
    if (segments.length > 1) priced++;
  }
  expect(priced).toBeGreaterThan(1000);
});

test('decimals go both ways, digit by digit', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 9_000_000_000_000_000 }), (millionths) => {
      expect(millionthsOf(decimalText(millionths))).toBe(millionths);
    }),
  );
  expect([1.1, '1.10', 0.000001].map(millionthsOf)).toEqual([1_100_000, 1_100_000, 1]);
  for (const wrong of [1e-7, '-1', 'NaN', '1e3', ' 1', '', '1.', '.5']) expect(millionthsOf(wrong)).toBeUndefined();
});

test('currencies are those that Node knows of, and more than a few', () => {
  const known = new Set(Intl.supportedValuesOf('currency'));
  const own = CURRENCIES.filter((code) => !known.has(code));
  // Funds, units of account and what is younger than some ICU; and our own SAT.
  for (const code of own) expect('BOV CHE CHW CLF COU MXV SAT USN UYI UYW VED XCG XTS ZWG SLE').toContain(code);
  expect(CURRENCIES.length).toBeGreaterThan(150);
  expect(['EUR', 'JPY', 'KWD', 'CLF', 'IQD'].map(decimalsOf)).toEqual([2, 0, 3, 4, 3]);
});

test('two periods overlap if and only if both hold at some minute', () => {
  const times = fc
    .record({
      weekdays: fc.integer({ min: 1, max: 127 }),
      fromMinute: fc.integer({ min: 0, max: 23 }).map((hour) => hour * 60),
      untilMinute: fc.integer({ min: 1, max: 24 }).map((hour) => hour * 60),
      fromDay: fc.constantFrom(0, dayOf('2026-11-16') ?? 0, dayOf('2026-11-19') ?? 0),
      untilDay: fc.constantFrom(0, dayOf('2026-11-20') ?? 0, dayOf('2026-11-23') ?? 0),
    })
    .filter(({ fromMinute, untilMinute }) => fromMinute !== untilMinute);
  const first = dayOf('2026-11-16') ?? 0;
  fc.assert(
    fc.property(times, times, (a, b) => {
      let both = false;
      for (let day = first - 8; day < first + 16; day++)
        for (let minute = 0; minute < 1440; minute += 60) both ||= holdsAt(a, day, minute) && holdsAt(b, day, minute);
      expect(overlap(a, b)).toBe(both);
    }),
    { numRuns: 2000 },
  );
});
