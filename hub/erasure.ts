// Erasure: the person behind an account goes, the account stays under its id, and the books still balance. In: an account's name. Out: what was taken away, and what
// was not and why; or one sentence when it is too early. What is erased leaves the database's file too: that is looked at, byte by byte. Again it does no harm.

import type { AccountId } from '../shared/identity.ts';
import { PersonRefused, personNamed, textsOf } from './person.ts';
import { filesNaming } from './person-export.ts';
import { pseudonymOf } from './pseudonym.ts';
import { DATABASE_FILE } from './database.ts';
import type { Store } from './store.ts';
import type { Erasure } from './store-particulars.ts';
import { MIN_TRACED, tracesOf } from './traces.ts';
import { decimalText } from './tariff/decimal.ts';

export interface EraseOptions {
  readonly nowSeconds: number;
  /** Erase although the account owes or is owed; the balance stays under the pseudonym, and can be paid out no more. */
  readonly keepBalance: boolean;
}

export interface Remainder {
  /** A file's path, or a table and the key of a row in it. */
  readonly where: string;
  readonly why: string;
}

export interface ErasureReport {
  readonly name: string;
  /** It had been erased before, and nothing was left to take away. */
  readonly already: boolean;
  readonly erasure: Erasure;
  /** `busy`: another process kept the file from being written anew; erase again when it has ended. */
  readonly file: 'clean' | 'busy';
  readonly remains: readonly Remainder[];
}

export function erasePerson(store: Store, name: string, options: EraseOptions): ErasureReport {
  const account = personNamed(store, name);
  const before = store.particulars.erasureOf(account);
  // What the texts were is not known any more, so the file is written anew without a look.
  if (before !== undefined) return reportOf(account, before, { already: true, isClean: store.rewrite(), remains: [] });
  const texts = textsOf(store, account);
  const erasure = store.atomically(() => erase(store, account, options));
  const isClean = leaveNoTrace(store, texts);
  return reportOf(account, erasure, { already: false, isClean, remains: remainsOf(store, texts) });
}

/** What it would be, found by doing it and taking it back. */
export function previewErasure(store: Store, name: string, options: EraseOptions): ErasureReport {
  const account = personNamed(store, name);
  const before = store.particulars.erasureOf(account);
  if (before !== undefined) return reportOf(account, before, { already: true, isClean: true, remains: [] });
  const texts = textsOf(store, account);
  try {
    return store.atomically((): never => {
      const erasure = erase(store, account, options);
      throw new TakenBack(reportOf(account, erasure, { already: false, isClean: true, remains: remainsOf(store, texts) }));
    });
  } catch (error) {
    if (error instanceof TakenBack) return error.report;
    throw error;
  }
}

class TakenBack extends Error {
  readonly report: ErasureReport;

  constructor(report: ErasureReport) {
    super('a preview changes nothing');
    this.report = report;
  }
}

/** Within the caller's transaction. */
function erase(store: Store, account: AccountId, options: EraseOptions): Erasure {
  const why = whyNotYet(store, account, options);
  if (why !== undefined) throw new PersonRefused(why);
  store.persons.forget([...store.particulars.frozenFor(account).keys()]);
  return store.particulars.erase(account, options.nowSeconds);
}

function reportOf(
  account: AccountId,
  erasure: Erasure,
  rest: { readonly already: boolean; readonly isClean: boolean; readonly remains: readonly Remainder[] },
): ErasureReport {
  const { already, isClean, remains } = rest;
  return { name: pseudonymOf(account), already, erasure, file: isClean ? 'clean' : 'busy', remains };
}

/** Money under way needs to know where it goes; devices in use would go on paying for nobody. */
function whyNotYet(store: Store, account: AccountId, { keepBalance }: EraseOptions): string | undefined {
  const underWay = store.persons.payoutsUnderWay(account);
  if (underWay.length > 0) return `payouts: expected none under way, got ${underWay.join(', ')}; wait for their end`;
  const inUse = store.persons.devicesInUse(account);
  if (inUse.length > 0) return `devices: expected none in use, got ${inUse.join(', ')}; revoke them first`;
  if (keepBalance) return undefined;
  const open = store.persons.openChannels(account);
  if (open > 0)
    return `channels: expected all of them settled, got ${open} that are not; settle first, or keep the balance under the pseudonym`;
  const owed = store.books.balances().filter((posting) => posting.account === account && posting.amountMicros !== 0);
  const sums = owed.map(({ currency, amountMicros }) => `${decimalText(amountMicros)} ${currency}`);
  return sums.length === 0
    ? undefined
    : `balance: expected none, got ${sums.join(' and ')}; pay it out first, or keep it under the pseudonym`;
}

/** Deleted cells are written over as they are deleted; the file is written anew only if a look at its bytes finds something, or cannot. */
function leaveNoTrace(store: Store, texts: readonly string[]): boolean {
  if (!store.emptyLog()) return false;
  const isKnown = texts.every((text) => text.length >= MIN_TRACED);
  return (isKnown && isUnseen(store, texts)) || store.rewrite();
}

function isUnseen(store: Store, texts: readonly string[]): boolean {
  const isMeant = (name: string): boolean => name === DATABASE_FILE || name === `${DATABASE_FILE}-wal`;
  return tracesOf(store.dataDir, texts, { isMeant, wholeWords: false }).length === 0;
}

const KEPT: Readonly<Record<string, string>> = {
  entries: "the books are never changed; the text is the operator's own",
  payout_events: 'what was said of a payout is never changed',
  approvals: 'who approved a batch is never changed',
};

function remainsOf(store: Store, texts: readonly string[]): Remainder[] {
  const traced = texts.filter((text) => text.length >= MIN_TRACED);
  const rows = store.persons.holding(traced).map(({ table, key }) => {
    return { where: `${table} ${key}`, why: KEPT[table] ?? 'the same text stands there for another reason' };
  });
  const why = 'written for people or a bank; delete it when nobody needs it any more, and think of copies';
  return [...rows, ...filesNaming(store, traced).map(({ path }) => ({ where: path, why }))];
}
