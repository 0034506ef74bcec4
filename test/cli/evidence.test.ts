// Evidence as a user asks for it: of a channel, of an account, under the hub's key, and as a page. Each command as it is typed, beside the running hub.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { freshFolder, payAt, startHub } from '../hub/fixture.ts';
import { tallystick } from './run.ts';

const SLOW_MS = 120_000;

it(
  'is written and checked, and says what is missing or wrong in one sentence',
  async () => {
    const data = freshFolder();
    const hub = await startHub({ dataDir: data });
    const payer = await payAt(hub);
    await payer.send(payer.commitment(1));
    await payer.send(payer.payword(1, 5));
    hub.settle({ dryRun: false });
    const file = join(data, 'alice.json');
    expect((await tallystick('evidence', '--account', 'alice', '--data', data, '-o', file)).code).toBe(0);
    const key = (await tallystick('evidence', '--key', '--data', data)).stdout.trim();
    expect(key).toMatch(/^[0-9a-f]{64}$/);

    const doubted = await tallystick('verify', file);
    expect(doubted.code).toBe(0);
    expect(doubted.stdout).toContain('alice owes bob 5 vend, 0.05 EUR, of which 0.05 EUR are settled');
    expect(doubted.stderr).toContain("NOBODY HAS VOUCHED FOR THE HUB'S KEY");
    const vouched = await tallystick('verify', file, '--hub-key', key, '--json');
    expect(JSON.parse(vouched.stdout)).toMatchObject({ kind: 'valid', vouched: true, account: 'alice' });
    expect(vouched.stderr).toBe('');

    writeFileSync(file, readFileSync(file, 'utf8').replace('"units":5', '"units":6'));
    const bad = await tallystick('verify', file, '--hub-key', key);
    expect(bad.code).toBe(5);
    expect(bad.stderr).toContain('proves nothing: channels.0.units: the voucher is for 5, got 6');

    expect((await tallystick('evidence', '--account', 'nobody', '--data', data)).code).toBe(3);
    expect((await tallystick('evidence', '--data', data)).code).toBe(2);
    expect((await tallystick('verify')).code).toBe(2);
    expect((await tallystick('verify', file, '--hub-key', 'abc')).code).toBe(3);
    const page = await tallystick('verify', '--page');
    expect(page.code).toBe(0);
    expect(page.stdout).toContain("default-src 'none'; script-src 'sha256-");
  },
  SLOW_MS,
);
