// Files that people ask for and that cannot be written, and what they are told while all goes well: each as a user types it.

import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { freshFolder, lastJson, tallystick } from './run.ts';

const SLOW_MS = 60_000;
const ADD = ['device', 'add', '--profile', 'vending', '--label', 'lobby', '--payer', 'acme', '--payee', 'snacks', '--json'];
const NO_PLACE = join('no', 'such', 'folder', 'file');

async function enrolled(data: string): Promise<string> {
  return lastJson<{ device: string }>(await tallystick(...ADD, '--data', data)).device;
}

describe('an answer that has no place to go', () => {
  it(
    'ends with the path, what was expected, and code 3',
    async () => {
      const data = freshFolder();
      const asked = [
        ['evidence', '--key', '-o', NO_PLACE],
        ['evidence', '--key', '-o', '.'],
        ['checkpoint', 'export', '-o', NO_PLACE],
        ['statement', 'acme', '-o', NO_PLACE],
        ['person', 'export', 'acme', '-o', NO_PLACE],
        ['insight', 'page', NO_PLACE],
        ['device', 'build', await enrolled(data), '-o', NO_PLACE],
      ];
      const outcomes = await Promise.all(asked.map((words) => tallystick(...words, '--data', data)));
      for (const outcome of outcomes) {
        expect([outcome.code, outcome.stdout]).toEqual([3, '']);
        expect(outcome.stderr).toMatch(/^tallystick: (-o|file): expected a file that can be written, got [^\n]+\n$/);
      }
    },
    SLOW_MS,
  );

  it.each([
    ['--html', []],
    ['--resume', ['--seeds', '1000000']],
  ])('%s of a scenario is looked at before it runs', async (option, more) => {
    const outcome = await tallystick('simulate', 'bad-month', ...more, option, NO_PLACE);
    expect([outcome.code, outcome.stdout]).toEqual([3, '']);
    expect(outcome.stderr).toMatch(new RegExp(`^tallystick: ${option}: expected a file that can be written`));
  });

  it('is for its owner only where it holds secrets, also in place of a file that others could read', async () => {
    const data = freshFolder();
    const device = await enrolled(data);
    const file = join(data, 'board.js');
    writeFileSync(file, '', { mode: 0o644 });
    expect((await tallystick('device', 'build', device, '--data', data, '-o', file)).code).toBe(0);
    expect(statSync(file).mode & 0o077).toBe(0);
  });
});

describe('what an operator is told', () => {
  it('which tallystick it is', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(await tallystick('--version')).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('where a tariff is no YAML', async () => {
    const file = join(freshFolder(), 'half.yaml');
    writeFileSync(file, 'a: [1');
    const { code, stderr } = await tallystick('tariff', 'quote', file, '--units', '1');
    expect([code, stderr]).toEqual([
      3,
      expect.stringMatching(/half\.yaml: expected YAML or JSON: [^\n]+ at line 1, column \d+\n$/),
    ]);
  });

  it('of a machine that nobody counts, and of a hub that begins', async () => {
    const data = freshFolder();
    const first = await tallystick(...ADD, '--data', data);
    expect(first.stderr).toMatch(/no hub in .+ a new one, [0-9a-f]{16}, begins there/);
    expect(first.stderr).toMatch(/no --meter was given, so a timer .+ every second 1 vend is counted/);
    const second = await tallystick(...ADD, '--meter', 'pulse:D4', '--data', data);
    expect(second.stderr).toBe('');
  });

  it('of devices: how many, and what they last said of themselves', async () => {
    const data = freshFolder();
    const device = await enrolled(data);
    await tallystick(...ADD, '--data', data);
    await tallystick('device', 'revoke', device, '--data', data);
    expect((await tallystick('status', '--data', data)).stdout).toMatch(
      /: 2 devices \((1 revoked, 1 never seen|1 never seen, 1 revoked)\)/,
    );
    expect((await tallystick('device', 'list', '--data', data)).stdout).toMatch(/never seen {2}REVOKED\n/);
  });

  it('of durations in the help: with their unit', async () => {
    expect((await tallystick('hub', '--help')).stdout).toContain('(default: 24h)');
    expect((await tallystick('device', 'flash', '--help')).stdout).toContain('(default: 2m)');
  });
});
