// Particulars: the closed list and its checkers, and the rows that keep them apart from the books. In: texts as people type them. Out: what is kept, or one
// sentence.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accountIdOf } from '../../hub/ids.ts';
import type { ParticularField } from '../../hub/particulars.ts';
import { checkParticular, PARTICULAR_FIELDS } from '../../hub/particulars.ts';
import type { PayoutId } from '../../hub/rails/rail.ts';
import { startStore } from '../hub/fixture.ts';

const PAYOUT = '0123456789abcdef0123456789abcdef' as PayoutId;

describe('a particular', () => {
  it.each<[ParticularField, string, string]>([
    ['holder', '  Zoë Müller & Söhne ', 'Zoë Müller & Söhne'],
    ['iban', 'de02 1203 0000 0000 2020 51', 'DE02120300000000202051'],
    ['bic', 'byladem1001', 'BYLADEM1001'],
    ['country', 'de', 'DE'],
    ['mandateId', 'M-2026/0001', 'M-2026/0001'],
    ['mandateSignedOn', '2024-02-29', '2024-02-29'],
    ['mandateSequence', 'ooff', 'OOFF'],
    ['phone', '+49 (30) 123-456', '+4930123456'],
    ['evmAddress', '0x52908400098527886E0F7030069857D2E4169EE7', '0x52908400098527886E0F7030069857D2E4169EE7'],
    ['paypalReceiver', 'someone@example.com', 'someone@example.com'],
  ])('%s "%s" is kept as "%s"', (field, text, kept) => {
    expect(checkParticular(field, text)).toEqual({ kept });
  });

  it.each<[ParticularField, string, string]>([
    ['iban', 'DE02120300000000202052', 'check digits'],
    ['iban', 'DE0212030000000020205', 'as long as those of DE'],
    ['iban', 'XX00', 'an IBAN such as'],
    ['bic', 'BYLADEM', 'a BIC'],
    ['holder', 'two\nlines', '1 to 70 characters'],
    ['holder', '', '1 to 70 characters'],
    ['holder', 'x'.repeat(71), '1 to 70 characters'],
    ['holder', 'bell\u0007', '1 to 70 characters'],
    ['mandateSignedOn', '2026-02-30', 'a day such as'],
    ['mandateSignedOn', '21.11.2026', 'a day such as'],
    ['mandateId', '/begins', 'without //'],
    ['mandateId', 'a//b', 'without //'],
    ['mandateId', 'Ümlaut', 'without //'],
    ['email', 'nobody', 'an e-mail address'],
    ['lightningNode', '02abcd', "a node's public key"],
  ])('%s "%s" is refused, naming %s', (field, text, expected) => {
    const sentence = checkParticular(field, text);
    expect(sentence).toContain(`${field}: expected `);
    expect(sentence).toContain(expected);
  });

  it('any text is kept in a form that is kept as it is, or refused in one line', () => {
    fc.assert(
      fc.property(fc.constantFrom(...PARTICULAR_FIELDS), fc.string({ unit: 'binary', maxLength: 90 }), (field, text) => {
        const checked = checkParticular(field, text);
        if (typeof checked === 'string') return checked.startsWith(`${field}: expected `);
        return JSON.stringify(checkParticular(field, checked.kept)) === JSON.stringify(checked);
      }),
    );
  });
});

describe('the rows', () => {
  it('are corrected and taken away', () => {
    const store = startStore();
    const alice = store.devices.account('alice', 1);
    store.particulars.set(alice, 'holder', 'Alice', 2);
    store.particulars.set(alice, 'town', 'Berlin', 2);
    store.particulars.set(alice, 'holder', 'Alice Example', 3);
    expect(store.particulars.remove(alice, 'town')).toBe(true);
    expect(store.particulars.remove(alice, 'town')).toBe(false);
    expect(store.particulars.of(alice)).toEqual({ holder: 'Alice Example' });
    expect(store.particulars.of(accountIdOf('bob'))).toEqual({});
  });

  it('freeze the destination of a payout once for all', () => {
    const store = startStore();
    const alice = store.devices.account('alice', 1);
    store.particulars.freeze(PAYOUT, alice, { iban: 'DE02120300000000202051' }, 2);
    store.particulars.freeze(PAYOUT, alice, { iban: 'DE02120300000000202051' }, 3);
    expect(() => store.particulars.freeze(PAYOUT, alice, { iban: 'AT611904300234573201' }, 4)).toThrow('was frozen');
    expect(store.particulars.frozen(PAYOUT)).toEqual({ iban: 'DE02120300000000202051' });
  });

  it('give an erased account its id for a name, under which it is still found', () => {
    const store = startStore();
    const alice = store.devices.account('alice', 1);
    store.particulars.set(alice, 'iban', 'DE02120300000000202051', 2);
    store.particulars.freeze(PAYOUT, alice, { iban: 'DE02120300000000202051' }, 2);
    store.atomically(() => store.particulars.erase(alice, 5));
    expect(store.particulars.of(alice)).toEqual({});
    expect(store.particulars.frozen(PAYOUT)).toBeUndefined();
    expect(store.particulars.erasureOf(alice)).toEqual({ particulars: 1, destinations: 1, labels: 0, erasedAtSeconds: 5 });
    const pseudonym = store.devices.accountName(alice) as string;
    expect(pseudonym).toMatch(/^erased\/[0-9a-f]{16}$/);
    expect(accountIdOf(pseudonym)).toBe(alice);
    expect(() => store.particulars.set(alice, 'holder', 'Alice', 6)).toThrow('is erased');
    expect(() => store.devices.account(`erased/${'0'.repeat(16)}`, 7)).toThrow('stands for an erased one');
  });
});
