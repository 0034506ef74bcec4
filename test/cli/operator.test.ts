// The operator's commands against one data folder: enrol, list, revoke, simulate, settle, evidence, verify, status. Each as a user types it.

import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RunReport } from '../../simulator/report.ts';
import { selfSigned } from '../hub/certificate.ts';
import { freshFolder, lastJson, launch, tallystick } from './run.ts';

const SLOW_MS = 60_000;
const ADD = ['device', 'add', '--profile', 'vending', '--label', 'lobby', '--payer', 'acme', '--payee', 'snacks', '--json'];

interface Added {
  readonly device: string;
  readonly file: string;
}

interface Verdict {
  readonly kind: string;
  readonly units: number;
  readonly amountMicros: number;
}

describe('devices', () => {
  it('are enrolled, listed and revoked; the configuration is for its owner only', async () => {
    const data = freshFolder();
    const added = lastJson<Added>(await tallystick(...ADD, '--data', data));
    expect(added.device).toMatch(/^[\w-]{11}$/);
    expect(statSync(added.file).mode & 0o077).toBe(0);
    expect((await tallystick('device', 'list', '--data', data)).stdout).toContain('acme -> snacks');
    expect((await tallystick('device', 'revoke', added.device, '--data', data)).code).toBe(0);
    const listed = lastJson<{ revoked: boolean }[]>(await tallystick('device', 'list', '--data', data, '--json'));
    expect(listed.map((row) => row.revoked)).toEqual([true]);
  });

  it('reach the hub through TLS and learn the time', async () => {
    const data = freshFolder();
    const { cert } = selfSigned();
    writeFileSync(join(data, 'ca.pem'), cert);
    const link = [
      '--tls',
      '--ca',
      join(data, 'ca.pem'),
      '--hub-host',
      '192.168.1.10',
      '--wifi-ssid',
      'cellar',
      '--wifi-password',
      'p',
      '--sntp',
      'time.example',
    ];
    const added = lastJson<Added>(await tallystick(...ADD, ...link, '--data', data));
    expect(JSON.parse(readFileSync(added.file, 'utf8'))).toMatchObject({
      config: {
        port: 8883,
        tls: cert.replace(/-----[^-]+-----|\s/g, ''),
        wifi: { ssid: 'cellar', password: 'p', sntp: 'time.example' },
      },
    });
    const built = join(data, 'board.js');
    expect((await tallystick('device', 'build', added.device, '--data', data, '-o', built)).code).toBe(0);
  });

  it('are prepaid and topped up; a post-paid one is not', async () => {
    const data = freshFolder();
    const wiring = ['--meter', 'vend:D4:D18:D19', '--output', 'D27:low', '--prepaid', '3', '--low-balance', '1'];
    const prepaid = lastJson<Added>(await tallystick(...ADD, ...wiring, '--data', data));
    expect(JSON.parse(readFileSync(prepaid.file, 'utf8'))).toMatchObject({
      config: {
        prepaid: true,
        lowBalanceUnits: 1,
        output: { pin: 'D27', activeLow: true },
        meter: { kind: 'vend', requestPin: 'D4', successPin: 'D18', failurePin: 'D19', timeoutMs: 30_000 },
      },
    });
    const raised = await tallystick('device', 'topup', prepaid.device, '--units', '5', '--data', data, '--json');
    expect(lastJson(raised)).toEqual({ device: prepaid.device, ceilingUnits: 8 });
    for (const said of ['may meter', 'may already meter']) {
      const topped = await tallystick('device', 'topup', prepaid.device, '--to', '9', '--data', data);
      expect(topped.stdout).toBe(`${prepaid.device} ${said} 9 units in all\n`);
    }
    expect((await tallystick('device', 'list', '--data', data)).stdout).toContain(', 9 vend left');
    const built = join(data, 'board.js');
    expect((await tallystick('device', 'build', prepaid.device, '--data', data, '-o', built)).code).toBe(0);
    const packed = [...readFileSync(built, 'utf8').matchAll(/atob\("([^"]*)"\)/g)].map((one) =>
      Buffer.from(one[1] ?? '', 'base64'),
    );
    expect(packed.some((bytes) => bytes.includes('vend denied'))).toBe(true);
    const postpaid = lastJson<Added>(await tallystick(...ADD, '--data', data));
    const refused = await tallystick('device', 'topup', postpaid.device, '--units', '5', '--data', data);
    expect([refused.code, refused.stderr]).toEqual([6, expect.stringContaining('is post-paid')]);
  });

  it.each([
    ['an unknown device', ['device', 'revoke', 'AAAAAAAAAAA'], 3],
    ['no device id', ['device', 'build', 'nonsense'], 2],
    ['a device of another machine', ['device', 'build', 'AAAAAAAAAAA'], 3],
    ['a chain of no links', [...ADD, '--chain', '0'], 2],
    ['a certificate without TLS', [...ADD, '--ca', 'none.pem'], 2],
    ['a certificate that is none', [...ADD, '--tls', '--ca', 'package.json'], 3],
    ['a time server without Wi-Fi', [...ADD, '--sntp', 'pool.ntp.org'], 2],
    ['a board on Wi-Fi that would look for the hub in itself', [...ADD, '--wifi-ssid', 'cellar'], 2],
    ['a bad meter', [...ADD, '--meter', 'wheel'], 2],
    ['a vend meter without pins', [...ADD, '--meter', 'vend:D4'], 2],
    ['a bad output', [...ADD, '--output', 'D27:soft'], 2],
    ['a vend meter with nothing to approve', [...ADD, '--meter', 'vend:D4:D18'], 6],
    ['one pin for two things', [...ADD, '--meter', 'pulse:D4', '--output', 'D4'], 6],
    ['a top-up of a device that is not enrolled', ['device', 'topup', 'AAAAAAAAAAA', '--units', '5'], 6],
    ['a top-up of nothing', ['device', 'topup', 'AAAAAAAAAAA', '--units', '0'], 2],
    ['a top-up by and to', ['device', 'topup', 'AAAAAAAAAAA', '--units', '5', '--to', '5'], 2],
    ['a certificate without its key', ['hub', '--port', '0', '--tls-cert', 'none.pem'], 2],
    ['a certificate that is not there', ['hub', '--port', '0', '--tls-cert', 'none.pem', '--tls-key', 'none.pem'], 3],
    ['a bad price', [...ADD, '--price', '-1'], 2],
    ['a currency that is none', [...ADD, '--currency', 'euro'], 6],
    ['a fleet for a hub that is not there', ['simulate', '--hub', 'mqtt://127.0.0.1:1', '--for', '1h'], 4],
    ['a folder for the hub where none can be made', ['hub', '--port', '0', '--data', '/proc/none'], 3],
    ['an unknown profile', ['device', 'add', '--profile', 'toaster'], 2],
  ])('%s is refused with one sentence and its exit code', async (_what, words, code) => {
    const outcome = await tallystick(...(words.includes('--data') ? words : [...words, '--data', freshFolder()]));
    expect(outcome.code).toBe(code);
    expect(outcome.stderr).toMatch(/^(error|tallystick): /);
    expect(outcome.stderr).not.toMatch(/\n\s+at /);
  });
});

describe('a fleet, its books and its evidence', () => {
  it(
    'a simulated fleet pays a running hub; what it settled can be proven offline',
    async () => {
      const data = freshFolder();
      const hub = launch(['hub', '--data', data, '--port', '0', '--json']);
      const ready = await new Promise<{ port: number }>((resolve) =>
        hub.child.stdout?.once('data', (chunk: Buffer) => resolve(JSON.parse(chunk.toString()) as { port: number })),
      );
      const url = `mqtt://127.0.0.1:${ready.port}`;
      const words = ['simulate', '--devices', '3', '--for', '3s', '--speed', '300', '--seed', '5', '--json'];
      const run = await tallystick(...words, '--hub', url, '--data', data);
      expect(run.code).toBe(0);
      const report = lastJson<RunReport>(run);
      expect(report.units.settled).toBe(report.units.metered);
      hub.child.kill('SIGTERM');
      expect((await hub.outcome).code).toBe(0);

      const line = report.batches.flatMap((batch) => batch.lines)[0];
      if (line === undefined) throw new Error('expected at least one settled line');
      const file = join(data, 'evidence.json');
      expect((await tallystick('evidence', line.channel, '--data', data, '-o', file)).code).toBe(0);
      const good = await tallystick('verify', file, '--json');
      expect(good.code).toBe(0);
      expect(lastJson<Verdict>(good).kind).toBe('valid');

      const forged = readFileSync(file, 'utf8').replace(/"([0-9a-f]{40})([0-9a-f])/, (_all, head: string, digit: string) => {
        return `"${head}${digit === '0' ? '1' : '0'}`;
      });
      writeFileSync(file, forged);
      const bad = await tallystick('verify', file);
      expect(bad.code).toBe(5);
      expect(bad.stderr).toMatch(/proves nothing: ./);

      const status = await tallystick('status', '--data', data, '--json');
      expect(status.code).toBe(0);
      expect(lastJson<{ balanced: boolean }>(status).balanced).toBe(true);
      const nothing = await tallystick('settle', '--data', data, '--json');
      expect(lastJson<{ batch: unknown }>(nothing).batch).toBeNull();
    },
    SLOW_MS,
  );

  it('a file that is no evidence is refused, not crashed on', async () => {
    const file = join(freshFolder(), 'x.json');
    writeFileSync(file, '{"kind":');
    expect((await tallystick('verify', file)).code).toBe(3);
    writeFileSync(file, '[]');
    expect((await tallystick('verify', file)).code).toBe(5);
  });

  it('status of an empty folder says what to do', async () => {
    const outcome = await tallystick('status', '--data', freshFolder());
    expect(outcome.code).toBe(3);
    expect(outcome.stderr).toMatch(/start a hub/);
  });
});

describe('help', () => {
  it.each([
    [],
    ['start'],
    ['hub'],
    ['device'],
    ['device', 'add'],
    ['device', 'build'],
    ['simulate'],
    ['settle'],
    ['evidence'],
    ['verify'],
    ['status'],
    ['device', 'flash'],
    ['device', 'monitor'],
    ['device', 'topup'],
    ['device', 'bench'],
  ])('tallystick %s %s --help answers with 0', async (...words: string[]) => {
    const outcome = await tallystick(...words, '--help');
    expect(outcome.code).toBe(0);
    expect(outcome.stdout).toMatch(/Usage: tallystick/);
  });
});
