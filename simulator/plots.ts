// Plots as SVG: lines over time, and points on a map. In: numbers. Out: markup that needs no script. Axes say their least and greatest value, in round words.

import { durationText } from './duration.ts';

const WIDTH = 480;
const HEIGHT = 170;
const LEFT = 56;
const BOTTOM = 22;
const TOP = 22;

const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

export function linePlot(
  title: string,
  atMs: readonly number[],
  values: readonly number[],
  said: (value: number) => string = short,
): string {
  const most = Math.max(1e-9, ...values);
  const lastMs = Math.max(1, atMs.at(-1) ?? 1);
  const x = (ms: number): number => LEFT + ((WIDTH - LEFT - 4) * ms) / lastMs;
  const y = (value: number): number => HEIGHT - BOTTOM - ((HEIGHT - BOTTOM - TOP) * value) / most;
  const points = values.map((value, i) => `${x(atMs[i] ?? 0).toFixed(1)},${y(value).toFixed(1)}`).join(' ');
  return `<figure style="margin:0"><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escaped(title)}">
<text x="${LEFT}" y="13" font-size="12" fill="currentColor">${escaped(title)}</text>
<line x1="${LEFT}" y1="${HEIGHT - BOTTOM}" x2="${WIDTH}" y2="${HEIGHT - BOTTOM}" stroke="currentColor" opacity="0.4"/>
<text x="${LEFT - 5}" y="${TOP + 5}" font-size="10" text-anchor="end" fill="currentColor">${most > 1e-9 ? said(most) : ''}</text>
<text x="${LEFT - 5}" y="${HEIGHT - BOTTOM}" font-size="10" text-anchor="end" fill="currentColor">0</text>
<text x="${WIDTH - 2}" y="${HEIGHT - 6}" font-size="10" text-anchor="end" fill="currentColor">${durationText(lastMs)}</text>
<polyline points="${points}" fill="none" stroke="#3a6ea5" stroke-width="1.4"/></svg></figure>`;
}

/** 12345678 as 12.3M. */
function short(n: number): string {
  for (const [size, letter] of [
    [1e12, 'T'],
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ] as const) {
    if (n >= size) return `${Math.round((n / size) * 10) / 10}${letter}`;
  }
  return String(Math.round(n * 100) / 100);
}

export interface MapPoint {
  readonly x: number;
  readonly y: number;
  readonly size: number;
  readonly group: string;
  readonly label: string;
}

const COLOURS = ['#3a6ea5', '#b3561e', '#2a7d4f', '#7d3a95', '#8a7500'];
const MAP_HEIGHT = 320;

/** Degrees as they are: good enough for a town, and said to be no more. */
export function mapPlot(points: readonly MapPoint[]): string {
  const groups = [...new Set(points.map((point) => point.group))];
  const most = Math.max(1, ...points.map((point) => point.size));
  const range = (pick: (point: MapPoint) => number): readonly [number, number] => {
    const values = points.map(pick);
    const least = values.reduce((a, b) => Math.min(a, b), Infinity);
    const greatest = values.reduce((a, b) => Math.max(a, b), -Infinity);
    return [least, Math.max(greatest - least, 1e-6)];
  };
  const [x0, xSpan] = range((point) => point.x);
  const [y0, ySpan] = range((point) => point.y);
  const circles = points.map((point) => {
    const cx = 14 + ((WIDTH * 2 - 28) * (point.x - x0)) / xSpan;
    const cy = MAP_HEIGHT - 14 - ((MAP_HEIGHT - 28) * (point.y - y0)) / ySpan;
    const radius = 2 + 6 * Math.sqrt(point.size / most);
    const colour = COLOURS[groups.indexOf(point.group) % COLOURS.length] as string;
    return `<circle cx="${cx.toFixed(1)}" cy="${cy.toFixed(1)}" r="${radius.toFixed(1)}" fill="${colour}" fill-opacity="0.6"><title>${escaped(point.label)}: ${point.size} units</title></circle>`;
  });
  const legend = groups
    .map((group, i) => `<span style="color:${COLOURS[i % COLOURS.length] as string}">&#9679;</span> ${escaped(group)}`)
    .join(' &nbsp; ');
  return `<svg viewBox="0 0 ${WIDTH * 2} ${MAP_HEIGHT}" role="img" aria-label="Map">${circles.join('')}</svg><p>${legend}; the larger, the more was delivered.</p>`;
}
