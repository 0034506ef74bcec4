// Opening a seal: evidence holds an entry of the books by its hash under a nonce, and this is entry, hash before it and nonce, for an auditor. In: the store and an entry's number; or an opening in any state. Out: the opening;
// or whether what a file of evidence holds under that number is this entry. It shows everybody's amounts in the entry, so it is for an auditor alone; of other entries it shows nothing.

import { fromHex, toHex } from '../shared/bytes.ts';
import type { AccountId } from '../shared/identity.ts';
import { bytesOfHex } from './blob.ts';
import type { EntryKind, PostedEntry } from './ledger.ts';
import { ENTRY_KINDS, entryHash, ledgerStart } from './ledger.ts';
import type { Evidence } from './proof/evidence-file.ts';
import type { Of } from './proof/form.ts';
import { ascii, formed, hex, list, members, oneOf, orNull, textUpTo, whole } from './proof/form.ts';
import { sha256 } from './proofs.ts';
import { nonceOf, sealUnder } from './seal.ts';
import type { Store } from './store.ts';

const FORMAT = 'tallystick opening 1';

const micros = whole(-Number.MAX_SAFE_INTEGER);

const openingForm = members({
  format: oneOf(FORMAT),
  hub: hex(8),
  entry: whole(1),
  kind: oneOf<EntryKind>(...ENTRY_KINDS),
  key: orNull(textUpTo(1000)),
  refersTo: orNull(whole(1)),
  text: orNull(textUpTo(10_000)),
  postedAtSeconds: whole(0),
  postings: list(members({ account: hex(8), currency: ascii(3), amountMicros: micros }), 2),
  /** The hash of the entry before, which this one's covers. */
  before: hex(32),
  /** Of this entry's seal, and of no other. */
  nonce: hex(16),
});

export type Opening = Of<typeof openingForm>;

export function openingOf(store: Store, entry: number): Opening | undefined {
  const posted = store.books.find(entry);
  if (posted === undefined) return undefined;
  const before = entry === 1 ? ledgerStart(store.hub, sha256) : store.books.find(entry - 1)?.hash;
  if (before === undefined) throw new Error(`entry ${entry - 1} is not in the books`);
  const { kind, key = null, refersTo = null, text = null, postedAtSeconds } = posted;
  const postings = posted.postings.map((one) => ({ ...one, account: toHex(one.account) }));
  const said = { entry, kind, key, refersTo, text, postedAtSeconds, postings };
  return { format: FORMAT, hub: toHex(store.hub), ...said, before: toHex(before), nonce: toHex(nonceOf(store.dataDir, entry)) };
}

export function parseOpening(json: unknown): Opening | string {
  const opening = formed(openingForm, json);
  return typeof opening === 'string' ? opening : opening.value;
}

/** Why the file, which was seen to be the hub's, does not hold this entry; or nothing. */
export function openingFault(evidence: Evidence, opening: Opening): string | undefined {
  if (opening.hub !== evidence.hub.id) return `hub: the file is of hub ${evidence.hub.id}, the opening of ${opening.hub}`;
  const held = sealsIn(evidence).filter(({ entry }) => entry === opening.entry);
  if (held.length === 0) return `entry: the file holds no entry ${opening.entry}; it holds ${numbersIn(evidence)}`;
  const seal = toHex(sealOf(opening));
  return held.every(({ ledger }) => ledger === seal)
    ? undefined
    : `entry: the file holds another entry ${opening.entry} than this: the books were not these when it was written`;
}

function sealOf(opening: Opening): string {
  const { entry, kind, key, refersTo, text, postedAtSeconds } = opening;
  const postings = opening.postings.map((one) => ({ ...one, account: bytesOfHex(one.account) as AccountId }));
  const optional = {
    ...(key === null ? {} : { key }),
    ...(refersTo === null ? {} : { refersTo }),
    ...(text === null ? {} : { text }),
  };
  const posted: Omit<PostedEntry, 'hash'> = { entry, kind, ...optional, postedAtSeconds, postings };
  return sealUnder(fromHex(opening.nonce) ?? '', entryHash(fromHex(opening.before) ?? '', posted, sha256));
}

interface Seal {
  readonly entry: number;
  readonly ledger: string;
}

function sealsIn({ batches, channels }: Evidence): Seal[] {
  const heads = batches.flatMap(({ head }): Seal[] => (head === null ? [] : [head]));
  const payouts = channels.flatMap(({ lines }) => lines.flatMap((line) => line.payouts));
  const moved = payouts.flatMap(({ entry }): Seal[] => (entry === null ? [] : [entry]));
  return [...heads, ...batches.flatMap(({ entries }) => entries), ...moved];
}

function numbersIn(evidence: Evidence): string {
  const numbers = [...new Set(sealsIn(evidence).map(({ entry }) => entry))].sort((a, b) => a - b);
  return numbers.length === 0 ? 'none' : numbers.join(', ');
}
