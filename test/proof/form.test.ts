// The door for evidence, form by form: what it lets pass and the sentence for what it does not. And the text of a file: as the hub wrote it, laid out anew, and forged.

import { beforeAll, describe, expect, test } from 'vitest';
import type { Evidence, EvidenceVerdict } from '../../hub/evidence.ts';
import { evidenceText, verifyEvidenceText } from '../../hub/evidence.ts';
import { formed, hexes, list, members, oneOf, orNull, whole } from '../../hub/proof/form.ts';
import type { SettledWorld } from './settled-world.ts';
import { settledWorld } from './settled-world.ts';

const form = members({
  kind: oneOf('a', 'b'),
  count: whole(0, 9),
  path: hexes(2, 2),
  parts: list(members({ size: orNull(whole(1)) }), 1, 2),
});
const good = { kind: 'a', count: 9, path: ['00ff', '1234'], parts: [{ size: 1 }, { size: null }] };
const BIG = 'x'.repeat(41);

describe('a form', () => {
  test('lets pass what has it, as it is', () => {
    expect(formed(form, good)).toEqual({ value: good });
    expect((formed(form, good) as { value: unknown }).value).toBe(good);
  });

  test.each<readonly [string, unknown, string]>([
    ['nothing', undefined, 'file: expected an object, got nothing'],
    ['null', null, 'file: expected an object, got null'],
    ['a list', [good], 'file: expected an object, got a list of 1'],
    ['a member missing', { ...good, kind: undefined }, 'kind: expected "a" or "b", got nothing'],
    ['a member too many', { ...good, note: 1 }, 'file: expected no member "note"'],
    ['a member without a name', { ...good, '': 1 }, 'file: expected no member ""'],
    ['a member that every object inherits', JSON.parse('{"__proto__":1}'), 'kind: expected "a" or "b", got nothing'],
    ['the same, too many', { ...good, ['toString']: 1 }, 'file: expected no member "toString"'],
    ['another text', { ...good, kind: 'c' }, 'kind: expected "a" or "b", got "c"'],
    ['a number for a text', { ...good, kind: 1 }, 'kind: expected "a" or "b", got 1'],
    ['a long text', { ...good, kind: BIG }, `kind: expected "a" or "b", got "${BIG.slice(1)}..." of 41 characters`],
    ['what a terminal obeys', { ...good, kind: '\u001b[2J\u009b' }, 'kind: expected "a" or "b", got "\\u001b[2J?"'],
    ['a fraction', { ...good, count: 0.5 }, 'count: expected a whole number of 0 to 9, got 0.5'],
    ['a number in words', { ...good, count: '5' }, 'count: expected a whole number of 0 to 9, got "5"'],
    ['too many', { ...good, count: 10 }, 'count: expected a whole number of 0 to 9, got 10'],
    ['too few', { ...good, count: -1 }, 'count: expected a whole number of 0 to 9, got -1'],
    ['no list', { ...good, path: {} }, 'path: expected a list, got an object'],
    ['a list too long', { ...good, path: ['00ff', '00ff', '00ff'] }, 'path: expected at most 2, got 3'],
    ['a list too short', { ...good, parts: [] }, 'parts: expected 1 or more, got 0'],
    ['upper-case hex', { ...good, path: ['00ff', '00FF'] }, 'path.1: expected 2 bytes as lower-case hex, got "00FF"'],
    ['short hex beside long', { ...good, path: ['00f', '00fff'] }, 'path.0: expected 2 bytes as lower-case hex, got "00f"'],
    ['a number among hex', { ...good, path: [1234, '00ff'] }, 'path.0: expected 2 bytes as lower-case hex, got 1234'],
    ['deep inside', { ...good, parts: [{ size: 0 }] }, `parts.0.size: expected a whole number of 1 to ${2 ** 53 - 1}, got 0`],
  ])('refuses %s with one sentence', (_name, value, why) => {
    expect(formed(form, value)).toBe(why);
  });
});

describe('the text of a file', () => {
  let world: SettledWorld;
  beforeAll(async () => {
    world = await settledWorld();
  });

  const kindOf = (text: string): EvidenceVerdict['kind'] => verifyEvidenceText(text).kind;

  test('is valid as the hub writes it, in one line, and laid out in any other way', () => {
    const text = evidenceText(world.bundle);
    const backwards = (value: unknown): unknown =>
      typeof value !== 'object' || value === null || Array.isArray(value)
        ? value
        : Object.fromEntries(Object.entries(value).reverse());
    expect(text).toMatch(/^\{"account":"alice",.*\}\n$/);
    expect(kindOf(text)).toBe('valid');
    expect(kindOf(text.trimEnd())).toBe('valid');
    expect(kindOf(JSON.stringify(JSON.parse(text), undefined, 2))).toBe('valid');
    expect(kindOf(JSON.stringify(backwards(JSON.parse(text))))).toBe('valid');
  });

  test('is not what was signed with a character that only its low byte makes the same', () => {
    const text = evidenceText(world.bundle);
    const forged = text.replace('"state":"settled"', '"state":"s\\u0065ttled"').replace('"kind":"settle', '"kind":"\u0173ettle');
    expect(Buffer.from(forged, 'latin1').toString('latin1')).not.toBe(forged);
    expect(verifyEvidenceText(forged)).toMatchObject({ kind: 'invalid', check: 'form' });
    const named = withReference(world.bundle, 'paid');
    expect(kindOf(evidenceText(named).replace('"paid"', '"\u0170aid"'))).toBe('invalid');
  });

  test('says what was signed or is not valid, whatever else is written into it', () => {
    const text = evidenceText(world.bundle);
    const original = verifyEvidenceText(text);
    const [member = ''] = /,"signature":"[0-9a-f]{128}"(?=,"tariffs")/.exec(text) ?? [];
    expect(member).not.toBe('');
    const within = text.replace(member, '').replace('"hub":{', `"hub":{${member.slice(1)},`);
    expect(verifyEvidenceText(within)).toMatchObject({ kind: 'invalid', check: 'form' });
    const after = text.replace(member, `,"account":"bob"${member}`);
    expect(verifyEvidenceText(after)).toMatchObject({ kind: 'invalid', check: 'signature' });
    // Of two members with one name a reader of JSON takes the last.
    expect(verifyEvidenceText(text.replace(member, member + member))).toEqual(original);
    expect(verifyEvidenceText(text.replace('{"account"', '{"account":"bob","account"'))).toEqual(original);
  });
});

function withReference(evidence: Evidence, reference: string): Evidence {
  const payout = { direction: 'pay', state: 'settled', entry: null, id: null, rail: null, reference } as const;
  const channels = evidence.channels.map((channel) => ({
    ...channel,
    lines: channel.lines.map((line) => ({ ...line, payouts: [payout] })),
  }));
  return { ...evidence, channels };
}
