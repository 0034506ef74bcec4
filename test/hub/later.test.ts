// Statements compiled at their first use behave as if they had been compiled at once; and all that a store holds are SQL.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { preparedLater } from '../../hub/later.ts';
import { openDatabase } from '../../hub/database.ts';
import { openStore } from '../../hub/store.ts';
import { freshFolder } from './fixture.ts';

const HUB = join(import.meta.dirname, '../../hub');

test('first and later uses, as rows, single values and names, answer as a statement that was compiled at once', () => {
  const db = new Database(':memory:');
  const later = preparedLater(db);
  db.exec('CREATE TABLE one (a INTEGER, b TEXT)');
  const sql = 'SELECT a, b FROM one WHERE a >= ? ORDER BY a';
  const insert = later.prepare('INSERT INTO one VALUES (?, ?)');
  for (let a = 0; a < 3; a++) expect(insert.run(a, `b${a}`).changes).toBe(1);
  const pairs = [
    [later.prepare(sql), db.prepare(sql)],
    [later.prepare(sql).pluck(), db.prepare(sql).pluck()],
    [later.prepare(sql).raw(), db.prepare(sql).raw()],
  ] as const;
  for (const [ours, theirs] of pairs) {
    for (let use = 0; use < 3; use++) {
      expect(ours.get(use)).toEqual(theirs.get(use));
      expect(ours.all(use)).toEqual(theirs.all(use));
      expect([...ours.iterate(use)]).toEqual([...theirs.iterate(use)]);
    }
  }
  expect(() => later.prepare('no SQL').get()).toThrow('syntax error');
  expect(later.transaction(() => insert.run(9, 'in a transaction').changes)()).toBe(1);
});

test('every statement of every room of the store compiles', async () => {
  const dir = freshFolder();
  openStore(dir).close();
  const db = openDatabase(dir, false);
  let rooms = 0;
  for (const file of readdirSync(HUB).filter((name) => /^store-.*\.ts$/.test(name))) {
    const room = (await import(join(HUB, file))) as Record<string, (db: Database.Database, hub: string) => unknown>;
    for (const [name, open] of Object.entries(room)) {
      if (!name.endsWith('Rows')) continue;
      if (name === 'adoptRows') continue; // it does something, and prepares by the way
      expect(() => open(db, 'hub'), `${file} ${name}`).not.toThrow();
      rooms++;
    }
  }
  expect(rooms).toBeGreaterThan(20);
  db.close();
});
