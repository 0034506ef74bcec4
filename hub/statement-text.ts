// A statement as people read it in a terminal, and as a spreadsheet does. In: a statement. Out: text; or CSV in which no cell can be taken for a formula.

import { cellOf } from './csv-cell.ts';
import type { Statement, StatementChannel, StatementCurrency, StatementEntry } from './statement.ts';
import { decimalText } from './tariff/decimal.ts';

export function textOf(statement: Statement): string {
  const head = `statement of ${statement.account}, ${statement.from} to ${statement.to} (UTC), written ${statement.writtenAt}`;
  const none = statement.currencies.length === 0 ? ['', 'no entry in the books'] : [];
  return [head, ...none, ...statement.currencies.flatMap(linesOf)].join('\n') + '\n';
}

function linesOf(one: StatementCurrency): string[] {
  const { currency, openingMicros, channels, entries, closingMicros } = one;
  const money = (micros: number): string => `${decimalText(micros)} ${currency}`.padStart(18);
  return [
    '',
    `${money(openingMicros)}  at the beginning`,
    ...channels.flatMap((channel) => [
      `${money(channel.amountMicros)}  ${channelWords(channel)}`,
      ...stepWords(channel).map((words) => `${' '.repeat(20)}  ${words}`),
    ]),
    ...entries.flatMap((entry) => [
      `${money(entry.amountMicros)}  ${entryWords(entry)}`,
      ...partWords(entry).map((words) => `${' '.repeat(20)}  ${words}`),
    ]),
    `${money(closingMicros)}  at the end`,
    ...taxWords(one).map((words) => `${' '.repeat(18)}  ${words}`),
  ];
}

/** How the amount of a channel comes about, one step a line. */
export function stepWords({ steps, beforeUnits, beforeMicros, taxMicros, unit, amountMicros }: StatementChannel): string[] {
  const before = `less ${decimalText(beforeMicros)} for the first ${beforeUnits} ${unit}, claimed before: ${decimalText(Math.abs(amountMicros))}`;
  return [
    ...steps.map(({ what, micros }) => `${what}: ${decimalText(micros)}`),
    ...(beforeUnits > 0 ? [before] : []),
    ...(taxMicros === 0 ? [] : [`tax in it: ${decimalText(Math.abs(taxMicros))}`]),
  ];
}

/** What a settlement or a payout is for, one part a line. */
export function partWords({ parts }: StatementEntry): string[] {
  return parts.map(({ what, micros }) => `${what}: ${decimalText(micros)}`);
}

export function taxWords({ currency, taxPaidMicros, taxReceivedMicros }: StatementCurrency): string[] {
  return [
    ...(taxPaidMicros === 0 ? [] : [`tax in what was paid: ${decimalText(-taxPaidMicros)} ${currency}`]),
    ...(taxReceivedMicros === 0 ? [] : [`tax in what was received: ${decimalText(taxReceivedMicros)} ${currency}`]),
  ];
}

function channelWords(one: StatementChannel): string {
  const proof =
    one.proof === 'none'
      ? 'nothing accepted'
      : `its last voucher says ${one.acceptedUnits} ${one.unit}, proven by a ${one.proof}`;
  const who = one.role === 'payer' ? `paid to ${one.other}` : `paid by ${one.other}`;
  return `channel ${one.channel}, ${who}: ${one.units} ${one.unit} at ${one.price}; ${proof}${one.closed ? ', closed' : ''}`;
}

function entryWords({ entry, at, kind, key, refersTo, text }: StatementEntry): string {
  const refers = refersTo === null ? '' : `, refers to entry ${refersTo}`;
  return `${at}  ${kind}${key === null ? '' : ` (${key})`}${text === null ? '' : `: ${text}`}  [entry ${entry}${refers}]`;
}

const HEADER = [
  'record',
  'account',
  'currency',
  'from',
  'to',
  'amount',
  'at',
  'kind',
  'entry',
  'key',
  'refers to',
  'text',
  'channel',
  'role',
  'other account',
  'units',
  'unit',
  'price',
  'tariff',
  'accepted units',
  'proof',
  'closed',
  'tax',
  'units before',
  'amount before',
  'steps',
];

export function csvOf(statement: Statement): string {
  const rows = statement.currencies.flatMap((one) => rowsOf(statement, one));
  return [HEADER, ...rows].map((row) => HEADER.map((_, i) => cellOf(row[i] ?? '')).join(',') + '\r\n').join('');
}

function rowsOf(
  { account, from, to }: Statement,
  { currency, openingMicros, channels, entries, closingMicros }: StatementCurrency,
): string[][] {
  const head = (record: string, micros: number): string[] => [record, account, currency, from, to, decimalText(micros)];
  return [
    head('opening', openingMicros),
    ...channels.map((one) => [
      ...head('channel', one.amountMicros),
      ...['', 'claim', '', '', '', '', one.channel, one.role, one.other, String(one.units), one.unit, one.price, one.tariff],
      ...[String(one.acceptedUnits), one.proof, one.closed ? 'yes' : 'no'],
      ...[decimalText(one.taxMicros), String(one.beforeUnits), decimalText(one.beforeMicros), stepWords(one).join('; ')],
    ]),
    ...entries.map((one) => [
      ...head('entry', one.amountMicros),
      ...[one.at, one.kind, String(one.entry), one.key ?? '', one.refersTo === null ? '' : String(one.refersTo), one.text ?? ''],
      ...Array.from({ length: 13 }, () => ''),
      partWords(one).join('; '),
    ]),
    head('closing', closingMicros),
  ];
}
