// The build: one printable ASCII file, and refusals that name the place in the sources.

import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { buildFile, buildFirmware, BuildRefused } from '../../device/build/build.ts';
import { settingsFile } from '../../device/build/config-file.ts';
import { withReadableNames, withShortNames } from '../../device/build/names.ts';
import { tokenised } from '../../device/build/tokens.ts';
import type { Settings } from '../../device/settings.ts';
import { readSettings, settingsOf } from '../../device/settings.ts';
import { exampleConfig } from './stand-in-hub.ts';

async function refusalOf(source: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'tallystick-build-'));
  const entry = join(folder, 'source.ts');
  writeFileSync(entry, source);
  try {
    await buildFile(entry, {});
    return 'built';
  } catch (error) {
    if (!(error instanceof BuildRefused)) throw error;
    return error.findings.map((one) => `${one.file.split('/').at(-1)}:${one.line}: ${one.sentence}`).join('\n');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('the firmware file', () => {
  test('is one printable ASCII program without secrets, and the same in tokens', async () => {
    const file = await buildFirmware('generic');
    expect(file.text).toMatch(/^[\n\x20-\x7e]+$/);
    expect(file.text).not.toMatch(/\bimport\b|\bexport\b/);
    expect(file.bytes).toBe(file.code.length);
    expect(file.bytes).toBeLessThan(file.text.length);
    expect((await buildFirmware('generic')).code).toBe(file.code);
  }, 120_000);

  test('asks the settings by the names that their file gives them', async () => {
    const config = withShortNames({
      ...exampleConfig(1883, { wifi: { ssid: 's', password: 'p', sntp: 'time.example' }, tls: '' }),
      meter: { kind: 'pulse', pin: 'D4', unitsPerPulse: 1, debounceMs: 20 },
    });
    const { text } = await buildFirmware('generic');
    for (const name of ['wf', 'ssid', 'password', 'sntp', 'tls', 'host', 'port', 'me', 'k', 'pin', 'upp', 'db']) {
      expect(text, name).toMatch(new RegExp(`\\.${name}\\b`));
      expect(JSON.stringify(config), name).toContain(`"${name}":`);
    }
  }, 120_000);
});

describe('the file of settings', () => {
  const sha256 = (data: string): string => createHash('sha256').update(data, 'latin1').digest().toString('latin1');
  const config = exampleConfig(1883, { wifi: { ssid: 'caf\u00e9', password: 'p' } });

  test('is read back as what was configured, with texts as byte strings', () => {
    const read = withReadableNames(readSettings({ sha256 }, settingsFile(config))) as Settings;
    expect(read).toEqual(JSON.parse(JSON.stringify(settingsOf({ ...config, wifi: { ssid: 'caf\xc3\xa9', password: 'p' } }))));
  });

  test('is refused when a byte is wrong, missing or too much', () => {
    const file = settingsFile(config);
    for (const damaged of [file.slice(1), file.slice(0, -1), file + ' ', file.slice(0, 40) + 'x' + file.slice(41), '']) {
      expect(readSettings({ sha256 }, damaged)).toBeUndefined();
    }
  });
});

describe('tokens', () => {
  test.each([
    ['if(a===void 0)return', '\xa3(a\x8b\xb7)\xab'],
    ['let a="x\\n",b=1000', '\xada=\xd1\x02x\n,b=\xd5\xe8\x03'],
    ['a=127+128+255+32767+32768', 'a=\xd4\x7f+128+255+\xd5\xff\x7f+32768'],
    ['a=>a in b', 'a\xa2a\xb9b'],
  ])('%s', (code, tokens) => {
    expect(tokenised(code)).toBe(tokens);
  });
});

describe('refusals', () => {
  test('what esbuild refuses, with its place', async () => {
    expect(await refusalOf('const a = 1;\nconst { b } = { b: a };\nconsole.log(b);')).toMatch(/^source\.ts:2: .*destructuring/);
    expect(await refusalOf('async function f() { await 1; }\nf();')).toMatch(/async/);
  });

  test('what the gate refuses, with its place in the source and not in the bundle', async () => {
    const source =
      'interface Gone {\n  a: number;\n}\nconst g: Gone = { a: 2 };\nlater(g.a);\nfunction later(n: number): void {\n  console.log(n);\n}\n';
    expect(await refusalOf(source)).toBe(
      'source.ts:5: Espruino cannot run later before the statement that makes it has run; declare it earlier',
    );
  });

  test('what cannot be resolved', async () => {
    expect(await refusalOf("import { x } from './absent.ts';\nconsole.log(x);")).toMatch(/source\.ts:1: Could not resolve/);
  });
});
