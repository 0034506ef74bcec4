// Evidence as a user asks for it: of a channel, of an account, under the hub's key, and as a page. Each command as it is typed, beside the running hub.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { freshFolder, payAt, startHub } from '../hub/fixture.ts';
import { tallystick } from './run.ts';

const SLOW_MS = 120_000;

/** Of a hub that runs, with five units that alice owes bob, settled. */
async function settledFolder(): Promise<string> {
  const dataDir = freshFolder();
  const hub = await startHub({ dataDir });
  const payer = await payAt(hub);
  await payer.send(payer.commitment(1));
  await payer.send(payer.payword(1, 5));
  hub.settle({ dryRun: false });
  return dataDir;
}

it(
  'is written and checked, and says what is missing or wrong in one sentence',
  async () => {
    const data = await settledFolder();
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

it(
  'an auditor opens an entry that a file holds, and is told why another opens nothing',
  async () => {
    const data = await settledFolder();
    const [proof, opening] = [join(data, 'alice.json'), join(data, 'entry.json')];
    await tallystick('evidence', '--account', 'alice', '--data', data, '-o', proof);
    const claim = JSON.parse(readFileSync(proof, 'utf8')) as { batches: Array<{ entries: Array<{ entry: number }> }> };
    const entry = claim.batches[0]?.entries[0]?.entry ?? 0;
    expect((await tallystick('evidence', '--open', String(entry), '--data', data, '-o', opening)).code).toBe(0);
    const opened = await tallystick('verify', proof, '--opening', opening);
    expect(opened.code).toBe(0);
    expect(opened.stdout).toContain(`opened: entry ${entry} of the books is the one that the file holds`);
    expect(JSON.parse((await tallystick('verify', proof, '--opening', opening, '--json')).stdout)).toMatchObject({
      kind: 'valid',
    });

    writeFileSync(opening, readFileSync(opening, 'utf8').replace(/"amountMicros": 50000/, '"amountMicros": 50001'));
    const changed = await tallystick('verify', proof, '--opening', opening);
    expect(changed.code).toBe(5);
    expect(changed.stderr).toContain(`opens nothing: entry: the file holds another entry ${entry} than this`);

    const unknown = await tallystick('evidence', '--open', '999', '--data', data);
    expect(unknown.code).toBe(3);
    expect(unknown.stderr).toMatch(/--open: expected an entry of 1 to \d+, got 999/);
    const none = await tallystick('verify', proof, '--opening', proof);
    expect(none.code).toBe(3);
    expect(none.stderr).toContain('format: expected "tallystick opening 1", got "tallystick evidence 3"');
    expect((await tallystick('verify', '--opening', opening)).code).toBe(2);
  },
  SLOW_MS,
);
