// A few power cuts as part of every test run, where a C compiler is; `npm run power-loss -- --times 200` does as many as you have patience for. And the model of the disk,
// by itself.

import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../simulator/random.ts';
import { MAIN } from '../cli/run.ts';
import { buildPreload } from '../disk/preload.ts';
import { controlled } from './controls.ts';
import { diskWith, LOSSES } from './disk.ts';
import { powerLosses } from './power-loss.ts';
import type { DiskEvent } from './trace.ts';

const CARELESS = join(MAIN, '..', '..', 'test', 'power-loss', 'careless.js');
const SLOW_MS = 180_000;
const preload = buildPreload('test/power-loss/record.c');
if (preload.kind === 'missing') console.warn(`SKIPPED: power cuts under the real database; ${preload.why}`);

describe.skipIf(preload.kind === 'missing')('the power is cut under the hub', () => {
  const recorder = preload.kind === 'built' ? preload.path : '';
  const common = { recorder, devices: 3, onCut: () => {} };

  it.each(['fast', 'aedes'])('and what it had promised is there: %s', { timeout: SLOW_MS }, async (front) => {
    const hub = { ...controlled(undefined, MAIN, CARELESS), hubWords: ['--front', front] };
    const report = await powerLosses({ ...common, times: 15, seed: 20261121, ...hub });
    expect(report.findings).toEqual([]);
    expect(report.promises).toBeGreaterThan(0);
  });

  it('and flushes had failed before: what is promised afterwards does not lean on them', { timeout: SLOW_MS }, async () => {
    const hub = { ...controlled(undefined, MAIN, CARELESS), hubWords: [], env: { TALLYSTICK_FAILS: '40' } };
    const report = await powerLosses({ ...common, times: 15, seed: 3, ...hub });
    expect(report.findings).toEqual([]);
    expect(report.promises).toBeGreaterThan(0);
  });

  it.each(['normal', 'lies'] as const)('a control is found out: %s', { timeout: SLOW_MS }, async (control) => {
    const hub = { ...controlled(control, MAIN, CARELESS), hubWords: [] };
    const report = await powerLosses({ ...common, times: 15, seed: 7, ...hub });
    expect(report.lostCuts).toBeGreaterThan(0);
    expect(report.findings.some((finding) => finding.includes('were promised'))).toBe(true);
  });
});

describe('the disk', () => {
  const random = (): ReturnType<typeof seededRandom> => seededRandom(1, 'disk');
  const write = (path: string, at: number, text: string): DiskEvent => ({ kind: 'write', path, at, data: Buffer.from(text) });
  const flush = (path: string): DiskEvent[] => [
    { kind: 'flush-begins', path, thread: 1 },
    { kind: 'flushed', path, thread: 1 },
  ];

  it('keeps what was flushed, whatever is lost', () => {
    const disk = diskWith(new Map([['a', Buffer.from('....')]]));
    for (const event of [write('a', 1, 'bc'), ...flush('a'), write('a', 0, 'wxyz')]) disk.apply(event);
    for (const loss of LOSSES) {
      const found = disk.afterCut(loss, random()).get('a')?.toString();
      expect(['.bc.', 'wxyz']).toContain(found);
      if (loss === 'nothing kept') expect(found).toBe('.bc.');
      if (loss === 'everything kept') expect(found).toBe('wxyz');
    }
  });

  it('a flush covers what came before it began, and holds from its end', () => {
    const disk = diskWith(new Map([['a', Buffer.from('..')]]));
    disk.apply(write('a', 0, '1'));
    disk.apply({ kind: 'flush-begins', path: 'a', thread: 1 });
    disk.apply(write('a', 1, '2'));
    expect(disk.afterCut('nothing kept', random()).get('a')?.toString()).toBe('..');
    disk.apply({ kind: 'flushed', path: 'a', thread: 1 });
    expect(disk.afterCut('nothing kept', random()).get('a')?.toString()).toBe('1.');
  });

  it('what a failed flush was to save is lost, until it is written again', () => {
    const disk = diskWith(new Map([['a', Buffer.from('..')]]));
    for (const event of [write('a', 0, '12'), flush('a')[0] as DiskEvent]) disk.apply(event);
    disk.apply({ kind: 'flush-failed', path: 'a', thread: 1 });
    for (const event of flush('a')) disk.apply(event);
    expect(disk.afterCut('everything kept', random()).get('a')?.toString()).toBe('..');
    for (const event of [write('a', 0, '3'), ...flush('a')]) disk.apply(event);
    expect(disk.afterCut('nothing kept', random()).get('a')?.toString()).toBe('3.');
  });

  it('a name is sure when its folder was flushed, and a file torn at a sector', () => {
    const disk = diskWith(new Map());
    for (const event of [{ kind: 'create', path: 'a' } as const, write('a', 0, 'x'.repeat(2000)), ...flush('a')])
      disk.apply(event);
    expect([...disk.afterCut('nothing kept', random()).keys()]).toEqual([]);
    for (const event of flush('')) disk.apply(event);
    expect(disk.afterCut('nothing kept', random()).get('a')?.length).toBe(2000);
    disk.apply(write('a', 0, 'y'.repeat(2000)));
    const torn = Array.from({ length: 50 }, (_, i) => disk.afterCut('any sectors', seededRandom(i, 'torn')).get('a')?.toString());
    expect(new Set(torn).size).toBeGreaterThan(5);
    for (const text of torn) {
      for (let at = 0; at < 2000; at += 512) expect(text?.slice(at, at + 512)).toMatch(/^(x+|y+)$/);
    }
  });

  it('a renamed file is found under one name or the other', () => {
    const disk = diskWith(new Map([['a', Buffer.from('old')], ['b', Buffer.from('new')]])); // prettier-ignore
    disk.apply({ kind: 'rename', path: 'b', to: 'a' });
    expect(disk.afterCut('nothing kept', random()).get('a')?.toString()).toBe('old');
    expect([...disk.afterCut('everything kept', random())].map(([name, bytes]) => [name, bytes.toString()])).toEqual([
      ['a', 'new'],
    ]);
  });
});
