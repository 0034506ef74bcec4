// The page, in a real browser from a file: no network, no server. It is the same check as the command's, and says the same of the same files. Where no Chromium is found, that is said and these are skipped.

import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifyPage } from '../../cli/verify-page.ts';
import type { SettledWorld } from './settled-world.ts';
import { settledWorld } from './settled-world.ts';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/usr/bin/google-chrome-stable'];
const CHROMIUM = process.env['CHROMIUM'] ?? PLACES.find((path) => existsSync(path));
const SLOW_MS = 60_000;

if (CHROMIUM === undefined) process.stderr.write(`SKIPPED: the page in a browser. Found no Chromium; name one in CHROMIUM\n`);

describe.skipIf(CHROMIUM === undefined)('the page in Chromium', () => {
  let world: SettledWorld;
  let browser: Browser;
  let page: Page;
  const folder = mkdtempSync(join(tmpdir(), 'tallystick-page-'));
  const asked: string[] = [];
  const complaints: string[] = [];

  beforeAll(async () => {
    world = await settledWorld();
    const path = join(folder, 'verify.html');
    writeFileSync(path, await verifyPage());
    browser = await chromium.launch({ executablePath: CHROMIUM as string, args: ['--no-sandbox'] });
    const context = await browser.newContext({ offline: true });
    page = await context.newPage();
    page.setDefaultTimeout(10_000);
    page.on('request', (request) => asked.push(request.url()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => complaints.push(message.text()));
    await page.goto(pathToFileURL(path).href);
  }, SLOW_MS);

  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function choose(name: string, content: unknown): Promise<void> {
    const text = typeof content === 'string' ? content : JSON.stringify(content);
    await page.setInputFiles('#chosen', { name, mimeType: 'application/json', buffer: Buffer.from(text) });
    await page.waitForSelector(`#answer .verdict:has-text("${name}")`);
  }

  const answer = (): Promise<string> => page.innerText('#answer');

  test(
    'shows who owes what to whom, with every check ticked but the key that nobody gave',
    async () => {
      await choose('evidence.json', world.payword);
      const said = await answer();
      expect(said).toContain('evidence.json is valid.');
      expect(said).toContain("Nobody has vouched for the hub's key.");
      expect(said).toMatch(/alice\s+bob\s+33 vend\s+0\.33 EUR\s+0\.33 EUR/);
      expect(await page.locator('li.yes').count()).toBe(13);
      expect(await page.locator('li.left').innerText()).toContain('no key was given');
    },
    SLOW_MS,
  );

  test(
    "with the hub's key, all checks are ticked; with another, it says so",
    async () => {
      await page.fill('#key', world.payword.hub.publicKey);
      await page.waitForSelector('li.yes:nth-child(14)');
      expect(await answer()).not.toContain('Nobody has vouched');
      await page.fill('#key', world.other.config.publicKey);
      await page.waitForSelector('.verdict.bad');
      expect(await answer()).toContain("hub.publicKey: expected the hub's key");
      await page.fill('#key', 'abc');
      expect(await page.innerText('#key-note')).toContain('64 hex digits');
      await page.fill('#key', '');
    },
    SLOW_MS,
  );

  test(
    'says why a changed file proves nothing, and marks the check',
    async () => {
      const channels = world.payword.channels.map((channel) => ({ ...channel, amountMicros: channel.amountMicros + 1 }));
      await choose('changed.json', { ...world.payword, channels });
      expect(await answer()).toContain('changed.json proves nothing.');
      expect(await page.locator('li.no').innerText()).toContain('channels.0.amountMicros: 33 units cost 330000 under the tariff');
      expect(await page.locator('li.yes').count()).toBe(8);
    },
    SLOW_MS,
  );

  test(
    'a bundle, and text that would be markup elsewhere',
    async () => {
      await choose('bundle.json', world.bundle);
      expect(await page.locator('.channels tbody tr').count()).toBe(9);
      expect(await page.innerText('.totals tbody')).toMatch(/^alice\s+bob\s+9\s+1\.35 EUR\s+1\.35 EUR\s+0\.00 EUR\s*$/);
      await choose('<img src=x onerror=alert(1)>.json', '{"format": "<b>no</b>"}');
      expect(await page.locator('#answer img, #answer b').count()).toBe(0);
      await page.fill('#pasted', 'not JSON');
      await page.waitForSelector('#answer .verdict:has-text("expected JSON")');
    },
    SLOW_MS,
  );

  test('asked for nothing but itself, and had nothing to complain of', () => {
    expect(asked.filter((url) => !url.startsWith('file:'))).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test(
    'what it looks like',
    async () => {
      const shots = process.env['SCREENSHOTS'];
      if (shots === undefined) return;
      await page.setViewportSize({ width: 1000, height: 1300 });
      await choose('evidence.json', world.bundle);
      await page.screenshot({ path: join(shots, 'light.png'), fullPage: true });
      await page.emulateMedia({ colorScheme: 'dark' });
      await choose('changed.json', { ...world.payword, writtenAtSeconds: 1 });
      await page.screenshot({ path: join(shots, 'dark.png'), fullPage: true });
      await page.setViewportSize({ width: 390, height: 844 });
      await choose('evidence.json', world.payword);
      await page.screenshot({ path: join(shots, 'phone.png'), fullPage: true });
    },
    SLOW_MS,
  );
});
