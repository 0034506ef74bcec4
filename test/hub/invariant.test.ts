// A broken invariant stops the hub, with the two numbers, before anything is acknowledged. The hub runs in a process of its own; the fault is a trigger that
// charges one micro too many behind its back.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import type { DeviceConfig } from '../../shared/config.ts';
import { DATABASE_FILE } from '../../hub/database.ts';
import { freshFolder, requestOf } from './fixture.ts';
import { closeOf, connectPayer } from './payer.ts';
import { scriptOf } from './script.ts';

test('books that differ from what was judged end the process', async () => {
  const dataDir = freshFolder();
  const code = await scriptOf(`
    import { pino } from 'pino';
    import { openHub } from './hub/hub.ts';
    const [, , dataDir, request] = process.argv;
    const hub = await openHub({ dataDir, host: '127.0.0.1', port: 0, root: 't', front: 'aedes', log: pino({ level: 'fatal' }, pino.destination(2)) });
    process.stdout.write(JSON.stringify(hub.enrol({ ...JSON.parse(request), port: hub.port })));`);
  const cwd = fileURLToPath(new URL('../..', import.meta.url));
  const child = spawn(process.execPath, ['--input-type=module', '-', dataDir, JSON.stringify(requestOf(1))], { cwd });
  child.stdin.end(code); // too long for an argument
  onTestFinished(() => void child.kill('SIGKILL'));
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const ended = once(child, 'close');
  const [configText] = (await once(child.stdout, 'data')) as [Buffer];
  const payer = await connectPayer(JSON.parse(configText.toString()) as DeviceConfig);
  await payer.send(payer.commitment(1));

  const db = new Database(join(dataDir, DATABASE_FILE));
  db.exec(`CREATE TRIGGER fault AFTER UPDATE OF accepted_units ON channels WHEN NEW.charged_micros = 50000
    BEGIN UPDATE channels SET charged_micros = 50001; END`);
  db.close();
  const closed = closeOf(payer.client);
  let acknowledged = false;
  payer.send(payer.payword(1, 5)).then(
    () => (acknowledged = true),
    () => {},
  );
  expect(await ended).toEqual([1, null]);
  await closed;
  expect(acknowledged).toBe(false);
  expect(said).toContain('expected 5 units and 50000 micros after the commit, got 5 and 50001');
  expect(said).toContain('an invariant is broken; the hub stops');
});
