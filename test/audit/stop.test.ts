// Books that somebody has changed behind the hub's back stop it: the real process, with the row, the two numbers and an exit code. What it had acknowledged stays, and nothing else is taken.

import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { enrol } from '../../hub/enrol.ts';
import { DATABASE_FILE } from '../../hub/database.ts';
import { openStore } from '../../hub/store.ts';
import type { Outcome, RunningCommand } from '../cli/run.ts';
import { launch } from '../cli/run.ts';
import { freshFolder, requestOf } from '../hub/fixture.ts';
import type { ConnectedPayer } from '../hub/payer.ts';
import { closeOf, connectPayer } from '../hub/payer.ts';

interface Running {
  readonly data: string;
  readonly command: RunningCommand;
  readonly payer: ConnectedPayer;
}

async function runningHub(): Promise<Running> {
  const data = freshFolder();
  const command = launch(['hub', '--data', data, '--port', '0', '--json', '--log-level', 'silent']);
  onTestFinished(() => void command.child.kill('SIGKILL'));
  const [ready] = (await once(command.child.stdout as Readable, 'data')) as [Buffer];
  const { port } = JSON.parse(ready.toString()) as { port: number };
  const store = openStore(data);
  const config = enrol(store, requestOf(port));
  store.close();
  const payer = await connectPayer(config);
  onTestFinished(() => payer.end().catch(() => {}));
  await payer.send(payer.commitment(1));
  return { data, command, payer };
}

/** With the database's own rules out of the way, as somebody who means it would. */
function edit({ data }: Running, sql: string): void {
  const db = new Database(join(data, DATABASE_FILE), { timeout: 5000 });
  try {
    const triggers = db
      .prepare<[], { name: string; sql: string }>(`SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'`)
      .all();
    const work = db.transaction(() => {
      for (const { name } of triggers) db.exec(`DROP TRIGGER "${name}"`);
      db.exec(sql);
      for (const trigger of triggers) db.exec(trigger.sql);
    });
    work.immediate();
  } finally {
    db.close();
  }
}

/** Claims are drawn every five seconds. */
async function claimed({ data }: Running, units: number): Promise<void> {
  const db = new Database(join(data, DATABASE_FILE), { readonly: true });
  const sum = db.prepare<[], number>('SELECT sum(claimed_units) FROM channels').pluck();
  while (sum.get() !== units) await new Promise((resolve) => setTimeout(resolve, 50));
  db.close();
}

async function stoppedBy(sql: string): Promise<Outcome> {
  const running = await runningHub();
  const { payer, command } = running;
  await payer.send(payer.payword(1, 30));
  await claimed(running, 30);
  edit(running, sql);
  const closed = closeOf(payer.client);
  void payer.send(payer.payword(1, 31)).catch(() => {}); // durable in the journal, and perhaps acknowledged
  const outcome = await command.outcome;
  await closed;
  return outcome;
}

const CASES = [
  {
    sql: 'UPDATE channels SET claimed_micros = claimed_micros - 1',
    says: /channel [\w-]{11}\/1: 30 claimed units cost 300000 micros, the books say 299999/,
  },
  {
    sql: 'UPDATE channels SET charged_micros = charged_micros + 9000000',
    says: /channel [\w-]{11}\/1: its device has proven 31 units that cost 310000 micros, the row says 9300000 already/,
  },
  {
    sql: 'UPDATE postings SET amount_micros = amount_micros + 1 WHERE amount_micros > 0',
    says: /entry 1: expected postings that sum to 0 EUR micros, got 1/,
  },
  {
    sql: 'UPDATE postings SET amount_micros = amount_micros * 2',
    says: /entry 1: expected the hash [0-9a-f]{64} over its postings and the entry before, got [0-9a-f]{64}/,
  },
];

test('each of these stops the hub at the next thing that touches it', { timeout: 60_000 }, async () => {
  const outcomes = await Promise.all(CASES.map(({ sql }) => stoppedBy(sql)));
  for (const [i, { code, stderr }] of outcomes.entries()) {
    expect(stderr).toMatch(CASES[i]?.says ?? /nothing/);
    expect(stderr).toContain('tallystick: stopped, because the books disagree: ');
    expect(code).toBe(5);
  }
});
