// `tallystick audit` and `tallystick checkpoint export`, as a user runs them: exit codes, sentences, and books that a hub writes to meanwhile.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { DATABASE_FILE } from '../../hub/database.ts';
import { lastJson, tallystick } from '../cli/run.ts';
import { freshFolder, payAt, startHub } from '../hub/fixture.ts';
import { makeBusiness } from './whole-business.ts';

test('sound books, then an edited row, then a checkpoint that says more', async () => {
  const data = freshFolder();
  const business = makeBusiness(data);
  const channels = business.channels.accounts().length;
  business.close();
  const file = join(freshFolder(), 'checkpoint.json');
  expect(await tallystick('checkpoint', 'export', '--data', data, '-o', file)).toMatchObject({ code: 0, stdout: '', stderr: '' });
  expect(readFileSync(file, 'utf8')).toMatch(/^\{"format":"tallystick checkpoint 1".*\}\n$/);
  const sound = await tallystick('audit', '--data', data, '--checkpoint', file, '--checkpoint', file);
  expect(sound).toMatchObject({ code: 0, stderr: '' });
  expect(sound.stdout).toMatch(new RegExp(`channels\\s+│\\s+${channels} `));
  expect(sound.stdout).toContain('the books are sound');

  const db = new Database(join(data, DATABASE_FILE));
  const device = db.prepare<[], string>('SELECT device FROM devices ORDER BY device LIMIT 1').pluck().get() ?? '';
  db.prepare('UPDATE devices SET credit_micros = credit_micros + 1 WHERE device = ?').run(device);
  db.close();
  const edited = await tallystick('audit', '--data', data);
  expect(edited).toMatchObject({ code: 5, stdout: '' });
  expect(edited.stderr).toMatch(
    new RegExp(`^tallystick: the books do not fit: devices ${device}: it is not what record \\d+ says was written\n$`),
  );
  const asJson = await tallystick('audit', '--data', data, '--json', '--all');
  expect(asJson.code).toBe(5);
  expect(lastJson(asJson)).toMatchObject({
    sound: false,
    faults: [{ table: 'devices', row: device }],
    checked: { channels },
  });
}, 120_000);

test('what is no checkpoint of this hub is refused by name', async () => {
  const [data, other] = [freshFolder(), freshFolder()];
  makeBusiness(data).close();
  makeBusiness(other).close();
  const file = join(freshFolder(), 'checkpoint.json');
  await tallystick('checkpoint', 'export', '--data', other, '-o', file);
  const foreign = await tallystick('audit', '--data', data, '--checkpoint', file);
  expect(foreign.code).toBe(3);
  expect(foreign.stderr).toContain(`${file}: expected a checkpoint of hub`);
  writeFileSync(file, '{"format":"tallystick checkpoint 1"}');
  const poor = await tallystick('audit', '--data', data, '--checkpoint', file);
  expect(poor).toMatchObject({ code: 3, stderr: expect.stringContaining(`${file}: hub: `) as string });
  expect((await tallystick('audit', '--data', join(other, 'nothing'))).code).toBe(3);
}, 120_000);

test('a hub that runs, with paywords that are only in its journal', async () => {
  const hub = await startHub({ claimEveryMs: 200 });
  const payer = await payAt(hub);
  await payer.send(payer.commitment(1));
  let units = 0;
  let isAudited = false;
  const audits = tallystick('audit', '--data', hub.store.dataDir, '--json').finally(() => (isAudited = true));
  while (!isAudited && units < 900) await payer.send(payer.payword(1, ++units));
  expect(await audits).toMatchObject({ code: 0 });
  await payer.send(payer.payword(1, units + 1));
  expect((await tallystick('audit', '--data', hub.store.dataDir)).code).toBe(0);
}, 120_000);
