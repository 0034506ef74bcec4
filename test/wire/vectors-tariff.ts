// Vectors of tariffs and of the amounts they give. Amounts are worked out here with BigInt: floor(units * price / perUnits).

import type { Case, VectorFile } from './cases.ts';
import { refusals } from './cases.ts';
import { sha256 } from './node-crypto.ts';
import { cborOf, exampleTariff, hexOf } from './parties.ts';

type TariffRow = typeof exampleTariff;

const MAX_AMOUNT = 9_000_000_000_000_000n;

function tariffCases(name: string, changed: Partial<TariffRow>): Case[] {
  const tariff = { ...exampleTariff, ...changed };
  const bytes = cborOf([1, ...Object.values(tariff)]);
  const id = hexOf(sha256(bytes).slice(0, 16));
  return [
    { name, rule: 'W-20', operation: 'decode-tariff', input: { hex: hexOf(bytes) }, output: tariff },
    { name: `${name}: its id`, rule: 'W-20', operation: 'tariff-id', input: tariff, output: { tariff: id } },
  ];
}

/** floor(units * price / perUnits), or `undefined` above the bound: the rule itself. */
export function exactAmount(priceMicros: number, perUnits: number, units: number): number | undefined {
  const amount = (BigInt(units) * BigInt(priceMicros)) / BigInt(perUnits);
  return amount > MAX_AMOUNT ? undefined : Number(amount);
}

function amountCase(name: string, priceMicros: number, perUnits: number, units: number): Case {
  const amountMicros = exactAmount(priceMicros, perUnits, units);
  const output = amountMicros === undefined ? { refusal: 'above-maximum', detail: '' } : { amountMicros };
  return { name, rule: 'W-21', operation: 'amount', input: { ...exampleTariff, priceMicros, perUnits, units }, output };
}

const EUR = '63455552';
const WH = '625768';
const PRICE = '1a0003d090';
const FROM = '1a6955b900';
const UNTIL = '1a6b36ec80';
const MAX32 = 4294967295;

export const tariff: VectorFile = {
  about:
    'Tariffs [W-20]: [version, currency, unit, price, units per price, valid from, valid until], their ids, and amounts [W-21]',
  cases: [
    ...tariffCases('the worked example', {}),
    ...tariffCases('free of charge', { priceMicros: 0 }),
    ...tariffCases('a unit name of one character', { unit: 'h' }),
    ...tariffCases('a unit name of sixteen characters', { unit: 'square decimetre' }),
    ...tariffCases('the highest price', { priceMicros: 1_000_000_000, perUnits: 1 }),
    ...tariffCases('the lowest price', { priceMicros: 1, perUnits: 1_000_000 }),
    ...tariffCases('valid for one second', { validFromSeconds: 0, validUntilSeconds: 1 }),
    ...tariffCases('valid for ever', { validFromSeconds: 0, validUntilSeconds: Number.MAX_SAFE_INTEGER }),
    // prettier-ignore
    ...refusals('decode-tariff', 'malformed', {}, [
      ['version 2', 'W-20', `87 02 ${EUR} ${WH} ${PRICE} 1903e8 ${FROM} ${UNTIL}`, 'byte 1: expected tariff version in 1..1, got 2'],
      ['a currency in small letters', 'W-20', `87 01 63657572 ${WH} ${PRICE} 1903e8 ${FROM} ${UNTIL}`, 'expected a currency of three capital letters, got eur'],
      ['a currency with a digit', 'W-20', `87 01 63455531 ${WH} ${PRICE} 1903e8 ${FROM} ${UNTIL}`, 'expected a currency of three capital letters, got EU1'],
      ['a currency with the character before A', 'W-20', `87 01 63455540 ${WH} ${PRICE} 1903e8 ${FROM} ${UNTIL}`, 'expected a currency of three capital letters, got EU@'],
      ['a currency with the character after Z', 'W-20', `87 01 6345555b ${WH} ${PRICE} 1903e8 ${FROM} ${UNTIL}`, 'expected a currency of three capital letters, got EU['],
      ['a currency of two letters', 'W-20', `87 01 624555 ${WH} ${PRICE} 1903e8 ${FROM} ${UNTIL}`, 'byte 2: expected currency of 3 bytes, got 2'],
      ['a currency of four letters', 'W-20', `87 01 6445555253 ${WH} ${PRICE} 1903e8 ${FROM} ${UNTIL}`, 'byte 2: expected currency of 3 bytes, got 4'],
      ['a unit without a name', 'W-20', `87 01 ${EUR} 60 ${PRICE} 1903e8 ${FROM} ${UNTIL}`, 'byte 6: expected unit name of 1..16 bytes, got 0'],
      ['a unit name of 17 characters', 'W-20', `87 01 ${EUR} 71${'61'.repeat(17)} ${PRICE} 1903e8 ${FROM} ${UNTIL}`, 'byte 6: expected unit name of 1..16 bytes, got 17'],
      ['a unit name beyond ASCII', 'W-20', `87 01 ${EUR} 62c2b5 ${PRICE} 1903e8 ${FROM} ${UNTIL}`, 'byte 6: expected unit name in printable ASCII, got code 194'],
      ['a unit name with a line feed', 'W-20', `87 01 ${EUR} 62570a ${PRICE} 1903e8 ${FROM} ${UNTIL}`, 'byte 6: expected unit name in printable ASCII, got code 10'],
      ['a unit name with code 127', 'W-20', `87 01 ${EUR} 62577f ${PRICE} 1903e8 ${FROM} ${UNTIL}`, 'byte 6: expected unit name in printable ASCII, got code 127'],
      ['the unit name as bytes', 'W-20', `87 01 ${EUR} 425768 ${PRICE} 1903e8 ${FROM} ${UNTIL}`, 'byte 6: expected unit name, got head 66'],
      ['a negative price', 'W-20', `87 01 ${EUR} ${WH} 20 1903e8 ${FROM} ${UNTIL}`, 'byte 9: expected price, got head 32'],
      ['a price above the bound', 'W-20', `87 01 ${EUR} ${WH} 1a3b9aca01 1903e8 ${FROM} ${UNTIL}`, 'byte 9: expected price in 0..1000000000, got 1000000001'],
      ['a price per 0 units', 'W-20', `87 01 ${EUR} ${WH} ${PRICE} 00 ${FROM} ${UNTIL}`, 'byte 14: expected units per price in 1..1000000, got 0'],
      ['a price per 1000001 units', 'W-20', `87 01 ${EUR} ${WH} ${PRICE} 1a000f4241 ${FROM} ${UNTIL}`, 'byte 14: expected units per price in 1..1000000, got 1000001'],
      ['an end at the beginning', 'W-20', `87 01 ${EUR} ${WH} ${PRICE} 1903e8 ${FROM} ${FROM}`, 'the tariff ends before it begins'],
      ['an end before the beginning', 'W-20', `87 01 ${EUR} ${WH} ${PRICE} 1903e8 ${UNTIL} ${FROM}`, 'the tariff ends before it begins'],
      ['an end beyond 2^53-1', 'W-3', `87 01 ${EUR} ${WH} ${PRICE} 1903e8 ${FROM} 1b0020000000000000`, 'byte 22: expected valid until of at most 2^53-1, got more'],
      ['six items', 'W-20', `86 01 ${EUR} ${WH} ${PRICE} 1903e8 ${FROM}`, 'byte 0: expected tariff of 7 items, got 6'],
      ['one byte more', 'W-4', `87 01 ${EUR} ${WH} ${PRICE} 1903e8 ${FROM} ${UNTIL} 00`, 'byte 27: expected the end, got 1 more bytes'],
    ]),
    amountCase('nothing used', 250000, 1000, 0),
    amountCase('one unit', 250000, 1000, 1),
    amountCase('rounded down: one third', 1, 3, 1),
    amountCase('rounded down: two thirds', 1, 3, 2),
    amountCase('three thirds are a whole', 1, 3, 3),
    amountCase('rounded once, on the whole', 1, 3, 1000),
    amountCase('no price', 0, 1, MAX32),
    amountCase('the lowest price, all units', 1, 1_000_000, MAX32),
    amountCase('the rest times the price is near 2^50', 1_000_000_000, 1_000_000, 1_999_999),
    amountCase('a rest that a rounded quotient would lift', 999_999_999, 1_000_000, 999_999),
    amountCase('exactly the highest amount', 1_000_000_000, 1, 9_000_000),
    amountCase('one unit above the highest amount', 1_000_000_000, 1, 9_000_001),
    amountCase('above the highest amount by the rest alone', 999_999_999, 2, 18_000_001),
    amountCase('far above: price and units at their bounds', 1_000_000_000, 1, MAX32),
  ],
};
