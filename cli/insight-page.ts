// Insight as a page that opens from disk: bars and weeks in shades, nothing fetched from anywhere, no script. In: answers. Out: one HTML text. Whatever an operator has typed is text there and never
// markup.

import { HOURS_PER_DAY, WEEKDAYS } from '../hub/insight/calendar.ts';
import type { IdleDevice } from '../hub/insight/idle.ts';
import type { Peaks } from '../hub/insight/peaks.ts';
import type { Revenue } from '../hub/insight/revenue.ts';
import { escapeHtml } from '../simulator/html.ts';
import { amountText, roundText } from './insight-question.ts';

export interface PageParts {
  readonly head: { readonly from: string; readonly to: string; readonly zone: string };
  /** By what, and the answer. */
  readonly revenues: ReadonlyArray<readonly [by: string, revenue: Revenue]>;
  readonly peaks: readonly Peaks[];
  readonly idle: readonly IdleDevice[];
  readonly idleDays: number;
  readonly notes: readonly string[];
}

const STYLE = `
:root { color-scheme: light dark; font: 15px/1.45 system-ui, sans-serif; }
body { max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin-bottom: 0.2rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; } td, th { text-align: left; padding: 0.1rem 0.8rem 0.1rem 0; white-space: nowrap; font-weight: normal; }
td.number { text-align: right; font-variant-numeric: tabular-nums; } td.bar { width: 60%; padding-right: 0; }
.bar i { display: block; height: 0.9rem; background: #3a6ea5; min-width: 1px; }
.week { table-layout: fixed; } .week th:first-child { width: 6.5rem; } .week td, .week th { padding: 0; font-size: 0.75rem; } .week td { height: 1.5rem; background: rgb(58 110 165 / var(--share)); border: 1px solid transparent; }
p.note { opacity: 0.75; }
`;

/** So many rows of each; the page says what is left out. */
const MOST_ROWS = 40;

export function pageOf({ head, revenues, peaks, idle, idleDays, notes }: PageParts): string {
  const sections = [
    ...revenues.map(([by, revenue]) => revenueSection(by, revenue)),
    ...peaks.map(weekSection),
    idleSection(idle, idleDays),
    ...notes.map((note) => `<p class="note">${escapeHtml(note)}</p>`),
  ];
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Insight</title><style>${STYLE}</style></head><body>
<h1>What was sold</h1>
<p>${escapeHtml(`${head.from} to ${head.to}, ${head.zone}; times are the hub's times of acceptance`)}</p>
${sections.join('\n')}
</body></html>
`;
}

function revenueSection(by: string, { rows, totals }: Revenue): string {
  const most = new Map<string, number>();
  for (const { currency, amountMicros } of rows) most.set(currency, Math.max(most.get(currency) ?? 0, amountMicros));
  const shown = rows.slice(by === 'day' ? -MOST_ROWS : 0, by === 'day' ? undefined : MOST_ROWS);
  const lines = shown.map(({ key, label, currency, unit, units, amountMicros }) => {
    const percent = ((amountMicros / Math.max(1, most.get(currency) ?? 1)) * 100).toFixed(2);
    const name = `${key ?? `no ${by}`}${label === undefined ? '' : ` ${label}`}`;
    return `<tr><td>${escapeHtml(name)}</td><td class="number">${units} ${escapeHtml(unit)}</td><td class="number">${amountText(amountMicros)} ${escapeHtml(currency)}</td><td class="bar"><i style="width:${percent}%"></i></td></tr>`;
  });
  const sums = totals.map(
    ({ currency, unit, units, amountMicros }) => `${units} ${unit}, ${amountText(amountMicros)} ${currency}`,
  );
  const left = rows.length - shown.length;
  const foot = [...(left > 0 ? [`${left} more rows are not shown`] : []), `in all ${sums.join('; ')}`].join('; ');
  return `<h2>By ${by}</h2>${rows.length === 0 ? '<p>nothing was sold</p>' : `<table>${lines.join('')}</table><p class="note">${escapeHtml(foot)}</p>`}`;
}

function weekSection({ currency, unit, week }: Peaks): string {
  const most = Math.max(1e-9, ...week.flat().map(({ unitsPerHour }) => unitsPerHour));
  const hours = Array.from({ length: HOURS_PER_DAY }, (_, hour) => `<th>${hour % 3 === 0 ? hour : ''}</th>`);
  const lines = week.map((day, at) => {
    const cells = day.map(({ unitsPerHour }, hour) => {
      const title = `${WEEKDAYS[at]} ${hour}h: ${roundText(unitsPerHour)} ${unit} an hour`;
      return `<td style="--share:${(unitsPerHour / most).toFixed(3)}" title="${escapeHtml(title)}"></td>`;
    });
    return `<tr><th>${WEEKDAYS[at]}</th>${cells.join('')}</tr>`;
  });
  const title = `Hours of the week, ${unit} for ${currency}, at most ${roundText(most)} an hour`;
  return `<h2>${escapeHtml(title)}</h2><table class="week"><tr><th></th>${hours.join('')}</tr>${lines.join('')}</table>`;
}

function idleSection(idle: readonly IdleDevice[], days: number): string {
  const lines = idle.slice(0, MOST_ROWS).map(({ device, label, site, lastSoldDay, othersSelling }) => {
    const cells = [`${device} ${label}`, site ?? 'no site', lastSoldDay ?? 'never', `${othersSelling} others there sell`];
    return `<tr>${cells.map((cell) => `<td>${escapeHtml(cell)}</td>`).join('')}</tr>`;
  });
  const title = `<h2>Idle for ${days} days: ${idle.length} devices</h2>`;
  return idle.length === 0 ? title : `${title}<table>${lines.join('')}</table>`;
}
