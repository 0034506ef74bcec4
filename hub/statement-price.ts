// A tariff's price in one line of words, for statements. In: a tariff. Out: what a unit costs, with every part that may change it, and the tax. Exact: no digit is dropped.

import { MAX_AMOUNT_MICROS } from '../shared/units.ts';
import type { RichTariff } from '../shared/rich-tariff.ts';
import type { Tariff } from '../shared/tariff.ts';
import { decimalText } from './tariff/decimal.ts';

export function priceOf(tariff: Tariff): string {
  const { currency, unit, perUnits } = tariff;
  const per = perUnits === 1 ? unit : `${perUnits} ${unit}`;
  if (tariff.kind !== 'rich') return `${decimalText(tariff.priceMicros)} ${currency} per ${per}`;
  const prices = tariff.elements.flatMap((element) => element.tiers.map((tier) => tier.priceMicros));
  const [least, most] = [Math.min(...prices), Math.max(...prices)];
  const range = least === most ? decimalText(least) : `${decimalText(least)} to ${decimalText(most)}`;
  return [`${range} ${currency} per ${per}`, ...partsOf(tariff)].join(', ');
}

function partsOf(tariff: RichTariff): string[] {
  const { currency, unit } = tariff;
  return [
    tariff.elements.length > 1 ? `by time of use in ${tariff.zone}` : '',
    tariff.byVolume ? 'all units at the tier reached' : '',
    tariff.stepUnits > 1 ? `in steps of ${tariff.stepUnits} ${unit}` : '',
    tariff.freeUnits > 0 ? `the first ${tariff.freeUnits} ${unit} free` : '',
    tariff.baseMicros > 0 ? `${decimalText(tariff.baseMicros)} ${currency} per channel` : '',
    tariff.minimumMicros > 0 ? `at least ${decimalText(tariff.minimumMicros)} ${currency}` : '',
    tariff.maximumMicros < MAX_AMOUNT_MICROS ? `at most ${decimalText(tariff.maximumMicros)} ${currency}` : '',
    tariff.taxMillionths > 0 ? `${tariff.taxMillionths / 10_000} % tax ${tariff.taxIncluded ? 'included' : 'added'}` : '',
  ].filter((part) => part !== '');
}
