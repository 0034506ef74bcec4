// Insight's answers as text for a terminal: tables, bars, and a week in shades. In: answers. Out: text. Nothing is calculated here but the length of a bar.

import { HOURS_PER_DAY, WEEKDAYS } from '../hub/insight/calendar.ts';
import type { RailFees } from '../hub/insight/fees.ts';
import type { IdleDevice } from '../hub/insight/idle.ts';
import type { Peaks } from '../hub/insight/peaks.ts';
import type { PriceChange } from '../hub/insight/prices.ts';
import type { Revenue, RevenueRow } from '../hub/insight/revenue.ts';
import type { Together } from '../hub/insight/together.ts';
import { amountText, percentText, roundText } from './insight-question.ts';
import type { Column, Side } from './table.ts';
import { barText, shadeText, tableText } from './table.ts';

const NOTHING = 'nothing was sold\n';
const column = (title: string, side: Side = 'left'): Column => ({ title, side });

export function revenueText(by: string, rows: readonly RevenueRow[], totals: Revenue['totals']): string {
  if (rows.length === 0) return NOTHING;
  const most = new Map<string, number>();
  for (const { currency, amountMicros } of rows) most.set(currency, Math.max(most.get(currency) ?? 0, amountMicros));
  const cells = rows.map(({ key, label, currency, unit, units, amountMicros }) => [
    `${key ?? `no ${by}`}${label === undefined ? '' : ` ${label}`}`,
    `${units} ${unit}`,
    `${amountText(amountMicros)} ${currency}`,
    barText(amountMicros, most.get(currency) ?? 0),
  ]);
  const sums = totals.map(
    ({ currency, unit, units, amountMicros }) => `in all ${units} ${unit}, ${amountText(amountMicros)} ${currency}\n`,
  );
  return tableText([column(by), column('units', 'right'), column('amount', 'right'), column('')], cells) + sums.join('');
}

/** Each cell is two characters wide: a week fits a terminal of 80. */
export function peaksText(peaks: readonly Peaks[]): string {
  if (peaks.length === 0) return NOTHING;
  return peaks
    .map(({ currency, unit, week, busiest }) => {
      const most = Math.max(...week.flat().map(({ unitsPerHour }) => unitsPerHour));
      const hours = Array.from({ length: HOURS_PER_DAY }, (_, hour) => (hour % 3 === 0 ? String(hour).padEnd(2) : '  '));
      const lines = week.map((day, at) => {
        const cells = day.map(({ unitsPerHour }) => shadeText(unitsPerHour, most).repeat(2));
        return `${(WEEKDAYS[at] as string).padEnd(10)}${cells.join('').trimEnd()}\n`;
      });
      const rows = busiest.map(({ hour, units, amountMicros }) => [
        `${hour}h`,
        `${units} ${unit}`,
        `${amountText(amountMicros)} ${currency}`,
        barText(amountMicros, busiest[0]?.amountMicros ?? 0),
      ]);
      return (
        `${unit} for ${currency}: per hour of the week, at most ${roundText(most)}\n` +
        `${' '.repeat(10)}${hours.join('').trimEnd()}\n${lines.join('')}\n` +
        tableText([column('busiest'), column('units', 'right'), column('amount', 'right'), column('')], rows)
      );
    })
    .join('\n');
}

export function togetherText({ baskets, mixed, products, pairs }: Together): string {
  const head = `${baskets} baskets of ${products} products, ${mixed} with more than one\n`;
  if (pairs.length === 0) return `${head}no two products were bought together often enough\n`;
  const rows = pairs.map(({ a, b, baskets: both, support, confidenceAToB, confidenceBToA, lift, liftLow, liftHigh }) => [
    `${a} + ${b}`,
    String(both),
    percentText(support),
    percentText(confidenceAToB),
    percentText(confidenceBToA),
    roundText(lift),
    `${roundText(liftLow)} to ${roundText(liftHigh)}`,
  ]);
  const titles = ['baskets', 'support', '1st has 2nd', '2nd has 1st', 'lift', '95 % within'];
  return head + tableText([column('pair'), ...titles.map((title) => column(title, 'right'))], rows);
}

export function pricesText(changes: readonly PriceChange[]): string {
  if (changes.length === 0) return 'no device has sold for whole days under one tariff and then under another\n';
  const price = (micros: number | null): string => (micros === null ? '-' : amountText(micros));
  const rows = changes.map((one) => {
    const { low, high, value } = one.difference;
    return [
      `${one.before.slice(0, 8)} -> ${one.after.slice(0, 8)}`,
      `${price(one.microsPerUnitBefore)} -> ${price(one.microsPerUnitAfter)} ${one.currency}`,
      String(one.devices),
      one.daysLeast === one.daysMost ? String(one.daysMost) : `${one.daysLeast} to ${one.daysMost}`,
      `${roundText(one.unitsPerDeviceHourBefore)} -> ${roundText(one.unitsPerDeviceHourAfter)} ${one.unit}`,
      roundText(value),
      low === null || high === null ? 'too few days' : `${roundText(low)} to ${roundText(high)}`,
      one.elasticity === null ? '-' : roundText(one.elasticity),
    ];
  });
  const titles = ['price of a unit', 'devices', 'days', 'per device and hour', 'difference', '95 % within', 'elasticity'];
  const foot = 'before and after on the same devices: season and whatever else has changed is in it, too\n';
  return tableText([column('tariffs'), ...titles.map((title) => column(title, 'right'))], rows) + foot;
}

export function idleText(devices: readonly IdleDevice[], days: number, nowSeconds: number): string {
  if (devices.length === 0) return `every device has sold something within ${days} days\n`;
  const rows = devices.map(({ device, label, site, product, lastSoldDay, lastSeenSeconds, state, othersSelling }) => [
    `${device} ${label}`,
    site ?? 'no site',
    product ?? '',
    lastSoldDay ?? 'never',
    lastSeenSeconds === null ? 'never' : agoText(nowSeconds - lastSeenSeconds),
    state,
    String(othersSelling),
  ]);
  const titles = ['device', 'site', 'product', 'last sold', 'last seen', 'state'].map((title) => column(title));
  return tableText([...titles, column('others there sell', 'right')], rows);
}

export function feesText(rows: readonly RailFees[]): string {
  if (rows.length === 0) return 'no payout is settled; the built-in ledger costs nothing\n';
  const cells = rows.map(({ rail, direction, currency, payouts, movedMicros, feeMicros, share, withoutFee }) => [
    rail,
    direction,
    String(payouts),
    `${amountText(movedMicros)} ${currency}`,
    `${amountText(feeMicros)} ${currency}`,
    percentText(share),
    String(withoutFee),
  ]);
  const titles = ['payouts', 'moved', 'fees', 'share', 'no fee said'];
  return tableText([column('rail'), column('direction'), ...titles.map((title) => column(title, 'right'))], cells);
}

function agoText(seconds: number): string {
  if (seconds < 7200) return `${Math.max(0, Math.round(seconds / 60))} min ago`;
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h ago` : `${Math.round(seconds / 86_400)} d ago`;
}
