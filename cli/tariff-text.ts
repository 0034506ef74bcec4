// Tariffs and quotes for eyes. In: their views. Out: lines of text. It must never calculate.

import type { Quote } from '../hub/tariff/quote.ts';
import type { TariffView } from '../hub/tariff/tariff-text.ts';
import { momentText } from '../hub/tariff/moment.ts';
import { formatMicros } from './money.ts';
import type { Column } from './table.ts';
import { printable, tableText } from './table.ts';

const left = (title: string): Column => ({ title, side: 'left' });
const right = (title: string): Column => ({ title, side: 'right' });

interface UsedTariff extends TariffView {
  readonly devices: number;
  readonly channels: number;
}

/** One line for each. */
export function tariffLines(rows: readonly UsedTariff[]): string {
  const columns = [left('tariff'), left('price'), left('more'), right('devices'), right('channels'), left('replaces')];
  return tableText(
    columns,
    rows.map((row) => [row.id, priceText(row), moreText(row), `${row.devices}`, `${row.channels}`, row.replaces ?? '']),
  );
}

function priceText({ prices, currency, per, unit }: TariffView): string {
  const all = prices.flatMap(({ tiers }) => tiers.map(({ price }) => Number(price)));
  const texts = prices.flatMap(({ tiers }) => tiers.map(({ price }) => price));
  const [least, most] = [Math.min(...all), Math.max(...all)].map((value) => texts[all.indexOf(value)]);
  return `${least === most ? least : `${least} to ${most}`} ${currency} per ${per === 1 ? '' : `${per} `}${unit}`;
}

function moreText({ prices, by, base, maximum, minimum, tax, free, step }: TariffView): string {
  const parts = [
    ...(prices.length > 1 ? [`${prices.length} periods`] : []),
    ...(prices.some(({ tiers }) => tiers.length > 1) ? [by === 'volume' ? 'volume tiers' : 'tiers'] : []),
    ...(base === '0.00' ? [] : [`base ${base}`]),
    ...(free === 0 ? [] : [`${free} free`]),
    ...(minimum === '0.00' ? [] : [`at least ${minimum}`]),
    ...(maximum === null ? [] : [`at most ${maximum}`]),
    ...(step === 1 ? [] : [`steps of ${step}`]),
    ...(tax === null ? [] : [`${tax.included ? 'with' : 'plus'} ${tax.percent} % tax`]),
  ];
  return parts.join(', ');
}

export function tariffText(view: TariffView): string {
  const { id, currency, unit, per, prices, validFrom, validUntil, zone, replaces, texts } = view;
  const lines = prices.flatMap(({ times, tiers }) => [
    `  ${times}${zone === null ? '' : ` (${zone})`}`,
    ...tiers.map(({ from, to, price }) => {
      const range = tiers.length === 1 ? '' : to === null ? `, above ${from} ${unit}` : `, ${from + 1} to ${to} ${unit}`;
      return `    ${price} ${currency} per ${per} ${unit}${range}`;
    }),
  ]);
  const more = moreText(view);
  return [
    `tariff ${id}`,
    ...lines,
    ...(more === '' ? [] : [`  ${more}`]),
    `  channels may be opened from ${validFrom} until ${validUntil}`,
    ...(replaces === null ? [] : [`  replaces ${replaces}`]),
    ...Object.entries(texts).map(([language, text]) => `  ${language}: ${printable(text)}`),
    '',
  ].join('\n');
}

export function quoteText({
  units,
  unit,
  currency,
  atSeconds,
  steps,
  chargeMicros,
  taxMicros,
  mostMicros,
  invalid,
}: Quote): string {
  const rows = steps.map(({ what, micros }) => [what, formatMicros(micros), currency]);
  const most =
    mostMicros !== null && mostMicros > chargeMicros ? [`at the dearest times: ${formatMicros(mostMicros)} ${currency}`] : [];
  return [
    `${units} ${unit} at ${momentText(atSeconds)}: ${formatMicros(chargeMicros)} ${currency}${taxMicros === 0 ? '' : `, of which ${formatMicros(taxMicros)} tax`}`,
    '',
    tableText([left('step'), right('owed'), left('')], rows),
    ...most,
    ...(invalid === null ? [] : [`no channel can be opened at that moment: ${invalid}`]),
    ...(most.length > 0 || invalid !== null ? [''] : []),
  ].join('\n');
}
