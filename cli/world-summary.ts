// The answer of a simulated world as people read it: what was sent, refused and paid, what went wrong, and whether the promises held. In: an outcome. Out: text for
// standard output, with the one command that replays it.

import Table from 'cli-table3';
import { durationText } from '../simulator/duration.ts';
import type { Outcome } from '../simulator/outcome.ts';
import { isClean } from '../simulator/outcome.ts';
import { formatMicros } from './money.ts';

const VIOLATIONS_SHOWN = 10;

export function worldSummary(outcome: Outcome, replay: string): string {
  const { vouchers, units, latency } = outcome;
  const table = new Table({ style: { head: [], border: [], compact: true }, colAligns: ['left', 'right'] });
  const row = (what: string, figure: string | number): void => void table.push([what, String(figure)]);
  row('devices', outcome.devices);
  row('virtual time', durationText(outcome.virtualMs));
  row('vouchers sent', vouchers.sent);
  row('  accepted', vouchers.accepted);
  row('    on the hub’s fast way', vouchers.onFastWay);
  row('  duplicate', vouchers.duplicate);
  row('  rejected', vouchers.rejected);
  for (const [reason, n] of Object.entries(outcome.rejectedBy)) row(`    ${reason}`, n);
  row('delivery to receipt, p50 / p95 / p99', [latency.p50Ms, latency.p95Ms, latency.p99Ms].map(durationText).join(' / '));
  row(
    'faults injected',
    Object.values(outcome.faults).reduce((sum, n) => sum + n, 0),
  );
  for (const [fault, n] of Object.entries(outcome.faults).sort(([, a], [, b]) => b - a)) row(`  ${fault}`, n);
  row('frauds tried (that worked, or left no mark)', `${outcome.frauds.tried} (${outcome.frauds.unfound})`);
  row('units metered', units.metered);
  row('  accepted', units.accepted);
  row('  settled', units.settled);
  row('  lost (at most, by the faults)', `${units.lost} (${units.lostAtMost})`);
  for (const { currency, deliveredMicros, chargedMicros, settledMicros } of outcome.money) {
    row(`${currency} for what was metered`, formatMicros(deliveredMicros));
    row('  charged', formatMicros(chargedMicros));
    row('  settled', formatMicros(settledMicros));
  }
  for (const { account, kind, currency, toppedUpMicros, promotedMicros, chargedMicros, heldMicros } of outcome.wallets) {
    row(
      `${account}, ${kind}, ${currency} topped up (promotions)`,
      `${formatMicros(toppedUpMicros)} (${formatMicros(promotedMicros)})`,
    );
    row('  charged (left)', `${formatMicros(chargedMicros)} (${formatMicros(heldMicros)})`);
  }
  for (const { rail, payouts, settled, rejected, reversed, paidMicros, collectedMicros } of outcome.rails) {
    row(`${rail}: payouts (settled, rejected, reversed)`, `${payouts} (${settled}, ${rejected}, ${reversed})`);
    row('  paid (collected)', `${formatMicros(paidMicros)} (${formatMicros(collectedMicros)})`);
  }
  return `\n${outcome.scenario}, seed ${outcome.seed}\n${table.toString()}\n${answerOf(outcome)}\nevent log ${outcome.hash} (${outcome.events} events)\nreplay with: ${replay}\n`;
}

function answerOf(outcome: Outcome): string {
  if (isClean(outcome)) return 'money in is money out; every promise held';
  const { violations, failedAssertions } = outcome;
  const lines = violations
    .slice(0, VIOLATIONS_SHOWN)
    .map(({ atMs, rule, detail }) => `BROKEN at ${durationText(atMs)}: ${rule}: ${detail}`);
  if (violations.length > VIOLATIONS_SHOWN) lines.push(`... and ${violations.length - VIOLATIONS_SHOWN} more`);
  return [...lines, ...failedAssertions.map((sentence) => `BROKEN: ${sentence}`)].join('\n');
}
