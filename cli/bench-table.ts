// The figures of `device bench` as a table for people: what it is here, and what it would be on an ESP32. In: figures. Out: text. What was not measured on a board says that it is
// an estimate, and its factor.

import Table from 'cli-table3';
import type { BenchFigures } from './bench-run.ts';

const rounded = (value: number, digits: number): string => value.toLocaleString('en', { maximumFractionDigits: digits });

function millis(ms: number): string {
  return `${rounded(ms, ms < 1 ? 3 : ms < 100 ? 2 : 0)} ms`;
}

type Row = readonly [what: string, here: string, compared: string, there: string];

function times(f: BenchFigures): Row[] {
  const there = (ms: number): string => {
    const estimate = ms * f.esp32Factor;
    return estimate < 1000 ? `${rounded(estimate, 0)} ms` : `${rounded(estimate / 1000, 1)} s`;
  };
  const row = (what: string, ms: number, compared = `${rounded(ms / f.sha256Ms, 1)} SHA-256`): Row => [
    what,
    millis(ms),
    compared,
    there(ms),
  ];
  const faster = (ratio: number): string => `${rounded(ratio, 0)} times as fast as straight`;
  return [
    ['native SHA-256 of 64 bytes', millis(f.sha256Ms), '', ''],
    row('multiplication mod 2^255-19', f.fieldMultiplicationMs),
    row('signature, straight', f.straightSignMs),
    row('signature', f.signMs, faster(f.signRatio)),
    row('longest slice of work', f.longestSliceMs),
    row('hash chain of 1,000 links', f.chainPer1000Ms),
    row('payment, vend to socket', f.paymentMs, `${rounded(f.paymentInSha256, 1)} SHA-256`),
    ['  and its flash', millis(f.paymentFlashMs), '', ''],
  ];
}

function sizes(f: BenchFigures): Row[] {
  const growth = f.growthVariables === null ? 'too few payments to tell' : `${f.growthVariables} variables`;
  const row = (what: string, figure: number, unit: string, lowRam?: number): Row => [
    what,
    `${rounded(figure, 0)} ${unit}`,
    lowRam === undefined ? '' : `low-RAM build ${rounded(lowRam, 0)}`,
    '',
  ];
  return [
    row('while paying', f.variablesPaying, 'variables', f.variablesPayingLowRam),
    row('peak, while signing', f.variablesPeak, 'variables', f.variablesPeakLowRam),
    row('free while paying', f.variablesFree, 'variables'),
    [`growth over ${rounded(f.payments, 0)} payments`, growth, '', ''],
    row('firmware', f.firmwareBytes, 'bytes', f.firmwareLowRamBytes),
    row('  its cryptography, minified', f.cryptoBytes, 'bytes'),
  ];
}

export function tableOf(figures: BenchFigures): string {
  const head = ['', figures.on, 'which is', `ESP32, estimated x${rounded(figures.esp32Factor, 0)}`];
  const table = new Table({ head, style: { head: [], border: [], compact: true } });
  table.push(...[...times(figures), ...sizes(figures)].map((row) => [...row]));
  return table.toString();
}
