// Tariffs of OCPI: what is imported, to which prices, and what is refused, each by the name of what cannot be expressed. Fixtures are our own, in OCPI's shape.

import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { elementInForceAt } from '../../hub/in-force.ts';
import type { Imported } from '../../hub/tariff/ocpi.ts';
import { importOcpi } from '../../hub/tariff/ocpi.ts';
import { chargeOf } from '../../shared/charge.ts';
import type { Units } from '../../shared/units.ts';

function fixture(name: string): Record<string, unknown> {
  return JSON.parse(readFileSync(new URL(`./ocpi/${name}.json`, import.meta.url), 'utf8')) as Record<string, unknown>;
}

function imported(json: unknown, zone?: string): Imported {
  const result = importOcpi(json, zone);
  if (typeof result === 'string') throw new Error(result);
  return result;
}

/** What so many units cost, all of them used at one moment. */
function costAt({ tariff }: Imported, units: number, moment: string): number | undefined {
  const element = elementInForceAt(tariff, Date.parse(moment) / 1000);
  return chargeOf(tariff, [{ element, toUnits: units }], units as Units);
}

describe('energy by time of day and weekday', () => {
  const result = imported(fixture('energy-by-time'), 'Europe/Berlin');

  it.each([
    ['in the daytime', 10_000, '2026-11-18T11:00:00Z', (0.35 + 10 * 0.49) * 1.19],
    ['at night', 10_000, '2026-11-18T22:00:00Z', (0.35 + 10 * 0.29) * 1.19],
    ['at the weekend', 10_000, '2026-11-21T11:00:00Z', (0.35 + 10 * 0.34) * 1.19],
    ['at a weekend night the first element that holds', 10_000, '2026-11-21T23:00:00Z', (0.35 + 10 * 0.29) * 1.19],
    ['one unit: the minimum', 1, '2026-11-18T11:00:00Z', 0.8 * 1.19],
    ['the maximum', 200_000, '2026-11-18T11:00:00Z', 42 * 1.19],
  ])('%s', (_name, units, moment, expected) => {
    expect(costAt(result, units, moment)).toBe(Math.round(expected * 1_000_000));
  });

  it('says how each thing was mapped', () => {
    expect(result.mapped).toEqual([
      'prices per kWh: per 1000 Wh',
      'FLAT: the base fee, from the first unit on',
      'vat: one rate of 19 %, on top of them',
      'restrictions: 3 elements by local time in Europe/Berlin; the first that holds is in force',
      'left out, as no price depends on it: country_code, party_id, id, type, tariff_alt_url, last_updated',
    ]);
    expect(result.tariff.texts.map(({ language }) => language)).toEqual(['de', 'en']);
    expect(result.tariff).toMatchObject({ validFromSeconds: 1_772_323_200, validUntilSeconds: 1_803_859_200 });
  });
});

describe('hours in steps and tiers', () => {
  const result = imported(fixture('hours-in-steps'));

  it.each([
    ['the free part', 1200, 0],
    ['a step begun after it', 1201, (300 / 3600) * 2.7],
    ['the whole second tier', 7200, (6000 / 3600) * 2.7],
    ['one second of the third', 7201, (6000 / 3600) * 2.7 + (300 / 3600) * 4.5],
  ])('%s', (_name, units, expected) => {
    expect(costAt(result, units, '2026-11-18T11:00:00Z')).toBe(Math.floor(Math.round(expected * 1e9) / 1000));
  });

  it('keeps to seconds, gross, without a zone', () => {
    expect(result.tariff).toMatchObject({
      unit: 's',
      perUnits: 3600,
      stepUnits: 300,
      taxIncluded: true,
      taxMillionths: 210_000,
      zone: '',
    });
  });
});

test('2.2.1 names limits by VAT, and has no tax_included: then prices are net', () => {
  const json = { ...fixture('energy-by-time'), tax_included: undefined };
  const { tariff } = imported({ ...json, min_price: { excl_vat: 1, incl_vat: 1.19 } }, 'Europe/Berlin');
  expect(tariff).toMatchObject({ taxIncluded: false, minimumMicros: 1_000_000 });
});

test('where no element holds units cost nothing, and that is said', () => {
  const elements = [
    { price_components: [{ type: 'ENERGY', price: 1, step_size: 1 }], restrictions: { start_time: '08:00', end_time: '00:00' } },
  ];
  const result = imported({ currency: 'EUR', elements }, 'Europe/Berlin');
  expect(result.mapped).toContain('where no element applies: units cost nothing, as in OCPI');
  expect(costAt(result, 1000, '2026-11-18T06:59:59Z')).toBe(0);
  expect(costAt(result, 1000, '2026-11-18T22:59:59Z')).toBe(1_000_000);
});

const energy = { type: 'ENERGY', price: 0.5, vat: 19, step_size: 1 };
const one = (changes: object, component: object = {}): unknown => {
  return { currency: 'EUR', elements: [{ price_components: [{ ...energy, ...component }], ...changes }] };
};
const both = (...price_components: readonly object[]): unknown => ({ currency: 'EUR', elements: [{ price_components }] });
const time = { type: 'TIME', price: 2, vat: 19, step_size: 1 };

test.each([
  ['energy and time at once', both(energy, time), 'elements: expected prices for one of energy and time, got ENERGY and TIME'],
  [
    'charging and parking',
    both(time, { ...time, type: 'PARKING_TIME' }),
    'elements: expected prices for one of energy and time, got TIME and PARKING_TIME',
  ],
  ['a power', one({ restrictions: { max_power: 11 } }), 'elements.0.restrictions.max_power: a channel knows units and times'],
  ['a current', one({ restrictions: { min_current: 11 } }), 'elements.0.restrictions.min_current: '],
  ['a reservation', one({ restrictions: { reservation: 'RESERVATION' } }), 'elements.0.restrictions.reservation: '],
  [
    'energy by duration',
    one({ restrictions: { min_duration: 60 } }),
    'elements.0.restrictions.min_duration: a channel that meters energy',
  ],
  ['time by energy', one({ restrictions: { max_kwh: 60 } }, time), 'elements.0.restrictions.max_kwh: a channel that meters time'],
  ['a part of a Wh', one({ restrictions: { min_kwh: 0.0005 } }), 'elements.0.restrictions.min_kwh: expected whole Wh'],
  ['no zone', one({ restrictions: { start_time: '08:00' } }), 'zone: '],
  ['two rates of tax', both(energy, { ...energy, type: 'FLAT', vat: 7 }), 'elements.0.price_components.1.vat: expected 19'],
  [
    'two steps',
    {
      currency: 'EUR',
      elements: [
        { price_components: [energy], restrictions: { max_kwh: 5 } },
        { price_components: [{ ...energy, step_size: 5 }] },
      ],
    },
    'elements.1.price_components.0.step_size: expected 1',
  ],
  [
    'a fee by time',
    {
      currency: 'EUR',
      elements: [
        { price_components: [{ ...energy, type: 'FLAT' }], restrictions: { start_time: '08:00' } },
        { price_components: [energy] },
      ],
    },
    'elements.0.restrictions.start_time: expected a FLAT fee',
  ],
  ['a negative price', one({}, { price: -1 }), 'elements.0.price_components.0.price: expected a number from 0'],
  ['a price too fine', one({}, { price: 0.0000001 }), 'elements.0.price_components.0.price: expected a number from 0'],
  ['an unknown currency', { ...(one({}) as object), currency: 'EUX' }, 'currency: '],
  [
    'an unknown restriction',
    one({ restrictions: { phase: 3 } }),
    'elements.0.restrictions.phase: expected one of the keys start_time',
  ],
  ['an unknown dimension', one({}, { type: 'WATER' }), 'elements.0.price_components.0.type: '],
  [
    'a maximum of the other kind',
    { ...(one({}) as object), max_price: { after_taxes: 5 } },
    'max_price: expected an amount without taxes',
  ],
  ['a date that is none', one({ restrictions: { start_date: '2026-02-30' } }), 'elements.0.restrictions.start_date: '],
  [
    'an end before the start',
    { ...(one({}) as object), start_date_time: '2026-01-02T00:00:00', end_date_time: '2026-01-01T00:00:00Z' },
    'end_date_time: ',
  ],
  ['no elements', { currency: 'EUR', elements: [] }, 'elements: '],
  ['a list of tariffs', [one({})], 'tariff: '],
])('%s is refused by name', (_name, json, why) => {
  const result = importOcpi(json, undefined);
  expect(typeof result === 'string' ? result : 'imported').toContain(why);
});
