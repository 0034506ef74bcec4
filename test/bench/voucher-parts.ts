// What a voucher in virtual time cannot do without, by itself: its hashes, and its share of a row of the database that is raised and read back. In: nothing. Out: CPU time for each. It is the limit that
// `bench:simulate` sets its figures beside: no firmware, no network, no journal, no judge, no auditor.

import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { sha256 } from '../../hub/proofs.ts';

/** Counted in a run of the steady month: of links, tags and the board's records, the hub's and the auditor's own. */
const HASHES = 9;
const HASHED_BYTES = 48;
const VOUCHERS = 100_000;
/** The hub folds its journal every ten minutes, and a board of the month pays every minute. */
const VOUCHERS_A_ROW = 10;
const ROWS_A_COMMIT = 100;
/** Where worlds have their disks, too. */
const MEMORY = '/dev/shm';

/** Microseconds of CPU time a voucher. */
export function partsOfVoucherUs(): number {
  hashesOf(VOUCHERS / 10); // what the compiler learns is not the voucher's
  const hashing = cpuUsOf(() => hashesOf(VOUCHERS));
  return (hashing + rowsOf(VOUCHERS / VOUCHERS_A_ROW)) / VOUCHERS;
}

function hashesOf(vouchers: number): void {
  let text = 'x'.repeat(HASHED_BYTES);
  for (let i = 0; i < vouchers * HASHES; i++) text = text.substring(0, HASHED_BYTES - 32) + sha256(text);
}

function rowsOf(raises: number): number {
  const folder = mkdtempSync(join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'tallystick-parts-'));
  const db = new Database(join(folder, 'rows.db'));
  try {
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = OFF'); // virtual time loses what it wants to lose by itself
    db.exec('CREATE TABLE rows (name TEXT PRIMARY KEY, units INTEGER, link BLOB) WITHOUT ROWID');
    const add = db.prepare('INSERT INTO rows VALUES (?, 0, ?)');
    for (let i = 0; i < ROWS_A_COMMIT; i++) add.run(`board ${i}`, Buffer.alloc(16));
    const raise = db.prepare('UPDATE rows SET units = ?, link = ? WHERE name = ? AND units < ?');
    const read = db.prepare('SELECT units, link FROM rows WHERE name = ?');
    const group = db.transaction((units: number) => {
      for (let i = 0; i < ROWS_A_COMMIT; i++) raise.run(units, Buffer.alloc(16, units), `board ${i}`, units);
    });
    const rounds = (count: number, from: number): void => {
      for (let units = from; units < from + count; units++) {
        group.immediate(units);
        for (let i = 0; i < ROWS_A_COMMIT; i++) read.get(`board ${i}`);
      }
    };
    const commits = raises / ROWS_A_COMMIT;
    rounds(commits, 1);
    return cpuUsOf(() => rounds(commits, 1 + commits));
  } finally {
    db.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function cpuUsOf(run: () => void): number {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}
