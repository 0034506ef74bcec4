// shared/wire.cddl against the vectors: all that is accepted has the shape that it gives, and all that is refused for its shape has not.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Case } from './cases.ts';
import { parseCddl } from './cddl-rules.ts';
import { bytesMatch } from './cddl.ts';
import { committedCases } from './vectors.ts';

const TEXT = readFileSync(fileURLToPath(new URL('../../shared/wire.cddl', import.meta.url)), 'utf8');
const rules = parseCddl(TEXT);

const FILES = [
  ['payword-voucher', 'payword-voucher', 'uplink'],
  ['signed-voucher', 'signed-voucher', 'uplink'],
  ['commitment', 'commitment', 'uplink'],
  ['receipt', 'receipt', 'downlink'],
  ['grant', 'grant', 'downlink'],
  ['reject', 'reject', 'downlink'],
  ['offer', 'offer', 'downlink'],
  ['piece', 'piece', 'downlink'],
  ['report', 'report', 'uplink'],
  ['status', 'status', 'status'],
  ['tariff', 'tariff', 'tariff'],
  ['rich-tariff', 'rich-tariff', 'rich-tariff'],
] as const;

/** What CDDL cannot say: one encoding per value, the size of the whole, whose proof it is, and relations between fields. */
const BEYOND_RULES = ['W-1', 'W-2', 'W-8'];
const BEYOND_DETAILS = [
  'the tag does not match',
  'a voucher for 0 units must be a closing one',
  'chain length 100 is above the unit limit 99',
  'a channel without a chain has an anchor of zero bytes',
  'the tariff ends before it begins',
  'length 599 is not in whole words',
];

function hexCases(file: string): readonly Case[] {
  return committedCases(file).filter((one) => one.operation.startsWith('decode-'));
}

function matching(file: string, name: string, refused: boolean): string[] {
  const cases = hexCases(file).filter(({ rule, output }) => {
    if ('refusal' in output !== refused) return false;
    if (!refused) return true;
    const detail = output['detail'] as string;
    // Of the second layout: a sentence that names no byte is about a relation between fields.
    const isBeyond = BEYOND_DETAILS.includes(detail) || (rule === 'W-35' && !detail.startsWith('byte '));
    return !BEYOND_RULES.includes(rule) && !isBeyond;
  });
  expect(cases.length).toBeGreaterThan(3);
  const wrong = cases.filter(({ input }) => bytesMatch(rules, name, Buffer.from(input['hex'] as string, 'hex')) === refused);
  return wrong.map((one) => one.name);
}

describe('the CDDL', () => {
  it.each(FILES)('of %s matches all that is accepted', (file, name, travels) => {
    expect(matching(file, name, false)).toEqual([]);
    expect(matching(file, travels, false)).toEqual([]);
  });

  it.each(FILES)('of %s matches nothing that is refused for its shape', (file, name, travels) => {
    expect(matching(file, name, true)).toEqual([]);
    expect(matching(file, travels, true)).toEqual([]);
  });

  it('matches the structures that proofs cover', () => {
    const structures = committedCases('cose').filter((one) => one.operation.endsWith('-structure'));
    expect(structures.length).toBe(18);
    for (const { operation, output } of structures) {
      const bytes = Buffer.from(output['hex'] as string, 'hex');
      expect(bytesMatch(rules, 'sig-structure', bytes)).toBe(operation === 'sig-structure');
      expect(bytesMatch(rules, 'mac-structure', bytes)).toBe(operation === 'mac-structure');
    }
  });

  it('would not pass unread: a name without a rule, a construct that is not known', () => {
    expect(() => parseCddl('a = [x: b]')).toThrow('expected rules for b, got none');
    expect(() => parseCddl('a = 1\na = 2')).toThrow('a is defined twice');
    expect(() => parseCddl('a = [* bstr]')).toThrow('expected CDDL');
    expect(() => bytesMatch(parseCddl('a = bstr .bits 1'), 'a', Buffer.from('4101', 'hex'))).toThrow('unknown control .bits');
  });
});
