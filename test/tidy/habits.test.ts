// Habits that rot unless something looks: files that say what they are for, names that mean something, READMEs whose commands exist.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readmes, ROOT, sources } from './sources.ts';

const BANNED_NAMES = /^(index|utils?|helpers?|types|misc|common|.*(manager|service))\.ts$/i;

describe('habits', () => {
  const all = sources();

  it('every file opens with what it is for', () => {
    const silent = all.filter((source) => !/^(#!.*\n)?(\/\/|\/\*)/.test(source.text)).map((source) => source.path);
    expect(silent).toEqual([]);
  });

  it('no file has a name that says nothing', () => {
    expect(all.map((source) => source.path).filter((path) => BANNED_NAMES.test(path.split('/').at(-1) as string))).toEqual([]);
  });

  it('nothing is left for later in silence', () => {
    const marks = new RegExp(['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX'].join('|'));
    expect(all.filter((source) => marks.test(source.text)).map((source) => source.path)).toEqual([]);
  });

  it('every npm script that a README names exists', () => {
    const scripts = Object.keys((JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: object }).scripts);
    const named = readmes().flatMap(({ path, text }) =>
      [...text.matchAll(/npm run ([a-z:-]+)/g)].map((match) => [path, match[1]]),
    );
    expect(named.filter(([, script]) => !scripts.includes(script as string))).toEqual([]);
  });

  it('every file that a README links to exists', () => {
    const links = readmes().flatMap(({ path, text }) =>
      [...text.matchAll(/\]\((?!https?:|#)([^)#\s]+)[^)]*\)/g)].map((match) => ({ path, to: match[1] as string })),
    );
    const missing = links.filter(({ path, to }) => {
      try {
        return readFileSync(join(ROOT, path, '..', to)) === undefined;
      } catch (error) {
        return (error as NodeJS.ErrnoException).code === 'ENOENT';
      }
    });
    expect(missing).toEqual([]);
  });
});
