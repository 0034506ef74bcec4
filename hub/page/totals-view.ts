// What the channels of a file come to, for whoever has to book it: one row for each payer, payee and currency. In: channels that were proven. Out: elements. Sums are exact, however many channels there are.

import type { ProvenChannel } from '../proof/verify.ts';
import { decimalOf } from './decimal.ts';
import { element } from './element.ts';

interface Total {
  readonly payer: string;
  readonly payee: string;
  readonly currency: string;
  channels: number;
  chargedMicros: bigint;
  settledMicros: bigint;
}

export function totalsView(channels: readonly ProvenChannel[]): HTMLElement {
  const head = ['payer', 'payee', 'channels', 'charged', 'settled', 'open'].map((title) =>
    element('th', { scope: 'col' }, title),
  );
  const rows = totalsOf(channels).map(({ payer, payee, currency, channels: count, chargedMicros, settledMicros }) => {
    const sums = [chargedMicros, settledMicros, chargedMicros - settledMicros].map((sum) => `${decimalOf(sum)} ${currency}`);
    const names = [payer, payee].map((name) => element('td', {}, name));
    return element('tr', {}, ...names, ...[String(count), ...sums].map((sum) => element('td', { class: 'sum' }, sum)));
  });
  const table = element('table', {}, element('thead', {}, element('tr', {}, ...head)), element('tbody', {}, ...rows));
  const wide = element('div', { class: 'wide', role: 'region', 'aria-label': 'Totals', tabindex: '0' }, table);
  return element('section', { class: 'totals' }, element('h2', {}, 'What it comes to'), wide);
}

function totalsOf(channels: readonly ProvenChannel[]): Total[] {
  const totals = new Map<string, Total>();
  for (const { payer, payee, currency, amountMicros, settledMicros } of channels) {
    const name = JSON.stringify([payer, payee, currency]);
    const total = totals.get(name) ?? { payer, payee, currency, channels: 0, chargedMicros: 0n, settledMicros: 0n };
    total.channels++;
    total.chargedMicros += BigInt(amountMicros);
    total.settledMicros += BigInt(settledMicros);
    totals.set(name, total);
  }
  return [...totals.values()];
}
