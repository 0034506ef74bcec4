// The build: one printable ASCII file, and refusals that name the place in the sources.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { buildFile, buildFirmware, BuildRefused } from '../../device/build/build.ts';
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
  test('is one printable ASCII file that carries the configuration as byte strings', async () => {
    const wifi = { ssid: 'caf\u00e9', password: 'p' };
    const file = await buildFirmware(exampleConfig(1883, { wifi }));
    expect(file.code).toMatch(/^[\n\x20-\x7e]+$/);
    expect(file.bytes).toBe(file.code.length);
    expect(file.code).toContain('"caf\\xC3\\xA9"');
    expect(file.code).not.toMatch(/\bimport\b|\bexport\b/);
  });

  test('the same configuration gives the same file', async () => {
    const [one, other] = await Promise.all([buildFirmware(exampleConfig(1)), buildFirmware(exampleConfig(1))]);
    expect(one.code).toBe(other.code);
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
