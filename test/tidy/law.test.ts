// The import law: who may import whom. A room that reaches where it must not fails here, with the line to mend.

import { describe, expect, it } from 'vitest';
import type { Source } from './sources.ts';
import { ROOMS, sourceOf, sources } from './sources.ts';

const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  shared: ['shared'],
  device: ['shared', 'device'],
  hub: ['shared', 'hub'],
  simulator: ['shared', 'device', 'hub', 'simulator'],
  cli: ['shared', 'device', 'hub', 'simulator', 'cli'],
  test: ROOMS,
};

/** Decisions without a world: no package, no file, no clock; only shared nouns and each other. */
const PURE = [
  'hub/accept.ts',
  'hub/account.ts',
  'hub/batch.ts',
  'hub/channel.ts',
  'hub/claim.ts',
  'hub/head.ts',
  'hub/ledger.ts',
  'hub/rights.ts',
  'hub/segment.ts',
  'hub/tree.ts',
];

/** What runs on the operator's machine, not on the board. */
const ON_NODE = ['device/build/', 'device/upload/', 'device/bench/'];
/** But this runs on the board. */
const ON_BOARD = 'device/bench/onboard/';

const roomOf = (path: string): string => path.split('/')[0] as string;
const isOwn = (path: string): boolean => (ROOMS as readonly string[]).includes(roomOf(path)) && path.endsWith('.ts');

function breaches(source: Source): string[] {
  const room = roomOf(source.path);
  const onNode = ON_NODE.some((folder) => source.path.startsWith(folder)) && !source.path.startsWith(ON_BOARD);
  const firmware = room === 'shared' || (room === 'device' && !onNode);
  return source.imports.flatMap((name) => {
    if (!isOwn(name)) return firmware || PURE.includes(source.path) ? [`${source.path} must not import the package ${name}`] : [];
    if (!(MAY_IMPORT[room] ?? []).includes(roomOf(name))) return [`${source.path} must not import ${name}`];
    if (PURE.includes(source.path) && roomOf(name) !== 'shared' && !PURE.includes(name))
      return [`${source.path} is pure: not ${name}`];
    return [];
  });
}

function cyclesOf(all: readonly Source[]): string[] {
  const byPath = new Map(all.map((source) => [source.path, source]));
  const done = new Set<string>();
  const cycles: string[] = [];
  const walk = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) {
      cycles.push([...trail.slice(trail.indexOf(path)), path].join(' -> '));
      return;
    }
    if (done.has(path)) return;
    for (const next of byPath.get(path)?.imports ?? []) if (isOwn(next)) walk(next, [...trail, path]);
    done.add(path);
  };
  for (const source of all) walk(source.path, []);
  return cycles;
}

describe('the import law', () => {
  const all = sources();

  it('has sources to look at in every room', () => {
    for (const room of ROOMS) expect(all.some((source) => roomOf(source.path) === room)).toBe(true);
  });

  it('is kept by every file', () => {
    expect(all.flatMap(breaches)).toEqual([]);
  });

  it('knows its pure files', () => {
    expect(PURE.filter((path) => !all.some((source) => source.path === path))).toEqual([]);
  });

  it('has no cycles', () => {
    expect(cyclesOf(all)).toEqual([]);
  });

  it.each([
    ['shared/x.ts', "import { a } from '../hub/accept.ts';"],
    ['shared/x.ts', "import { readFileSync } from 'node:fs';"],
    ['device/x.ts', "import type { Hub } from '../hub/hub.ts';"],
    ['device/x.ts', "import { connect } from 'node:net';"],
    ['hub/x.ts', "export { b } from '../device/issue.ts';"],
    ['hub/accept.ts', "import Database from 'better-sqlite3';"],
    ['hub/batch.ts', "import { openStore } from './store.ts';"],
    ['simulator/x.ts', "import '../cli/main.ts';"],
  ])('finds a breach planted in %s: %s', (path, text) => {
    expect(breaches(sourceOf(path, text))).toHaveLength(1);
  });

  it('finds a planted cycle', () => {
    const a = sourceOf('hub/a.ts', "import { b } from './b.ts';");
    const b = sourceOf('hub/b.ts', "import type { A } from './a.ts';");
    expect(cyclesOf([a, b])).toEqual(['hub/a.ts -> hub/b.ts -> hub/a.ts']);
  });
});
