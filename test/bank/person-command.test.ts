// `tallystick person`, as a user runs it: beside a hub that runs, with exit codes and one sentence for what is wrong. In: words. Out: what it printed, and a folder in which a person is gone.

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { requestOf, startHub } from '../hub/fixture.ts';
import { freshFolder, lastJson, tallystick } from '../cli/run.ts';

const IBAN = 'DE02120300000000202051';

interface Known {
  readonly particulars: Readonly<Record<string, string>>;
}

describe('tallystick person', () => {
  it('sets, shows, exports and erases, while the hub runs', async () => {
    const data = freshFolder();
    const hub = await startHub({ dataDir: data });
    const { device } = hub.enrol(requestOf(hub.port, { payer: 'alicia-example', payee: 'snacks', label: 'kiosk of alicia' }));
    const person = (...words: string[]): ReturnType<typeof tallystick> => tallystick('person', ...words, '--data', data);

    expect(await person('set', 'alicia-example', 'holder=Alicia Example', `iban=${IBAN}`)).toMatchObject({ code: 0 });
    expect(lastJson<Known>(await person('show', 'alicia-example', '--json')).particulars).toEqual({
      holder: 'Alicia Example',
      iban: IBAN,
    });
    const exported = join(freshFolder(), 'alicia.json');
    expect(await person('export', 'alicia-example', '-o', exported)).toMatchObject({ code: 0, stdout: '' });
    expect(statSync(exported).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(exported, 'utf8'))).toMatchObject({
      name: 'alicia-example',
      rows: { devices: [{ label: 'kiosk of alicia' }] },
    });
    expect((await person('export', 'snacks')).stdout).not.toContain('alicia');

    expect(await person('erase', 'alicia-example')).toMatchObject({
      code: 6,
      stderr: `tallystick: devices: expected none in use, got ${device}; revoke them first\n`,
    });
    expect(await tallystick('device', 'revoke', device, '--data', data)).toMatchObject({ code: 0 });
    expect((await person('erase', 'alicia-example', '--dry-run')).stdout).toMatch(
      /^would erase 2 particulars, 0 destinations of payouts, 1 labels/,
    );
    expect((await person('erase', 'alicia-example')).stdout).toMatch(/^erased 2 particulars, .* is erased\/[0-9a-f]{16} now\n$/);
    for (const name of readdirSync(data).filter((file) => file.startsWith('hub.db')))
      expect(readFileSync(join(data, name)).includes('alicia')).toBe(false);
    expect((await person('erase', 'alicia-example')).stdout).toMatch(/had been erased before/);
    expect(hub.status()).toMatchObject({
      balanced: true,
      devices: [{ payer: expect.stringMatching(/^erased\//) as string, label: device }],
    });
  }, 180_000);

  it('refuses what is wrong by its field, and writes nothing down', async () => {
    const data = freshFolder();
    const hub = await startHub({ dataDir: data });
    hub.enrol(requestOf(hub.port, { payer: 'alicia-example', payee: 'snacks' }));
    const wrong = [
      [['set', 'nobody', 'holder=x'], 6, 'name: expected an account of this hub'],
      [['set', 'hub/bank', 'holder=x'], 6, "the rails' configuration"],
      [['set', 'snacks', 'holder=x', 'iban=DE02120300000000202052'], 6, 'iban: expected an IBAN whose check digits fit'],
      [['set', 'snacks', 'holder'], 6, 'holder: expected field=value'],
      [['set', 'snacks', 'shoe=42'], 6, 'shoe: expected one of holder,'],
      [['set', 'snacks'], 2, "missing required argument 'field=value'"],
    ] as const;
    const outcomes = await Promise.all(wrong.map(([words]) => tallystick('person', ...words, '--data', data)));
    expect(outcomes.map(({ code }) => code)).toEqual(wrong.map(([, code]) => code));
    for (const [at, [, , sentence]] of wrong.entries()) expect(outcomes[at]?.stderr).toContain(sentence);
    expect(lastJson<Known>(await tallystick('person', 'show', 'snacks', '--json', '--data', data)).particulars).toEqual({});
  }, 180_000);
});
