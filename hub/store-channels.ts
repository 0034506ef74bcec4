// Channels in the database: opened once, then advanced. In: channels as accept left them. Out: channels, and where their counts stand. An advance
// writes what was accepted and never touches what was claimed or settled: another process may be settling meanwhile.

import type { Database } from 'better-sqlite3';
import { isTimed } from '../shared/charge.ts';
import { readCommitment } from '../shared/commitment.ts';
import type { AccountId, DeviceId, TariffId } from '../shared/identity.ts';
import type { Link } from '../shared/payword.ts';
import type { Tariff } from '../shared/tariff.ts';
import { readTariff } from '../shared/tariff.ts';
import type { ChannelNumber, Micros, Units } from '../shared/units.ts';
import type { Account, Standing } from './account.ts';
import { blobOf, bytesOf, bytesOfHex, hexOf } from './blob.ts';
import type { Channel } from './channel.ts';
import { LINE_MOVED } from './store-batches.ts';
import type { SegmentRows } from './store-segments.ts';
import { segmentRows } from './store-segments.ts';

export interface ChannelRows {
  find(device: DeviceId, number: ChannelNumber): Channel | undefined;
  /** The highest number that the device has opened; 0 before the first. */
  highest(device: DeviceId): number;
  openedAtSeconds(device: DeviceId, number: ChannelNumber): number;
  open(device: DeviceId, payer: AccountId, channel: Channel, nowSeconds: number): void;
  advance(device: DeviceId, channel: Channel, nowSeconds: number): void;
  /** Raises the row to the channel's counts and proofs; false if it stood there or higher. */
  carry(device: DeviceId, channel: Channel, nowSeconds: number): boolean;
  standing(device: DeviceId, number: ChannelNumber): Standing;
  accounts(): Account[];
  /** The same in the order of devices and numbers, one at a time, for those who need not hold them. */
  eachAccount(): Iterable<Account>;
  account(device: DeviceId, number: ChannelNumber): Account | undefined;
  /** On which the account pays or is paid. */
  accountsOf(account: AccountId): Account[];
  /** Accepted beyond what is claimed; the first so many, or all. */
  unclaimed(most?: number): Account[];
  /** Claimed beyond what is settled. */
  unsettled(): Account[];
  claim(account: Account): void;
  /** Raises what is settled by the lines of the batch whose money has moved, and by lines after them in other batches; how many lines. */
  settle(batch: string): number;
}

interface RawChannel {
  tariff: string;
  payload: Buffer;
  signature: Buffer;
  bytes: Buffer;
  accepted_units: number;
  charged_micros: number;
  link_units: number;
  link: Buffer;
  signed_payload: Buffer | null;
  signed_signature: Buffer | null;
  closed: number;
  opened_at_seconds: number;
}

interface RawAccount extends Standing {
  device: string;
  number: number;
  payer: string;
  payee: string;
  tariff: string;
  bytes: Buffer;
  closed: number;
  changedAtSeconds: number;
}

const STANDING_COLUMNS = 'accepted_units, claimed_units, settled_units, charged_micros, claimed_micros, settled_micros';
const STANDING = `accepted_units AS acceptedUnits, claimed_units AS claimedUnits, settled_units AS settledUnits,
  charged_micros AS chargedMicros, claimed_micros AS claimedMicros, settled_micros AS settledMicros`;
const ACCOUNTS = `SELECT device, number, payer, payee, tariff, bytes, closed, changed_at_seconds AS changedAtSeconds, ${STANDING}
  FROM channels JOIN tariffs USING (tariff)`;

/** Tariffs never change, and many channels share one: each is read once. */
const TARIFFS = new Map<string, Tariff>();

function tariffOf(id: string, blob: Buffer): Tariff {
  const known = TARIFFS.get(id);
  if (known !== undefined) return known;
  const tariff = readTariff(bytesOf(blob));
  if (typeof tariff === 'string') throw new Error(`stored tariff ${id}: ${tariff}`);
  TARIFFS.set(id, tariff);
  return tariff;
}

function channelOf(raw: RawChannel, device: DeviceId, segments: SegmentRows): Channel {
  const commitment = { payload: bytesOf(raw.payload), signature: bytesOf(raw.signature) };
  const read = readCommitment({ payload: commitment.payload, proof: commitment.signature });
  if (typeof read === 'string') throw new Error(`a stored commitment: ${read}`);
  const { signed_payload: payload, signed_signature: signature } = raw;
  const tariff = tariffOf(raw.tariff, raw.bytes);
  return {
    terms: read.terms,
    tariff,
    commitment,
    acceptedUnits: raw.accepted_units as Units,
    chargedMicros: raw.charged_micros as Micros,
    link: bytesOf(raw.link) as Link,
    linkUnits: raw.link_units as Units,
    signed: payload === null || signature === null ? undefined : { payload: bytesOf(payload), signature: bytesOf(signature) },
    closed: raw.closed === 1,
    timed: isTimed(tariff)
      ? { openedAtSeconds: raw.opened_at_seconds, segments: segments.find(device, read.terms.channel) }
      : undefined,
  };
}

function accountOf(raw: RawAccount): Account {
  const { bytes, closed, ...rest } = raw;
  return {
    ...rest,
    device: raw.device as DeviceId,
    number: raw.number as ChannelNumber,
    payer: bytesOfHex(raw.payer) as AccountId,
    payee: bytesOfHex(raw.payee) as AccountId,
    tariffId: bytesOfHex(raw.tariff) as TariffId,
    tariff: tariffOf(raw.tariff, bytes),
    closed: closed === 1,
  };
}

/** As it is stored: payload and signature, or nothing of both. */
export function proofOf({ signed }: Channel): [Buffer, Buffer] | [null, null] {
  return signed === undefined ? [null, null] : [blobOf(signed.payload), blobOf(signed.signature)];
}

export function channelRows(db: Database): ChannelRows {
  return { ...openRows(db, segmentRows(db)), ...countRows(db) };
}

function openRows(
  db: Database,
  segments: SegmentRows,
): Pick<ChannelRows, 'find' | 'highest' | 'openedAtSeconds' | 'open' | 'advance' | 'carry'> {
  const find = db.prepare<[string, number], RawChannel>(
    `SELECT payload, signature, tariff, bytes, accepted_units, charged_micros, link_units, link, signed_payload, signed_signature, closed, opened_at_seconds
     FROM channels JOIN commitments USING (device, number) JOIN tariffs USING (tariff) WHERE device = ? AND number = ?`,
  );
  const highest = db.prepare<[string], { number: number | null }>(
    'SELECT max(number) AS number FROM commitments WHERE device = ?',
  );
  const openedAt = db.prepare<[string, number], { seconds: number }>(
    'SELECT opened_at_seconds AS seconds FROM commitments WHERE device = ? AND number = ?',
  );
  const commit = db.prepare(
    'INSERT INTO commitments (device, number, payload, signature, opened_at_seconds) VALUES (?, ?, ?, ?, ?)',
  );
  const open = db.prepare(
    `INSERT INTO channels (device, number, payer, payee, tariff, limit_units, link, changed_at_seconds) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  // Paywords come by the thousand, signatures now and then: what only a signature changes is not written for each payword.
  const advance = db.prepare(
    'UPDATE channels SET accepted_units = ?, charged_micros = ?, link_units = ?, link = ?, changed_at_seconds = ? WHERE device = ? AND number = ?',
  );
  const advanceSigned = db.prepare(
    `UPDATE channels SET accepted_units = ?, charged_micros = ?, link_units = ?, link = ?, changed_at_seconds = ?, signed_payload = ?,
       signed_signature = ?, closed = ? WHERE device = ? AND number = ?`,
  );
  const carry = db.prepare(
    `UPDATE channels SET accepted_units = ?, charged_micros = ?, link_units = ?, link = ?, changed_at_seconds = ?
       WHERE device = ? AND number = ? AND accepted_units < ?`,
  );
  const carrySigned = db.prepare(
    `UPDATE channels SET accepted_units = ?, charged_micros = ?, link_units = ?, link = ?, changed_at_seconds = ?, signed_payload = ?,
       signed_signature = ? WHERE device = ? AND number = ? AND accepted_units < ?`,
  );
  return {
    find(device, number) {
      const raw = find.get(device, number);
      return raw === undefined ? undefined : channelOf(raw, device, segments);
    },
    highest: (device) => highest.get(device)?.number ?? 0,
    openedAtSeconds(device, number) {
      const row = openedAt.get(device, number);
      if (row === undefined) throw new Error(`no commitment ${device}/${number}`);
      return row.seconds;
    },
    open(device, payer, { terms, commitment }, nowSeconds) {
      commit.run(device, terms.channel, blobOf(commitment.payload), blobOf(commitment.signature), nowSeconds);
      const ids = [hexOf(payer), hexOf(terms.payee), hexOf(terms.tariff)];
      open.run(device, terms.channel, ...ids, terms.limitUnits, blobOf(terms.anchor), nowSeconds);
    },
    advance(device, channel, nowSeconds) {
      const { terms, signed, acceptedUnits, chargedMicros, linkUnits, closed, timed } = channel;
      const link = blobOf(channel.link);
      if (signed === undefined && !closed) {
        advance.run(acceptedUnits, chargedMicros, linkUnits, link, nowSeconds, device, terms.channel);
      } else {
        const counts = [acceptedUnits, chargedMicros, linkUnits, link, nowSeconds];
        advanceSigned.run(...counts, ...proofOf(channel), closed ? 1 : 0, device, terms.channel);
      }
      if (timed !== undefined) segments.write(device, terms.channel, timed.segments);
    },
    carry(device, channel, nowSeconds) {
      const { terms, acceptedUnits, chargedMicros, linkUnits, link, signed } = channel;
      const counts = [acceptedUnits, chargedMicros, linkUnits, blobOf(link), nowSeconds];
      const place = [device, terms.channel, acceptedUnits];
      const done =
        signed === undefined ? carry.run(...counts, ...place) : carrySigned.run(...counts, ...proofOf(channel), ...place);
      return done.changes > 0;
    },
  };
}

function countRows(db: Database): Omit<ChannelRows, 'find' | 'highest' | 'openedAtSeconds' | 'open' | 'advance' | 'carry'> {
  // Looked up after each commit: as a plain row, which costs a third less than an object with names.
  type RawStanding = [number, number, number, number, number, number];
  const standing = db
    .prepare<[string, number], RawStanding>(`SELECT ${STANDING_COLUMNS} FROM channels WHERE device = ? AND number = ?`)
    .raw();
  const accounts = db.prepare<[], RawAccount>(`${ACCOUNTS} ORDER BY device, number`);
  const account = db.prepare<[string, number], RawAccount>(`${ACCOUNTS} WHERE device = ? AND number = ?`);
  const accountsOf = db.prepare<[string, string], RawAccount>(
    `${ACCOUNTS} WHERE payer = ? UNION ALL ${ACCOUNTS} WHERE payee = ? ORDER BY device, number`,
  );
  const unclaimed = db.prepare<[number], RawAccount>(
    `${ACCOUNTS} WHERE claimed_units < accepted_units ORDER BY device, number LIMIT ?`,
  );
  const unsettled = db.prepare<[], RawAccount>(`${ACCOUNTS} WHERE settled_units < claimed_units ORDER BY device, number`);
  const claim = db.prepare('UPDATE channels SET claimed_units = ?, claimed_micros = ? WHERE device = ? AND number = ?');
  const settle = settleIn(db);
  return {
    standing(device, number) {
      const row = standing.get(device, number);
      if (row === undefined) throw new Error(`no channel ${device}/${number} after a commit that wrote it`);
      const [acceptedUnits, claimedUnits, settledUnits, chargedMicros, claimedMicros, settledMicros] = row;
      return { acceptedUnits, claimedUnits, settledUnits, chargedMicros, claimedMicros, settledMicros };
    },
    accounts: () => accounts.all().map(accountOf),
    *eachAccount() {
      for (const raw of accounts.iterate()) yield accountOf(raw);
    },
    account(device, number) {
      const raw = account.get(device, number);
      return raw === undefined ? undefined : accountOf(raw);
    },
    accountsOf: (id) => accountsOf.all(hexOf(id), hexOf(id)).map(accountOf),
    unclaimed: (most = -1) => unclaimed.all(most).map(accountOf),
    unsettled: () => unsettled.all().map(accountOf),
    claim: (account) => void claim.run(account.acceptedUnits, account.chargedMicros, account.device, account.number),
    settle,
  };
}

/** A line counts only where the line before it ends: so counts rise without a gap, whatever the order in which batches are paid. */
function settleIn(db: Database): ChannelRows['settle'] {
  const raise = `UPDATE channels SET settled_units = l.to_units, settled_micros = l.to_micros FROM lines l`;
  const own = db.prepare(
    `${raise} WHERE l.batch = ? AND channels.device = l.device AND channels.number = l.number AND channels.settled_units = l.from_units AND ${LINE_MOVED}`,
  );
  const following = db.prepare(
    `${raise} JOIN lines first ON first.device = l.device AND first.number = l.number
     WHERE first.batch = ? AND channels.device = l.device AND channels.number = l.number AND channels.settled_units = l.from_units AND ${LINE_MOVED}`,
  );
  const others = db.prepare<[string], { one: number }>(
    `SELECT 1 AS one FROM batches WHERE state = 'sent' AND batch <> ? LIMIT 1`,
  );
  return (batch) => {
    let lines = own.run(batch).changes;
    if (others.get(batch) === undefined) return lines;
    for (let raised = following.run(batch).changes; raised > 0; raised = following.run(batch).changes) lines += raised;
    return lines;
  };
}
