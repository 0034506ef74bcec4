// What happens when a commit fails: nothing is acknowledged, memory is as before, and the same messages are good once the database takes writes again. The fault
// is real: another connection has put a trigger into the database that refuses the write.

import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import type { Hub } from '../../hub/hub.ts';
import { DATABASE_FILE } from '../../hub/database.ts';
import type { Link } from '../../shared/payword.ts';
import { payAt, startHub } from './fixture.ts';
import { closeOf, connectPayer } from './payer.ts';

function faultIn(hub: Hub, when: string): { mend(): void } {
  const db = new Database(join(hub.store.dataDir, DATABASE_FILE));
  onTestFinished(() => void db.close());
  db.exec(`CREATE TRIGGER fault ${when} BEGIN SELECT RAISE(ABORT, 'the disk is gone'); END`);
  return { mend: () => void db.exec('DROP TRIGGER fault') };
}

test('a failed commit acknowledges nothing, closes the connection and leaves memory as it was', async () => {
  const hub = await startHub({ front: 'aedes' }); // the fast way does not need the database for a payword
  const payer = await payAt(hub);
  await payer.send(payer.commitment(1));
  await payer.send(payer.payword(1, 5));
  await payer.hears((answer) => answer.kind === 'receipt' && answer.acceptedUnits === 5);
  const before = payer.heard.length;
  const fault = faultIn(hub, 'BEFORE UPDATE OF accepted_units ON channels');
  const closed = closeOf(payer.client);
  let acknowledged = false;
  payer.send(payer.payword(1, 6)).then(
    () => (acknowledged = true),
    () => {},
  );
  await closed;
  expect(acknowledged).toBe(false);
  expect(payer.heard.length).toBe(before);
  expect(hub.status().units.accepted).toBe(5);
  expect(hub.counters().accepted).toBe(1);

  fault.mend();
  const again = await connectPayer(payer.config);
  onTestFinished(() => again.end());
  await again.send(again.payword(1, 6));
  await again.hears((answer) => answer.kind === 'receipt' && answer.acceptedUnits === 6);
  expect(hub.counters()).toMatchObject({ accepted: 2, duplicate: 0 });
});

test('one group is one transaction: what fails for one device is acknowledged to none', async () => {
  const hub = await startHub({ front: 'aedes' });
  const [alice, carol] = [await payAt(hub), await payAt(hub, { label: 'other' })];
  for (const payer of [alice, carol]) await payer.send(payer.commitment(1));
  faultIn(hub, `BEFORE UPDATE OF accepted_units ON channels WHEN NEW.device = '${carol.config.device}'`);
  const closed = Promise.all([closeOf(alice.client), closeOf(carol.client)]);
  void alice.send(alice.payword(1, 3)).catch(() => {});
  void carol.send(carol.payword(1, 3)).catch(() => {});
  await Promise.race([closed, closeOf(carol.client)]); // two groups, if they did not arrive together
  const accepted = new Map(hub.status().devices.map((row) => [row.device, row.acceptedUnits]));
  expect(accepted.get(carol.config.device)).toBe(0);
  const told = alice.heard.some((answer) => answer.kind === 'receipt' && answer.acceptedUnits === 3);
  expect(told).toBe(accepted.get(alice.config.device) === 3);
});

test('a commitment whose commit failed is not remembered as opened', async () => {
  const hub = await startHub();
  const payer = await payAt(hub);
  const fault = faultIn(hub, 'BEFORE INSERT ON channels');
  const closed = closeOf(payer.client);
  void payer.send(payer.commitment(1)).catch(() => {});
  await closed;
  fault.mend();
  const again = await connectPayer(payer.config);
  onTestFinished(() => again.end());
  await again.send(again.payword(1, 1));
  expect(await again.hears(() => true)).toMatchObject({ kind: 'reject', reason: 'unknown-channel', nextChannel: 1 });
  await again.send(again.commitment(1));
  await again.send(again.payword(1, 1));
  await again.hears((answer) => answer.kind === 'receipt' && answer.acceptedUnits === 1);
});

test('refused messages are acknowledged, answered, counted and kept as samples', async () => {
  const hub = await startHub();
  const payer = await payAt(hub);
  await payer.send('nonsense');
  await payer.send(payer.payword(9, 1));
  await payer.hears((answer) => answer.kind === 'reject' && answer.reason === 'unknown-channel');
  expect(payer.heard[0]).toEqual({ kind: 'reject', channel: 0, units: 0, reason: 'malformed', nextChannel: 1 });
  expect(hub.counters()).toMatchObject({ rejected: 2, byReason: { malformed: 1, 'unknown-channel': 1 } });
  expect(hub.refused().map((sample) => [sample.reason, sample.messageHex.slice(0, 4)])).toEqual([
    ['malformed', '6e6f'],
    ['unknown-channel', '8309'],
  ]);
});

test('failed tries use up the device’s allowance, and then even a good voucher waits', async () => {
  const hub = await startHub();
  const payer = await payAt(hub);
  await payer.send(payer.commitment(1));
  for (let i = 0; i < 40; i++) await payer.send(payer.payword(1, 1).replace(/.$/s, String.fromCharCode(i)));
  const { byReason } = hub.counters();
  expect(byReason['bad-payword']).toBeGreaterThanOrEqual(32);
  expect(byReason['rate-limited']).toBeGreaterThan(0);
});

test('two commitments under one number, both signed: the device is flagged', async () => {
  const hub = await startHub();
  const payer = await payAt(hub);
  await payer.send(payer.commitment(1));
  await payer.send(payer.commitment(1, { openedRegisterUnits: 77 }));
  expect(await payer.hears((answer) => answer.kind === 'reject')).toMatchObject({
    reason: 'conflicting-channel',
    nextChannel: 2,
  });
  expect(hub.status().devices[0]?.conflicted).toBe(true);
});

test('a number opened by somebody with the board’s key and its chain: it hears what was taken there before it hears of the conflict', async () => {
  const hub = await startHub();
  const payer = await payAt(hub);
  await payer.send(payer.commitment(1, { openedRegisterUnits: 7 })); // a thief's, who has seen the board's own
  await payer.send(payer.payword(1, 5));
  await payer.hears((answer) => answer.kind === 'receipt' && answer.acceptedUnits === 5);
  const before = payer.heard.length;
  await payer.send(payer.commitment(1)); // after a restart
  await payer.hears((answer) => answer.kind === 'reject');
  expect(payer.heard.slice(before)).toMatchObject([
    { kind: 'receipt', channel: 1, acceptedUnits: 5 },
    { kind: 'reject', channel: 1, reason: 'conflicting-channel' },
  ]);
});

test('a number opened with another chain is of no use to the board, and it hears of the conflict alone', async () => {
  const hub = await startHub();
  const payer = await payAt(hub);
  await payer.send(payer.commitment(1, { anchor: 'sixteen bytes of' as Link }));
  const before = payer.heard.length;
  await payer.send(payer.commitment(1));
  await payer.hears((answer) => answer.kind === 'reject');
  expect(payer.heard.slice(before).map(({ kind }) => kind)).toEqual(['reject']);
});

test('a device that another process revokes is refused from the next group on', async () => {
  const hub = await startHub();
  const payer = await payAt(hub);
  await payer.send(payer.commitment(1));
  const beside = new Database(join(hub.store.dataDir, DATABASE_FILE));
  beside.exec('UPDATE devices SET revoked_at_seconds = 1');
  beside.close();
  await payer.send(payer.payword(1, 1));
  expect(await payer.hears((answer) => answer.kind === 'reject')).toMatchObject({ reason: 'revoked-device' });
  expect(hub.status().units.accepted).toBe(0);
});
