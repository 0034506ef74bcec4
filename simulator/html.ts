// The outcome as a page that opens from disk: tables and plots, nothing fetched from anywhere. In: an outcome. Out: one HTML text. Whatever comes from a scenario
// is text there and never markup.

import { durationText } from './duration.ts';
import { isClean } from './outcome.ts';
import type { Outcome } from './outcome.ts';
import { linePlot, mapPlot } from './plots.ts';

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

const STYLE = `
:root { color-scheme: light dark; font: 15px/1.45 system-ui, sans-serif; }
body { max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin-bottom: 0.2rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
table { border-collapse: collapse; } td, th { text-align: left; padding: 0.15rem 1rem 0.15rem 0; vertical-align: top; }
td.number, th + th { text-align: right; } td.number { font-variant-numeric: tabular-nums; }
.answer { padding: 0.6rem 0.9rem; border-left: 4px solid; } .good { border-color: #2a7d4f; } .bad { border-color: #b3261e; }
svg { width: 100%; height: auto; } code { font-size: 0.9em; } .plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(26rem, 1fr)); gap: 1rem; }
@media (max-width: 30rem) { .plots { grid-template-columns: 1fr; } }
`;

export function htmlOf(outcome: Outcome, replay: string): string {
  const title = escapeHtml(`${outcome.scenario}, seed ${outcome.seed}`);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title><style>${STYLE}</style></head><body>
<h1>${title}</h1>
<p>${outcome.devices} devices, ${durationText(outcome.virtualMs)} of virtual time in ${durationText(outcome.elapsedMs)}. Replay: <code>${escapeHtml(replay)}</code></p>
${answerOf(outcome)}
<h2>Money and units</h2>${moneyTable(outcome)}
${walletTable(outcome)}
${railTable(outcome)}
<h2>Over time</h2><div class="plots">${plotsOf(outcome)}</div>
${mapOf(outcome)}
<h2>Messages</h2>${messageTable(outcome)}
<h2>Faults</h2>${countTable(outcome.faults, 'none were injected')}
<p>Event log <code>${outcome.hash}</code>, ${outcome.events} events: the same wherever this seed is run.</p>
</body></html>
`;
}

function answerOf(outcome: Outcome): string {
  if (isClean(outcome)) return '<p class="answer good">Money in is money out; every promise held.</p>';
  const sentences = [
    ...outcome.violations.map(({ atMs, rule, detail }) => `${durationText(atMs)}: ${rule}: ${detail}`),
    ...outcome.failedAssertions,
  ];
  const shown = sentences.slice(0, 50).map((sentence) => `<li>${escapeHtml(sentence)}</li>`);
  return `<div class="answer bad"><p>${sentences.length} broken promises.</p><ul>${shown.join('')}</ul></div>`;
}

/** A name, and figures. */
function row(name: string, ...figures: readonly (string | number)[]): string {
  const cells = figures.map((figure) => `<td class="number">${escapeHtml(String(figure))}</td>`);
  return `<tr><td>${escapeHtml(name)}</td>${cells.join('')}</tr>`;
}

/** Two digits behind the point, or as many as it takes. */
function moneyText(micros: number): string {
  return (micros / 1e6).toFixed(6).replace(/0{1,4}$/, '');
}

function moneyTable({ units, money }: Outcome): string {
  const rows = [
    row('units', units.metered, units.accepted, units.settled),
    ...money.map(({ currency, deliveredMicros, chargedMicros, settledMicros }) =>
      row(currency, ...[deliveredMicros, chargedMicros, settledMicros].map(moneyText)),
    ),
  ];
  const losses = `<p>Units lost: ${units.lost}. The faults that happened may cost ${units.lostAtMost} at most.</p>`;
  return `<table><tr><th></th><th>metered</th><th>accepted</th><th>settled</th></tr>${rows.join('')}</table>${losses}`;
}

function walletTable({ wallets }: Outcome): string {
  if (wallets.length === 0) return '';
  const rows = wallets.map((one) => {
    const figures = [one.toppedUpMicros, one.promotedMicros, one.expiredMicros, one.chargedMicros, one.heldMicros].map(moneyText);
    return row(`${one.account}, ${one.kind}, ${one.currency}`, ...figures, one.channels);
  });
  const heads = ['', 'topped up', 'promotions', 'expired', 'charged', 'left', 'channels'].map((head) => `<th>${head}</th>`);
  return `<h2>Wallets</h2><table><tr>${heads.join('')}</tr>${rows.join('')}</table>`;
}

function railTable({ rails }: Outcome): string {
  if (rails.length === 0) return '';
  const rows = rails.map(({ rail, payouts, settled, rejected, reversed, paidMicros, collectedMicros }) =>
    row(rail, payouts, settled, rejected, reversed, moneyText(paidMicros), moneyText(collectedMicros)),
  );
  const heads = ['', 'payouts', 'settled', 'rejected', 'reversed', 'paid', 'collected'].map((head) => `<th>${head}</th>`);
  return `<h2>Payouts</h2><table><tr>${heads.join('')}</tr>${rows.join('')}</table>`;
}

function messageTable({ vouchers, rejectedBy, latency, frauds }: Outcome): string {
  const rows = [
    row('vouchers sent', vouchers.sent),
    row('accepted', vouchers.accepted),
    row('on the hub’s fast way', vouchers.onFastWay),
    row('duplicate', vouchers.duplicate),
    ...mostFirst(rejectedBy).map(([reason, n]) => row(`rejected: ${reason}`, n)),
    row('frauds tried', frauds.tried),
    row('frauds that worked, or left no mark', frauds.unfound),
    row('from delivery to receipt, p50', durationText(latency.p50Ms)),
    row('p95', durationText(latency.p95Ms)),
    row('p99', durationText(latency.p99Ms)),
  ];
  return `<table>${rows.join('')}</table>`;
}

function mostFirst(counts: Readonly<Record<string, number>>): Array<[string, number]> {
  return Object.entries(counts).sort(([, a], [, b]) => b - a);
}

function countTable(counts: Readonly<Record<string, number>>, none: string): string {
  const rows = mostFirst(counts).map(([what, n]) => row(what, n));
  return rows.length === 0 ? `<p>${none}</p>` : `<table>${rows.join('')}</table>`;
}

function plotsOf({ series }: Outcome): string {
  const at = series.map((point) => point.atMs);
  const of = (what: string): number[] => series.map((point) => point.counts[what] ?? 0);
  const faults = series.map(({ counts }) =>
    Object.entries(counts).reduce((sum, [what, n]) => sum + (what.startsWith('fault ') ? n : 0), 0),
  );
  let total = 0;
  const delivered = of('units delivered').map((n) => (total += n));
  return [
    linePlot('Vouchers sent', at, of('vouchers sent')),
    linePlot('Units delivered, in all', at, delivered),
    linePlot(
      'From delivery to receipt, p99',
      at,
      series.map((point) => point.p99Ms),
      durationText,
    ),
    linePlot('Faults', at, faults),
    linePlot('Commits', at, of('commits')),
    linePlot(
      'Money settled, all currencies',
      at,
      of('micros settled').map((micros) => micros / 1e6),
    ),
  ].join('');
}

function mapOf({ places }: Outcome): string {
  const known = places.filter((one) => one.latitude !== null && one.longitude !== null);
  if (known.length === 0) return '';
  const points = known.map((one) => ({
    x: one.longitude as number,
    y: one.latitude as number,
    size: one.deliveredUnits,
    group: one.group,
    label: one.label,
  }));
  return `<h2>Map</h2>${mapPlot(points)}`;
}
