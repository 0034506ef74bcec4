// Frauds, and whether each was found: clones, edited databases, evidence of more than was accepted; those on the wire and those with a key are in files of
// their own. In: the scenario's rates. Out: attempts; and at the end a sentence for each fraud that nobody noticed.

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Evidence } from '../../hub/evidence.ts';
import { evidenceOf, verifyEvidence } from '../../hub/evidence.ts';
import type { Store } from '../../hub/store.ts';
import { DATABASE_FILE } from '../../hub/database.ts';
import { openStore } from '../../hub/store.ts';
import type { DeviceId } from '../../shared/identity.ts';
import type { ChannelNumber } from '../../shared/units.ts';
import { wholeAudit } from '../audit/auditor.ts';
import type { Random } from '../random.ts';
import { copyFolder } from './disk.ts';
import { nowAndThen } from './faults.ts';
import { setThieves } from './thief.ts';
import { tapTheWire } from './wiretap.ts';
import type { World } from './world.ts';

export function beginFraud(world: World): void {
  const { clones, overclaim, tamper } = world.scenario.faults;
  tapTheWire(world);
  setThieves(world);
  if (clones !== undefined) world.clock.after(clones.after, () => clone(world, clones.boards, clones.lasts));
  const random = world.random('fraud');
  if (overclaim !== undefined) nowAndThen(world, overclaim.perDay, random, () => claimTooMuch(world, random));
  if (tamper !== undefined) nowAndThen(world, tamper.perDay, random, () => editDatabase(world, random));
}

/** In one hour, of two boards under one name: twice the take-overs that the hub asks for, for its clock may jump in the middle. */
const OBVIOUS_CONNECTS = 40;

/** The last members get a twin with the same keys, the same flash and its own customers, until somebody takes it away. */
function clone(world: World, boards: number, lastsMs: number): void {
  for (let i = 0; i < Math.min(boards, world.members.length); i++) {
    const place = world.members.length - 1 - i;
    const member = world.members[place];
    const original = world.stations[place];
    if (member === undefined || original === undefined || world.calm) continue;
    world.fault('clone', String(place));
    world.auditor.devices.get(member.config.device)?.marks.add('cloned');
    world.power.damaged(original, 'copied'); // what one of the two pays is news to the other
    const twin = world.addStation(member, `${member.label}-twin`);
    world.power.doubled(twin);
    twin.flash.restore(original.flash.image());
    twin.powerOn();
    world.clock.after(lastsMs, () => twin.retire());
  }
}

/** A payee shows an evidence file, changed in its favour. */
function claimTooMuch(world: World, random: Random): void {
  const store = world.eyes();
  const accounts = store?.channels.accounts().filter((account) => account.acceptedUnits > 0) ?? [];
  const account = accounts[random.integer(0, accounts.length - 1)];
  if (store === undefined || account === undefined) return;
  showEvidence(world, store, account.device, account.number);
  if (world.auditor.violations.length > 0) return;
  const evidence = evidenceOf(store, account.device, account.number);
  if (evidence === undefined) return;
  const inflated = inflate(evidence, random.integer(0, 3));
  world.fault('overclaim', `${account.device}/${account.number}`);
  if (verifyEvidence(inflated).kind === 'valid') {
    world.auditor.broken('fraud-found', `${account.device}/${account.number}: evidence of more than was accepted passes`);
  }
}

function inflate(evidence: Evidence, how: number): unknown {
  const [channel, ...others] = evidence.channels;
  if (channel === undefined) return evidence;
  const { units, amountMicros, payee } = channel;
  const changes = [
    { units: units + 1 },
    { amountMicros: amountMicros + 1 },
    { payee: `${payee}-2` },
    { units: units + 1, amountMicros: amountMicros * 2, voucher: null },
  ];
  return { ...evidence, channels: [{ ...channel, ...changes[how] }, ...others] };
}

/** What an insider would write, with the triggers out of the way. */
const EDITS: readonly string[] = [
  'UPDATE channels SET accepted_units = accepted_units + 1 WHERE accepted_units < limit_units AND accepted_units > 0',
  'UPDATE channels SET charged_micros = charged_micros + 1000000 WHERE charged_micros > 0',
  'UPDATE channels SET claimed_units = 0, claimed_micros = 0, settled_units = 0, settled_micros = 0 WHERE claimed_units > 0',
  'UPDATE postings SET amount_micros = amount_micros * 2 WHERE line = 0',
  'DELETE FROM postings WHERE line = 0',
  'UPDATE batch_lines SET to_units = to_units + 1',
  'UPDATE postings SET account = (SELECT account FROM accounts WHERE account <> postings.account LIMIT 1) WHERE line = 0',
];

/** On a copy: an edited database must be found by the hub's own audit, and the world goes on with the real one. */
function editDatabase(world: World, random: Random): void {
  if (!world.keeper.isUp()) return;
  const dir = `${world.disk.dir()}-edited`;
  copyFolder(world.disk.dir(), dir);
  try {
    const edit = EDITS[random.integer(0, EDITS.length - 1)] as string;
    if (!edited(join(dir, DATABASE_FILE), edit)) return;
    world.fault('tamper', edit);
    const store = openStore(dir, { readonly: true });
    try {
      if (wholeAudit(store).length === 0) world.auditor.broken('fraud-found', `the audit finds nothing wrong after: ${edit}`);
    } finally {
      store.close();
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** False when there was nothing to edit yet. */
function edited(path: string, sql: string): boolean {
  const db = new Database(path);
  try {
    const triggers = db.prepare<[], { name: string }>("SELECT name FROM sqlite_master WHERE type = 'trigger'").all();
    return db.transaction(() => {
      for (const { name } of triggers) db.exec(`DROP TRIGGER ${name}`);
      return db.prepare(sql).run().changes > 0;
    })();
  } finally {
    db.close();
  }
}

/** At the end: every fraud has left a mark that an operator can see, and no evidence of an honest channel fails. */
export function concludeFraud(world: World): void {
  const store = world.eyes();
  if (store === undefined) return;
  for (const [device, own] of world.auditor.devices) {
    const row = store.devices.find(device);
    if (own.marks.has('cloned') && own.connects.most >= OBVIOUS_CONNECTS && row?.conflicted !== true)
      world.auditor.broken('fraud-found', `${own.label}: a second board under the same name, and no flag on the device`);
    if (own.marks.has('conflicting') && row?.conflicted !== true) {
      world.auditor.broken('fraud-found', `${own.label}: two commitments under one number, and no flag on the device`);
    }
  }
  showSomeEvidence(world, store);
}

/** Of a large fleet, channels here and there: each proof is hashed out of its whole batch. */
const EVIDENCE_SHOWN = 300;

function showSomeEvidence(world: World, store: Store): void {
  const channels = [...world.auditor.devices].flatMap(([device, own]) =>
    [...own.channels.keys()].map((number) => ({ device, number })),
  );
  const stride = Math.max(1, Math.ceil(channels.length / EVIDENCE_SHOWN));
  for (const [place, { device, number }] of channels.entries()) {
    if (place % stride === 0) showEvidence(world, store, device, number as ChannelNumber);
  }
}

function showEvidence(world: World, store: Store, device: DeviceId, number: ChannelNumber): void {
  try {
    const evidence = evidenceOf(store, device, number);
    const verdict = evidence === undefined ? undefined : verifyEvidence(evidence);
    if (verdict?.kind === 'invalid') world.auditor.broken('evidence', `${device}/${number}: ${verdict.why}`);
  } catch (error) {
    world.auditor.broken('evidence', `${device}/${number}: ${(error as Error).message}`); // what is stored proves less than is charged
  }
}
