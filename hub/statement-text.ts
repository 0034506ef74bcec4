// A statement as people read it in a terminal, and as a spreadsheet does. In: a statement. Out: text; or CSV in which no cell can be taken for a formula.

import { cellOf } from './csv-cell.ts';
import type { Statement, StatementChannel, StatementCurrency, StatementEntry } from './statement.ts';
import { moneyOf } from './statement-price.ts';

export function textOf(statement: Statement): string {
  const head = `statement of ${statement.account}, ${statement.from} to ${statement.to} (UTC), written ${statement.writtenAt}`;
  const none = statement.currencies.length === 0 ? ['', 'no entry in the books'] : [];
  return [head, ...none, ...statement.currencies.flatMap(linesOf)].join('\n') + '\n';
}

function linesOf({ currency, openingMicros, channels, entries, closingMicros }: StatementCurrency): string[] {
  const money = (micros: number): string => `${moneyOf(micros)} ${currency}`.padStart(18);
  return [
    '',
    `${money(openingMicros)}  at the beginning`,
    ...channels.map((one) => `${money(one.amountMicros)}  ${channelWords(one)}`),
    ...entries.map((one) => `${money(one.amountMicros)}  ${entryWords(one)}`),
    `${money(closingMicros)}  at the end`,
  ];
}

export function channelWords(one: StatementChannel): string {
  const proof =
    one.proof === 'none'
      ? 'nothing accepted'
      : `its last voucher says ${one.acceptedUnits} ${one.unit}, proven by a ${one.proof}`;
  const who = one.role === 'payer' ? `paid to ${one.other}` : `paid by ${one.other}`;
  return `channel ${one.channel}, ${who}: ${one.units} ${one.unit} at ${one.price}; ${proof}${one.closed ? ', closed' : ''}`;
}

export function entryWords({ entry, at, kind, key, refersTo, text }: StatementEntry): string {
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
];

export function csvOf(statement: Statement): string {
  const rows = statement.currencies.flatMap((one) => rowsOf(statement, one));
  return [HEADER, ...rows].map((row) => HEADER.map((_, i) => cellOf(row[i] ?? '')).join(',') + '\r\n').join('');
}

function rowsOf(
  { account, from, to }: Statement,
  { currency, openingMicros, channels, entries, closingMicros }: StatementCurrency,
): string[][] {
  const head = (record: string, micros: number): string[] => [record, account, currency, from, to, moneyOf(micros)];
  return [
    head('opening', openingMicros),
    ...channels.map((one) => [
      ...head('channel', one.amountMicros),
      ...['', 'claim', '', '', '', '', one.channel, one.role, one.other, String(one.units), one.unit, one.price, one.tariff],
      ...[String(one.acceptedUnits), one.proof, one.closed ? 'yes' : 'no'],
    ]),
    ...entries.map((one) => [
      ...head('entry', one.amountMicros),
      ...[one.at, one.kind, String(one.entry), one.key ?? '', one.refersTo === null ? '' : String(one.refersTo), one.text ?? ''],
    ]),
    head('closing', closingMicros),
  ];
}
