// `tallystick rails` and `tallystick deliveries`, as a user runs them.

import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { stringify } from 'yaml';
import { faultyServer } from '../rails/faulty-server.ts';
import { webhookReceiver } from '../rails/webhook-receiver.ts';
import { openStore } from '../../hub/store.ts';
import { openChannel } from '../settle/owing.ts';
import { freshFolder, lastJson, tallystick } from './run.ts';

const SECRET = `whsec_${Buffer.from('a secret of twenty-four!').toString('base64')}`;

function configured(url: string): string {
  const folder = freshFolder();
  const path = join(folder, 'rails.yaml');
  writeFileSync(
    path,
    stringify({ webhook: { url, secrets: [SECRET], currencies: ['EUR'], allow: ['127.0.0.1'], timeoutMs: 5000 } }),
  );
  chmodSync(path, 0o600);
  return folder;
}

/** Each command is a process of its own, on a machine that may be busy. */
vi.setConfig({ testTimeout: 120_000 });

describe('tallystick rails', () => {
  it('lists what is configured with its fees, and checks whether it is there', async () => {
    const door = await faultyServer(webhookReceiver(SECRET));
    const folder = configured(`${door.url}/`);
    const [listed, checked] = await Promise.all([
      tallystick('rails', 'list', '--data', folder, '--json'),
      tallystick('rails', 'check', '--data', folder),
    ]);
    expect(lastJson(listed)).toMatchObject([
      { rail: 'webhook', currency: 'EUR', unitMicros: 10_000, feeMicros: { 1: 0, 10: 0, 100: 0 }, reachable: null },
    ]);
    expect(checked).toMatchObject({ code: 0, stdout: expect.stringMatching(/webhook: 127\.0\.0\.1:\d+ answers/) as string });
    expect(checked.stdout).not.toContain('\u001b'); // no colours in a pipe
    await door.close();
    const gone = await tallystick('rails', 'check', '--data', folder);
    expect(gone).toMatchObject({ code: 4, stderr: expect.stringMatching(/no good answer from webhook/) as string });
    expect(listed.stdout + checked.stdout + gone.stdout + gone.stderr).not.toContain(SECRET);
  });

  it('ends with one sentence where the file does not hold', async () => {
    const folder = configured('http://10.0.0.1/');
    expect(await tallystick('rails', 'list', '--data', folder)).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/^tallystick: rails.yaml: webhook.url: expected https[^\n]*\n$/) as string,
    });
  });

  it('says that nothing is configured', async () => {
    expect((await tallystick('rails', 'list', '--data', freshFolder())).stdout).toMatch(/^no rails are configured/);
  });
});

describe('a payee who is routed to a rail that is configured', () => {
  it('is paid by `tallystick settle`, once, and the books say so', async () => {
    const receiver = webhookReceiver(SECRET);
    const door = await faultyServer(receiver);
    const folder = configured(`${door.url}/`);
    const store = openStore(folder);
    openChannel(store, 'one', { payer: 'alice', payee: 'bob', currency: 'EUR', priceMicros: 12_300 }).accept(100, 1);
    store.close();
    const run = (...words: string[]): ReturnType<typeof tallystick> => tallystick(...words, '--data', folder);
    expect(await run('person', 'set', 'bob', 'webhookReceiver=creditor 7')).toMatchObject({ code: 0 });
    expect(await run('settle', 'route', 'bob', '--rail', 'webhook')).toMatchObject({ code: 0 });
    receiver.instead.push({ status: 503, body: '' });
    expect((await run('settle')).code).toBe(0);
    const [delivery] = lastJson<{ payout: string; state: string; said: string }[]>(await run('deliveries', 'list', '--json'));
    expect(delivery).toMatchObject({ state: 'waiting', said: '503' });
    expect(await run('deliveries', 'replay', delivery?.payout ?? '')).toMatchObject({ code: 0 });
    expect((await run('settle')).code).toBe(0);
    expect(receiver.moved).toEqual([{ direction: 'pay', address: 'creditor 7', currency: 'EUR', amountMicros: 1_230_000 }]);
    expect((await run('settle', 'status')).stdout).toMatch(/bob.*1\.23 EUR.*settled/);
    expect(await run('status')).toMatchObject({ code: 0 });
    await door.close();
  });
});

describe('tallystick deliveries', () => {
  it('lists none where none were made, and replays only what there is', async () => {
    const folder = freshFolder();
    openStore(folder).close();
    expect((await tallystick('deliveries', 'list', '--data', folder)).stdout).toBe('no deliveries\n');
    expect(lastJson(await tallystick('deliveries', 'replay', '--all', '--json', '--data', folder))).toEqual({ replayed: [] });
    expect(await tallystick('deliveries', 'replay', 'f'.repeat(32), '--data', folder)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^tallystick: payouts: expected/) as string,
    });
    expect(await tallystick('deliveries', 'replay', '--data', folder)).toMatchObject({ code: 2 });
  });
});
