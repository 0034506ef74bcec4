// Vectors of the second layout of tariffs, of what units cost under them, and of when their elements hold. Charges are worked out by the second opinion in test/tariff.

import { secondCharge, secondMost, secondTax } from '../../simulator/audit/second-charge.ts';
import type { Case, VectorFile } from './cases.ts';
import { refusals } from './cases.ts';
import { bufferOf, sha256 } from './node-crypto.ts';
import { cborOf, exampleTariff, hexOf, tariffId } from './parties.ts';
import type { RichTariff } from '../../shared/rich-tariff.ts';

interface Row {
  readonly weekdays: number;
  readonly fromMinute: number;
  readonly untilMinute: number;
  readonly fromDay: number;
  readonly untilDay: number;
  readonly tiers: readonly { readonly fromUnits: number; readonly priceMicros: number }[];
}

const tier = (fromUnits: number, priceMicros: number): Row['tiers'][number] => ({ fromUnits, priceMicros });
const always = (...tiers: Row['tiers']): Row => {
  return { weekdays: 127, fromMinute: 0, untilMinute: 1440, fromDay: 0, untilDay: 0, tiers };
};
const during = (times: Partial<Row>, ...tiers: Row['tiers']): Row => ({ ...always(...tiers), ...times });

const plainRich = {
  kind: 'rich',
  currency: 'EUR',
  unit: 'Wh',
  validFromSeconds: exampleTariff.validFromSeconds,
  validUntilSeconds: exampleTariff.validUntilSeconds,
  replaces: '',
  zone: '',
  taxMillionths: 0,
  taxIncluded: true,
  perUnits: 1000,
  stepUnits: 1,
  freeUnits: 0,
  baseMicros: 0,
  minimumMicros: 0,
  maximumMicros: 9_000_000_000_000_000,
  byVolume: false,
  elements: [always(tier(0, 250_000))],
  texts: [] as readonly { readonly language: string; readonly text: string }[],
};

type Rich = typeof plainRich;

const utf8 = (text: string): string => Buffer.from(text, 'utf8').toString('hex');

/** The example of a tariff that has everything. */
const fullRich: Rich = {
  ...plainRich,
  replaces: hexOf(tariffId),
  zone: 'Europe/Berlin',
  taxMillionths: 190_000,
  taxIncluded: false,
  stepUnits: 100,
  freeUnits: 500,
  baseMicros: 500_000,
  minimumMicros: 1_000_000,
  maximumMicros: 30_000_000,
  elements: [
    during({ weekdays: 31, fromMinute: 420, untilMinute: 1200 }, tier(0, 550_000), tier(10_000, 500_000)),
    during({ fromMinute: 1320, untilMinute: 360 }, tier(0, 310_000)),
    during({ fromDay: 20_811, untilDay: 20_814 }, tier(0, 300_000)),
    always(tier(0, 450_000), tier(10_000, 400_000)),
  ],
  texts: [
    { language: 'de', text: utf8('Tags 0,55 €, nachts günstiger') },
    { language: 'en', text: utf8('cheaper at night') },
  ],
};

function bytesOf(rich: Rich): string {
  const { currency, unit, validFromSeconds, validUntilSeconds, replaces, zone, elements, texts } = rich;
  const { taxMillionths, taxIncluded, perUnits, stepUnits, freeUnits, baseMicros, minimumMicros, maximumMicros, byVolume } = rich;
  const listed = elements.map(({ tiers, ...times }) => [
    ...Object.values(times),
    tiers.map(({ fromUnits, priceMicros }) => [fromUnits, priceMicros]),
  ]);
  return cborOf([
    ...[2, currency, unit, validFromSeconds, validUntilSeconds, Buffer.from(replaces, 'hex'), zone, taxMillionths, taxIncluded],
    ...[perUnits, stepUnits, freeUnits, baseMicros, minimumMicros, maximumMicros, byVolume, listed],
    texts.map(({ language, text }) => [language, Buffer.from(text, 'hex')]),
  ]);
}

function richCases(name: string, changed: Partial<Rich>, from: Rich = plainRich): Case[] {
  const rich = { ...from, ...changed };
  const bytes = bytesOf(rich);
  const id = hexOf(bufferOf(sha256(bytes)).subarray(0, 16).toString('latin1'));
  return [
    { name, rule: 'W-35', operation: 'decode-tariff', input: { hex: hexOf(bytes) }, output: rich },
    { name: `${name}: its id`, rule: 'W-35', operation: 'tariff-id', input: rich, output: { tariff: id } },
  ];
}

function refused(name: string, changed: Partial<Rich>, detail: string, from: Rich = plainRich): Case[] {
  return refusals('decode-tariff', 'malformed', {}, [[name, 'W-35', hexOf(bytesOf({ ...from, ...changed })), detail]]);
}

type Segments = readonly { readonly element: number; readonly toUnits: number }[];

function charged(name: string, rich: Rich, units: number, segments: Segments = []): Case {
  const amountMicros = secondCharge(rich as unknown as RichTariff, segments, units);
  const output = amountMicros === undefined ? { refusal: 'above-maximum', detail: '' } : { amountMicros };
  const rule = segments.length > 0 ? 'W-37' : 'W-36';
  return { name, rule, operation: 'charge', input: { hex: hexOf(bytesOf(rich)), segments, units }, output };
}

function most(name: string, rich: Rich, units: number): Case {
  const amountMicros = secondMost(rich as unknown as RichTariff, units);
  const output = amountMicros === undefined ? { refusal: 'above-maximum', detail: '' } : { amountMicros };
  return { name, rule: 'W-37', operation: 'charge-at-most', input: { hex: hexOf(bytesOf(rich)), units }, output };
}

function taxed(name: string, rich: Rich, chargeMicros: number): Case {
  const taxMicros = secondTax(rich as unknown as RichTariff, chargeMicros);
  return { name, rule: 'W-38', operation: 'tax', input: { hex: hexOf(bytesOf(rich)), chargeMicros }, output: { taxMicros } };
}

function inForce(name: string, day: number, minute: number, element: number): Case {
  const input = { hex: hexOf(bytesOf(fullRich)), day, minute };
  return { name, rule: 'W-37', operation: 'element-at', input, output: { element } };
}

function chosen(name: string, rich: Rich, candidates: readonly number[], from: number, to: number, element: number): Case {
  const input = { hex: hexOf(bytesOf(rich)), candidates, fromUnits: from, toUnits: to };
  return { name, rule: 'W-37', operation: 'cheapest', input, output: { element } };
}

const tiers = [tier(0, 500_000), tier(100, 400_000), tier(1000, 100_000)];
const graduated = { ...plainRich, perUnits: 1, elements: [always(...tiers)] };
const volume = { ...graduated, byVolume: true };
const net = { ...plainRich, perUnits: 3, taxMillionths: 190_000, taxIncluded: false, elements: [always(tier(0, 1))] };
const bounded = { ...plainRich, baseMicros: 200_000, minimumMicros: 1_000_000, maximumMicros: 2_000_000 };
const dear = { ...plainRich, perUnits: 1, elements: [always(tier(0, 1_000_000_000))] };
const twoTimes = [during({ fromMinute: 60 }, tier(0, 300_000), tier(50, 100_000)), always(tier(0, 200_000))];
const timed = { ...plainRich, perUnits: 1, zone: 'UTC', elements: twoTimes };
const many = Array.from({ length: 23 }, (_, i) => during({ fromMinute: i }, tier(0, i)));

export const richTariff: VectorFile = {
  about:
    'Tariffs of the second layout [W-35], their ids, charges under them [W-36], elements and segments [W-37], and the tax in a charge [W-38]',
  cases: [
    ...richCases('one price', {}),
    ...richCases('with everything', {}, fullRich),
    ...richCases('tiers up to the highest count', { elements: [always(tier(0, 1), tier(4_294_967_295, 0))] }),
    ...richCases('by volume, net, in steps of a million', { byVolume: true, taxIncluded: false, stepUnits: 1_000_000 }),
    ...richCases('one text of 512 bytes', { texts: [{ language: 'x', text: '61'.repeat(512) }] }),
    ...richCases('a text of four-byte characters', { texts: [{ language: 'en', text: 'f0908080f48fbfbf' }] }),
    ...richCases('an element for one day', {
      zone: 'UTC',
      elements: [during({ fromDay: 20_811, untilDay: 20_812 }, tier(0, 0)), always(tier(0, 1))],
    }),
    ...refused('a currency in small letters', { currency: 'eur' }, 'expected a currency of three capital letters, got eur'),
    ...refused('an end before the beginning', { validUntilSeconds: 1 }, 'the tariff ends before it begins'),
    ...refused(
      'half an id of the replaced tariff',
      { replaces: '00'.repeat(8) },
      'a tariff that is replaced has an id of 16 bytes',
    ),
    ...refused('more tax than the amount', { taxMillionths: 1_000_001 }, 'byte 21: expected tax in 0..1000000, got 1000001'),
    ...refused('a step of 0 units', { stepUnits: 0 }, 'byte 26: expected units per step in 1..1000000, got 0'),
    ...refused('a price per 0 units', { perUnits: 0 }, 'byte 23: expected units per price in 1..1000000, got 0'),
    ...refused('a minimum above the maximum', { minimumMicros: 2, maximumMicros: 1 }, 'the minimum is above the maximum'),
    ...refused(
      'a base above the highest amount',
      { baseMicros: 9_000_000_000_000_001 },
      'byte 28: expected base in 0..9000000000000000, got 9000000000000001',
    ),
    ...refused('a zone with one element', { zone: 'UTC' }, 'a zone is given with several elements, and only then'),
    ...refused('several elements without a zone', { zone: '' }, 'a zone is given with several elements, and only then', fullRich),
    ...refused('no element', { elements: [] }, 'byte 40: expected elements of 1..24 items, got 0'),
    ...refused(
      '25 elements',
      { elements: [...many, ...many.slice(0, 1), always(tier(0, 1))] },
      'byte 40: expected elements of 1..24 items, got 25',
    ),
    ...refused(
      'a last element that does not always hold',
      { elements: [during({ weekdays: 1 }, tier(0, 1))] },
      'the last element holds at all times',
    ),
    ...refused(
      'an element behind one that always holds',
      { zone: 'UTC', elements: [always(tier(0, 2)), always(tier(0, 1))] },
      'element 0 holds at all times, so those after it never do',
    ),
    ...refused(
      'an element on no weekday',
      { zone: 'UTC', elements: [during({ weekdays: 0 }, tier(0, 2)), always(tier(0, 1))] },
      'byte 45: expected weekdays in 1..127, got 0',
    ),
    ...refused(
      'an element of no minute',
      { zone: 'UTC', elements: [during({ fromMinute: 60, untilMinute: 60 }, tier(0, 2)), always(tier(0, 1))] },
      'element 0 begins and ends at the same minute',
    ),
    ...refused(
      'an element of no day',
      { zone: 'UTC', elements: [during({ fromDay: 9, untilDay: 9 }, tier(0, 2)), always(tier(0, 1))] },
      'element 0 ends before its first day',
    ),
    ...refused('no tier', { elements: [always()] }, 'byte 50: expected tiers of 1..16 items, got 0'),
    ...refused('a first tier from 1', { elements: [always(tier(1, 1))] }, 'element 0: the first tier begins at 0 units, got 1'),
    ...refused(
      'two tiers from the same count',
      { elements: [always(tier(0, 1), tier(5, 1), tier(5, 2))] },
      'element 0: a tier begins above 5 units, where the one before it does, got 5',
    ),
    ...refused(
      '17 texts',
      { texts: Array.from({ length: 17 }, () => ({ language: 'x', text: '61' })) },
      'byte 58: expected texts of 0..16 items, got 17',
    ),
    ...refused('an empty text', { texts: [{ language: 'en', text: '' }] }, 'byte 63: expected text of 1..512 bytes, got 0'),
    ...['c0af', 'e08080', 'eda080', 'f0808080', 'f4908080', 'f8', '80', 'e282', 'c2'].flatMap((text) =>
      refused(`a text of ${text}, which is not UTF-8`, { texts: [{ language: 'en', text }] }, 'text 0 is not UTF-8'),
    ),
    ...refused(
      'a language twice',
      { texts: [...fullRich.texts.slice(1), ...fullRich.texts.slice(1)] },
      'languages are in order, each once',
    ),
    ...refused('languages out of order', { texts: [...fullRich.texts].reverse() }, 'languages are in order, each once'),
    ...refusals('decode-tariff', 'malformed', {}, [
      ['version 3', 'W-35', `92 03${hexOf(bytesOf(plainRich)).slice(4)}`, 'byte 0: expected tariff of 7 items, got 18'],
      ['one byte more', 'W-4', `${hexOf(bytesOf(plainRich))}00`, 'byte 59: expected the end, got 1 more bytes'],
    ]),
    ...refused(
      'more than 2048 bytes',
      { texts: ['a', 'b', 'c', 'd'].map((language) => ({ language, text: '61'.repeat(500) })) },
      'expected a tariff of at most 2048 bytes, got 2083',
    ),
    charged('nothing used, under a minimum', bounded, 0),
    charged('one unit: the minimum', bounded, 1),
    charged('above the minimum', bounded, 4000),
    charged('the maximum', bounded, 1_000_000),
    charged('the last unit of a tier', graduated, 100),
    charged('the first unit of the next tier', graduated, 101),
    charged('three tiers', graduated, 1001),
    charged('by volume: the first unit of a cheaper tier does not make it less', volume, 101),
    charged('by volume: where the cheaper tier has caught up', volume, 126),
    charged('by volume: far into the cheapest tier, still the most of those before', volume, 1001),
    charged('by volume: past that', volume, 4001),
    charged('free units only', { ...graduated, freeUnits: 50 }, 50),
    charged('free units, then a tier that counts them', { ...graduated, freeUnits: 50 }, 101),
    charged('a step begun is owed whole', { ...graduated, stepUnits: 60 }, 61),
    charged('a step across two tiers', { ...graduated, stepUnits: 60 }, 60),
    charged('by volume in steps: the most before the tier is at a whole step', { ...volume, stepUnits: 60 }, 121),
    charged('net: a third and its tax are rounded once', net, 1),
    charged('net: two thirds and the tax make less than one', net, 2),
    charged('net: the tax makes a whole one of it', { ...net, taxMillionths: 500_000 }, 2),
    charged('exactly the highest amount', dear, 9_000_000),
    charged('one above the highest amount', dear, 9_000_001),
    charged('above the highest amount, but capped', { ...dear, maximumMicros: 7 }, 4_294_967_295),
    charged('above the highest amount by the base alone', { ...dear, baseMicros: 1 }, 9_000_000),
    charged('above the highest amount by the tax alone', { ...dear, taxIncluded: false, taxMillionths: 1 }, 9_000_000),
    charged('one segment', timed, 80, [{ element: 0, toUnits: 80 }]),
    charged('two segments', timed, 80, [
      { element: 0, toUnits: 30 },
      { element: 1, toUnits: 80 },
    ]),
    charged('a count within the first of two segments', timed, 20, [
      { element: 0, toUnits: 30 },
      { element: 1, toUnits: 80 },
    ]),
    charged('a count beyond the segments', timed, 81, [{ element: 1, toUnits: 80 }]),
    charged('a step belongs to the segment of its first unit', { ...timed, stepUnits: 20 }, 45, [
      { element: 1, toUnits: 30 },
      { element: 0, toUnits: 45 },
    ]),
    most('a limit at the dearest price of each unit', timed, 80),
    most('a limit by volume', { ...timed, byVolume: true }, 80),
    taxed('19 % in a gross amount', fullRich, 1_190_000),
    taxed("a rest of tax is the net amount's", fullRich, 1_190_001),
    taxed('no tax', plainRich, 1_190_000),
    taxed('in the highest amount', fullRich, 9_000_000_000_000_000),
    inForce('Thursday 1970-01-01 at 07:00', 0, 420, 0),
    inForce('Thursday at 19:59', 0, 1199, 0),
    inForce('Thursday at 20:00', 0, 1200, 3),
    inForce('Thursday at 21:59', 0, 1319, 3),
    inForce('Thursday at 22:00, past midnight', 0, 1320, 1),
    inForce('Friday at 05:59, still past midnight', 1, 359, 1),
    inForce('Friday at 06:00', 1, 360, 3),
    inForce('Saturday at 12:00', 2, 720, 3),
    inForce('Monday at 12:00', 4, 720, 0),
    inForce('a day between from and until', 20_813, 400, 2),
    inForce('the day until', 20_814, 400, 3),
    chosen('the cheaper of two', timed, [0, 1], 0, 10, 1),
    chosen('the cheaper of two, where the first has reached its second tier', timed, [0, 1], 60, 70, 0),
    chosen('of equals the first', timed, [0, 1], 40, 60, 0),
    chosen('of free units the first', { ...timed, freeUnits: 10 }, [0, 1], 0, 10, 0),
    chosen('by volume, at the tier that is reached', { ...timed, byVolume: true }, [0, 1], 40, 51, 0),
  ],
};
