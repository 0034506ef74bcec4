// Tariffs of the second layout, from JSON and back, and what is asked of them, for the vectors. In: fields. Out: fields. Written in the Espruino subset, as codecs.ts is. It must
// add no judgement of its own.

import { toHex } from '../../shared/bytes.ts';
import type { Segment } from '../../shared/charge.ts';
import { chargeOf, cheapestOf, mostOf, taxOf } from '../../shared/charge.ts';
import type { RichTariff, TariffText } from '../../shared/rich-tariff.ts';
import type { Tariff } from '../../shared/tariff.ts';
import { readTariff } from '../../shared/tariff.ts';
import { elementAt } from '../../shared/times.ts';
import type { Units } from '../../shared/units.ts';
import type { Fields } from './fields.ts';
import { numberOf, octetsOf } from './fields.ts';

/** Bytes are hex in JSON; all else is alike. */
function copied(tariff: Fields, replaces: string, texts: readonly TariffText[]): Fields {
  const copy: Record<string, unknown> = {};
  const names = Object.keys(tariff);
  for (let i = 0; i < names.length; i++) copy[names[i] as string] = tariff[names[i] as string];
  copy['replaces'] = replaces;
  copy['texts'] = texts;
  return copy;
}

export function richTariffFields(tariff: RichTariff): Fields {
  const texts = tariff.texts.map((one) => ({ language: one.language, text: toHex(one.text) }));
  return copied(tariff as unknown as Fields, toHex(tariff.replaces), texts);
}

export function richTariffFrom(value: Fields): RichTariff {
  const texts = (value['texts'] as readonly Fields[]).map((one) => ({
    language: one['language'] as string,
    text: octetsOf(one, 'text'),
  }));
  return copied(value, octetsOf(value, 'replaces'), texts) as unknown as RichTariff;
}

function amountFields(amountMicros: number | undefined): Fields {
  return amountMicros === undefined ? { refusal: 'above-maximum', detail: '' } : { amountMicros: amountMicros };
}

export function askTariff(name: string, input: Fields): Fields {
  const tariff = readTariff(octetsOf(input, 'hex')) as Tariff;
  const units = numberOf(input, 'units') as Units;
  if (name === 'charge') return amountFields(chargeOf(tariff, input['segments'] as readonly Segment[], units));
  if (name === 'charge-at-most') return amountFields(mostOf(tariff, units));
  if (name === 'tax') return { taxMicros: taxOf(tariff, numberOf(input, 'chargeMicros')) };
  const rich = tariff as RichTariff;
  if (name === 'element-at') return { element: elementAt(rich.elements, numberOf(input, 'day'), numberOf(input, 'minute')) };
  const candidates = input['candidates'] as readonly number[];
  return { element: cheapestOf(rich, candidates, numberOf(input, 'fromUnits'), numberOf(input, 'toUnits')) };
}
