// What a reader without the right to write sees of the journal: channels as they will be once it is folded. In: a read-only connection. Out: a view of that connection's own, in place of the
// table. Nothing is written to the database.

import type { Database } from 'better-sqlite3';
import { blobOf } from './blob.ts';
import { proofOf } from './store-channels.ts';
import type { Carried } from './replay-journal.ts';

const AHEAD = `
CREATE TEMP TABLE ahead (device TEXT, number INTEGER, accepted INTEGER, charged INTEGER, link_units INTEGER, link BLOB,
  signed_payload BLOB, signed_signature BLOB, PRIMARY KEY (device, number)) WITHOUT ROWID`;

const VIEW = `
CREATE TEMP VIEW channels AS SELECT c.device, c.number, c.payer, c.payee, c.tariff, c.limit_units,
  coalesce(a.accepted, c.accepted_units) AS accepted_units, coalesce(a.charged, c.charged_micros) AS charged_micros,
  c.claimed_units, c.claimed_micros, c.settled_units, c.settled_micros,
  coalesce(a.link_units, c.link_units) AS link_units, coalesce(a.link, c.link) AS link,
  coalesce(a.signed_payload, c.signed_payload) AS signed_payload, coalesce(a.signed_signature, c.signed_signature) AS signed_signature, c.closed, c.changed_at_seconds
  FROM main.channels AS c LEFT JOIN ahead AS a ON a.device = c.device AND a.number = c.number AND a.accepted > c.accepted_units;
CREATE TEMP TRIGGER channels_read_only INSTEAD OF UPDATE ON channels BEGIN SELECT RAISE(ABORT, 'opened to be read'); END;
CREATE TEMP TRIGGER channels_not_opened INSTEAD OF INSERT ON channels BEGIN SELECT RAISE(ABORT, 'opened to be read'); END;`;

export function overlay(db: Database, ahead: readonly Carried[]): void {
  if (ahead.length === 0) return;
  db.exec(AHEAD);
  const insert = db.prepare('INSERT INTO ahead VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
  for (const { device, channel } of ahead) {
    const counts = [channel.acceptedUnits, channel.chargedMicros, channel.linkUnits, blobOf(channel.link)];
    insert.run(device, channel.terms.channel, ...counts, ...proofOf(channel));
  }
  db.exec(VIEW);
}
