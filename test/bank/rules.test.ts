// The rules around the messages: days on which euros move, the character set, check digits, amounts, and the operator's configuration. In: examples with known
// answers, and anything. Out: the answer, or a refusal with the field's path.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Temporal } from 'temporal-polyfill';
import { eurosOf, microsOf } from '../../hub/rails/sepa/amount.ts';
import { businessDayAfter, dayOf, easterOf, isBusinessDay } from '../../hub/rails/sepa/business-days.ts';
import { inEpcSet, isInEpcSet } from '../../hub/rails/sepa/characters.ts';
import { isCreditorId } from '../../hub/rails/sepa/config.ts';
import { destinationOf } from '../../hub/rails/sepa/destination.ts';
import { sepaSchema } from '../../hub/rails/sepa.ts';
import { configOf } from './bank.ts';

describe('the calendar of TARGET', () => {
  it.each([
    [2000, '2000-04-23'],
    [2019, '2019-04-21'],
    [2024, '2024-03-31'],
    [2026, '2026-04-05'],
    [2027, '2027-03-28'],
    [2038, '2038-04-25'],
  ])('knows Easter of %i', (year, day) => expect(easterOf(year).toString()).toBe(day));

  it.each(['2026-01-01', '2026-04-03', '2026-04-06', '2026-05-01', '2026-12-25', '2027-01-01', '2026-11-21', '2026-11-22'])(
    'is closed on %s',
    (day) => expect(isBusinessDay(Temporal.PlainDate.from(day))).toBe(false),
  );

  it.each(['2026-04-02', '2026-04-07', '2026-12-24', '2026-12-28', '2026-12-31', '2026-05-14'])('is open on %s', (day) =>
    expect(isBusinessDay(Temporal.PlainDate.from(day))).toBe(true),
  );

  it.each([
    ['2026-11-20', 0, '2026-11-20'],
    ['2026-11-20', 1, '2026-11-23'],
    ['2026-11-21', 0, '2026-11-23'],
    ['2026-11-21', 1, '2026-11-23'],
    ['2026-12-24', 1, '2026-12-28'],
    ['2026-12-30', 2, '2027-01-04'],
    ['2026-04-02', 1, '2026-04-07'],
  ])('counts from %s, %i business days on, to %s', (from, days, to) =>
    expect(businessDayAfter(Temporal.PlainDate.from(from), days).toString()).toBe(to),
  );

  it('begins its days in Berlin', () => {
    expect(dayOf(Date.UTC(2026, 6, 1, 22, 30) / 1000).toString()).toBe('2026-07-02');
    expect(dayOf(Date.UTC(2026, 11, 31, 22, 30) / 1000).toString()).toBe('2026-12-31');
  });
});

describe('the character set', () => {
  it.each([
    ['Zoë Ångström', 'Zoe Angstrom'],
    ['Łukasz Żółć', 'Lukasz Zolc'],
    ['Größe & Maß', 'Grose + Mas'],
    ['Ørsted A/S', 'Orsted A/S'],
    ['Αθήνα', 'Athina'],
    ['Щастие', 'SHTastie'],
    ['a_b;c@d', 'a-b,c(at)d'],
    ['tab\there', 'tab here'],
    ['日本', '..'],
    ['ﬁne', 'fine'],
  ])('writes "%s" as "%s"', (text, kept) => expect(inEpcSet(text, 70)).toBe(kept));

  it('holds whatever it is given, within the length, and leaves what is in it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 70 }), (text, max) => {
        const kept = inEpcSet(text, max);
        expect(isInEpcSet(kept)).toBe(true);
        expect(kept.length).toBeLessThanOrEqual(max);
        expect(inEpcSet(kept, max)).toBe(kept);
      }),
    );
  });
});

describe('amounts', () => {
  it('come back as they went, and nothing is rounded', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 99_999_999_999 }), (cents) => microsOf(eurosOf(cents * 10_000)) === cents * 10_000),
    );
    expect(() => eurosOf(10_001)).toThrow('whole cents');
    expect(() => eurosOf(-10_000)).toThrow('whole cents');
  });

  it.each([
    ['1', 1_000_000],
    ['1.2', 1_200_000],
    ['+1.20000', 1_200_000],
    ['1.234', undefined],
    ['-1.00', undefined],
    ['1,00', undefined],
    ['1e3', undefined],
    ['', undefined],
    ['1234567890123', undefined],
  ])('"%s" is read as %s', (text, micros) => expect(microsOf(text)).toBe(micros));
});

describe('the configuration', () => {
  it.each(['DE98ZZZ09999999999', 'AT61ZZZ01234567890', 'FR72ZZZ123456'])('knows the creditor identifier %s', (id) =>
    expect(isCreditorId(id)).toBe(true),
  );

  it.each(['DE97ZZZ09999999999', 'DE98ZZZ0999999999', 'ZZZ', ''])('refuses the creditor identifier "%s"', (id) =>
    expect(isCreditorId(id)).toBe(false),
  );

  it.each<[string, Record<string, unknown>]>([
    ['iban', { iban: 'DE02120300000000202052' }],
    ['iban', { iban: 'BR1500000000000010932840814P2' }],
    ['bic', { bic: 'NOPE' }],
    ['name', { name: '日本' }],
    ['address.town', { address: { street: 'Weg', country: 'DE' } }],
    ['creditorId', { creditorId: 'DE97ZZZ09999999999' }],
    ['fee.fixedMicros', { fee: { fixedMicros: -1 } }],
    ['fee.shareMillionths', { fee: { shareMillionths: 1.5 } }],
    ['payInDays', { payInDays: 31 }],
    ['text', { text: 'Grüße' }],
    ['', { iBan: 'x' }],
  ])('refuses a wrong %s by its path', (path, changes) => {
    const parsed = sepaSchema.safeParse({ name: 'Operator', iban: 'DE02120300000000202051', ...changes });
    expect(parsed.error?.issues[0]?.path.join('.')).toBe(path);
  });

  it('collects only with a creditor identifier', () => {
    const particulars = { holder: 'A', iban: 'DE02120300000000202051', mandateId: 'M', mandateSignedOn: '2026-01-01' };
    expect(destinationOf(configOf({ creditorId: undefined }), particulars, 'collect')).toMatch(/^creditorId: expected/);
    expect(destinationOf(configOf(), particulars, 'collect')).toEqual({ ...particulars, mandateSequence: 'RCUR' });
  });
});
