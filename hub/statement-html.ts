// A statement as one page that needs nothing else: to be read, printed, sent. In: a statement. Out: HTML without scripts, in which every text of others is only text.

import type { Statement, StatementChannel, StatementCurrency, StatementEntry } from './statement.ts';
import { decimalText } from './tariff/decimal.ts';
import { partWords, stepWords, taxWords } from './statement-text.ts';

const STYLE = `body{font:15px/1.45 system-ui,sans-serif;color:#1b1b1b;background:#fff;max-width:62rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem;margin:0}h2{font-size:1.1rem;margin:2rem 0 .5rem}p{margin:.3rem 0;color:#555}
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.35rem .5rem;border-bottom:1px solid #ddd}
th{font-weight:600;border-bottom-color:#888}td.m,th.m{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
tr.s td{font-weight:600;border-bottom-color:#888}small{color:#666;overflow-wrap:anywhere}ul{margin:.2rem 0;padding-left:1.1rem;color:#333;font-size:.9em}
@media print{body{margin:0;max-width:none;font-size:11px}tr{break-inside:avoid}thead{display:table-header-group}}`;

export function htmlOf(statement: Statement): string {
  const { account, from, to, writtenAt, currencies } = statement;
  const title = escaped(`Statement of ${account}, ${from} to ${to}`);
  const body = currencies.length === 0 ? '<p>No entry in the books.</p>' : currencies.map(sectionOf).join('\n');
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${title}</title><style>${STYLE}</style></head>
<body><h1>${escaped(account)}</h1><p>Statement from ${from} to ${to}, days in UTC. Written ${writtenAt}.</p>
${body}
<p>Below zero is owed by the account. What a channel was charged is the price of the units that its last voucher promises; <code>tallystick evidence</code> shows that voucher for anyone to check.</p></body></html>
`;
}

function sectionOf(one: StatementCurrency): string {
  const { currency, openingMicros, channels, entries, closingMicros } = one;
  const total = (words: string, micros: number): string =>
    `<tr class="s"><td>${words}</td><td></td><td class="m">${decimalText(micros)}</td></tr>`;
  const rows = [
    total('At the beginning', openingMicros),
    ...channels.map(channelRow),
    ...entries.map(entryRow),
    total('At the end', closingMicros),
  ];
  return `<h2>${escaped(currency)}</h2>
<table><thead><tr><th>What</th><th>Why</th><th class="m">${escaped(currency)}</th></tr></thead><tbody>
${rows.join('\n')}
</tbody></table>${taxWords(one)
    .map((words) => `<p>${escaped(words)}</p>`)
    .join('')}`;
}

function channelRow(one: StatementChannel): string {
  const who = one.role === 'payer' ? 'paid to' : 'paid by';
  const proof = one.proof === 'none' ? '' : `; last voucher ${one.acceptedUnits} ${one.unit}, proven by a ${one.proof}`;
  const why = `${one.units} ${one.unit} at ${one.price}`;
  const small = `tariff ${one.tariff}${proof}${one.closed ? ', closed' : ''}`;
  return rowOf(`Channel ${one.channel}, ${who} ${one.other}`, why, small, one.amountMicros, listOf(stepWords(one)));
}

function entryRow(one: StatementEntry): string {
  const { entry, at, kind, key, refersTo, text, amountMicros } = one;
  const small = `entry ${entry}${key === null ? '' : `, ${key}`}${refersTo === null ? '' : `, refers to entry ${refersTo}`}`;
  return rowOf(`${kind}, ${at}`, text ?? '', small, amountMicros, listOf(partWords(one)));
}

function listOf(words: readonly string[]): string {
  return words.length === 0 ? '' : `<ul>${words.map((one) => `<li>${escaped(one)}</li>`).join('')}</ul>`;
}

function rowOf(what: string, why: string, small: string, micros: number, steps = ''): string {
  return `<tr><td>${escaped(what)}</td><td>${escaped(why)}${steps}<br><small>${escaped(small)}</small></td><td class="m">${decimalText(micros)}</td></tr>`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
