// The person behind an account: what is known, set, corrected and taken away, all of it or nothing. In: an account's name and fields as people type them. Out: what
// is known now, or one sentence that begins with the field. The operator's own accounts have none: those belong to the configuration of the rails.

import type { AccountId } from '../shared/identity.ts';
import { accountIdOf } from './ids.ts';
import { OWN_PREFIX } from './ledger.ts';
import type { ParticularField } from './particulars.ts';
import { checkParticular, isParticularField, PARTICULAR_FIELDS } from './particulars.ts';
import type { Store } from './store.ts';

/** One sentence. */
export class PersonRefused extends Error {}

/** By its name, or by the pseudonym that stands for it; throws when there is none. */
export function personNamed(store: Store, name: string): AccountId {
  if (name.startsWith(OWN_PREFIX))
    throw new PersonRefused(
      `name: expected a payer's or payee's account, got ${name}: the operator's own particulars belong to the rails' configuration`,
    );
  const account = accountIdOf(name);
  if (store.devices.accountName(account) === undefined)
    throw new PersonRefused(
      `name: expected an account of this hub, got "${name}"; accounts are made by enrolling a device or adding one`,
    );
  return account;
}

/** `field=value`; without a value the field is taken away. Nothing is written unless all of it is right. */
export function setParticulars(store: Store, name: string, changes: readonly string[], nowSeconds: number): void {
  const account = personNamed(store, name);
  const checked = changes.map(parseChange);
  store.atomically(() => {
    if (store.particulars.erasureOf(account) !== undefined)
      throw new PersonRefused(`name: expected an account in use, got one whose person was erased`);
    for (const { field, value } of checked) {
      if (value === undefined) store.particulars.remove(account, field);
      else store.particulars.set(account, field, value, nowSeconds);
    }
  });
}

function parseChange(change: string): { readonly field: ParticularField; readonly value: string | undefined } {
  const at = change.indexOf('=');
  const field = change.slice(0, Math.max(at, 0));
  if (at <= 0) throw new PersonRefused(`${change}: expected field=value, such as iban=DE02120300000000202051`);
  if (!isParticularField(field))
    throw new PersonRefused(`${field}: expected one of ${PARTICULAR_FIELDS.join(', ')}, got ${field}`);
  const text = change.slice(at + 1);
  if (text === '') return { field, value: undefined };
  const checked = checkParticular(field, text);
  if (typeof checked === 'string') throw new PersonRefused(checked);
  return { field, value: checked.kept };
}

/** Shared by many people: found elsewhere they say nothing about this one. */
const COMMON = new Set(['bic', 'postcode', 'town', 'country', 'building', 'mandateSignedOn', 'mandateSequence']);

/** Texts by which the person can be known: the name, what is known of them, where payouts went, what their devices are called. */
export function textsOf(store: Store, account: AccountId): string[] {
  const own = Object.entries(store.particulars.of(account));
  const sent = [...store.particulars.frozenFor(account).values()].flatMap((destination) => Object.entries(destination));
  const labels = store.devices.all().filter((row) => row.payer === account && row.label !== row.device);
  const texts = [...own, ...sent].filter(([field]) => !COMMON.has(field)).map(([, text]) => text);
  return [...new Set([store.devices.accountName(account) ?? '', ...texts, ...labels.map(({ label }) => label)])].filter(
    (text) => text !== '',
  );
}
