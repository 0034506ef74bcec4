// The hub audits itself: in another process, while it goes on; a status says how it ended; and books that do not fit stop it, with the row and the two things that disagree.

import { once } from 'node:events';
import type { Readable } from 'node:stream';
import Database from 'better-sqlite3';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { AuditNote } from '../../hub/audit/note.ts';
import { readAuditNote, writeAuditNote } from '../../hub/audit/note.ts';
import { DATABASE_FILE } from '../../hub/database.ts';
import type { RunningCommand } from '../cli/run.ts';
import { lastJson, launch, tallystick } from '../cli/run.ts';
import { freshFolder } from '../hub/fixture.ts';
import { makeBusiness } from './whole-business.ts';

async function hubOn(data: string, ...words: string[]): Promise<RunningCommand> {
  const command = launch(['hub', '--data', data, '--port', '0', '--json', ...words]);
  onTestFinished(() => void command.child.kill('SIGKILL'));
  await once(command.child.stdout as Readable, 'data');
  return command;
}

/** With the database's own rules out of the way, as somebody who means it would. */
function edit(data: string, sql: string): void {
  const db = new Database(join(data, DATABASE_FILE));
  const rules = db.prepare<[], { name: string; sql: string }>(`SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'`).all();
  for (const { name } of rules) db.exec(`DROP TRIGGER "${name}"`);
  expect(db.prepare(sql).run().changes).toBeGreaterThan(0);
  for (const rule of rules) db.exec(rule.sql);
  db.close();
}

async function notedIn(data: string, isIt: (note: AuditNote) => boolean): Promise<AuditNote> {
  for (;;) {
    const note = readAuditNote(data);
    if (note !== undefined && isIt(note)) return note;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

test('it is audited again and again while it runs, and status says when and how', async () => {
  const data = freshFolder();
  makeBusiness(data).close();
  expect((await tallystick('status', '--data', data)).stdout).toContain('not audited yet');
  const { child, outcome } = await hubOn(data, '--audit-every', '1s');
  const first = await notedIn(data, ({ kind }) => kind === 'sound');
  const second = await notedIn(data, ({ startedAtSeconds }) => startedAtSeconds > first.startedAtSeconds);
  expect(second).toMatchObject({ kind: 'sound', checked: { channels: 15 } });
  expect(lastJson(await tallystick('status', '--json', '--data', data))).toMatchObject({ lastAudit: { kind: 'sound' } });
  child.kill('SIGTERM');
  expect((await outcome).code).toBe(0);
}, 120_000);

test('a fault that nothing touches stops it, and is said by row in the log, at the end and in the status', async () => {
  const data = freshFolder();
  makeBusiness(data).close();
  edit(data, `UPDATE account_terms SET credit_micros = credit_micros + 1 WHERE kind = 'post-paid'`);
  const { outcome } = await hubOn(data, '--audit-every', '1s');
  const { code, stderr } = await outcome;
  expect(code).toBe(5);
  expect(stderr).toMatch(/audited: the books do not fit/);
  expect(stderr).toMatch(/stopped, because the books disagree: account_terms .*; see tallystick audit --all/);
  const status = await tallystick('status', '--data', data);
  expect(status).toMatchObject({ code: 5 });
  expect(status.stdout).toMatch(/THE BOOKS DO NOT FIT: account_terms /);
}, 120_000);

test('an audit that does not come to an end stops nothing, and off means none', async () => {
  const data = freshFolder();
  makeBusiness(data).close();
  writeAuditNote(data, { kind: 'broken-off', startedAtSeconds: 1, endedAtSeconds: 2, why: 'the test says so' });
  expect((await tallystick('status', '--data', data)).stdout).toContain('did not come to an end: the test says so');
  const { child, outcome } = await hubOn(data, '--audit-every', 'off');
  await new Promise((resolve) => setTimeout(resolve, 1500));
  expect(readAuditNote(data)?.kind).toBe('broken-off');
  child.kill('SIGTERM');
  expect((await outcome).code).toBe(0);
  expect(await tallystick('hub', '--audit-every', '5', '--data', data)).toMatchObject({ code: 2, stdout: '' });
}, 120_000);
