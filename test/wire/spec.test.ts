// The specification says what the code does: its worked example, its tables and its rule numbers are compared with shared/ and with the vectors.

import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { actionOf, REASONS } from '../../shared/reject.ts';
import { sha256 } from './node-crypto.ts';
import { operate } from './operations.ts';
import { exampleChain, hexOf } from './parties.ts';
import { sizeRows } from './sizes.ts';
import { blocks, citedRules, definedRules, hexOfBlock, SPEC, tableUnder } from './spec.ts';
import { committedCases, VECTOR_FILES } from './vectors.ts';

const SHARED = fileURLToPath(new URL('../../shared/', import.meta.url));

/** Rules about behaviour over time; they belong to the rooms that behave, and are tested there. */
const BEHAVIOUR = ['W-15', 'W-27', 'W-34'];

const cases = Object.keys(VECTOR_FILES).flatMap((name) => committedCases(name));

function exampleHex(file: string): string {
  return committedCases(file)[0]?.input['hex'] as string;
}

function structure(name: string): string {
  return cases.find((one) => one.name === name)?.output['hex'] as string;
}

describe('the worked example', () => {
  it.each([
    ['the commitment', exampleHex('commitment')],
    ['its Sig_structure', structure('purpose 1, commitment: Sig_structure')],
    ['the payword voucher', exampleHex('payword-voucher')],
    ['the receipt', exampleHex('receipt')],
  ])('shows the bytes of %s', (_name, hex) => {
    expect(blocks().map(hexOfBlock)).toContain(hex);
  });

  it('shows the keys, the ids and the links', () => {
    const shown = blocks().slice(0, 2).join('\n');
    const { macKey, hub, device } = committedCases('receipt')[0]?.input ?? {};
    const { publicKey } = committedCases('ids')[0]?.input ?? {};
    const { payee, tariff } = committedCases('commitment')[0]?.output ?? {};
    const links = [0, 1, 2, 100].map((index) => `link ${index}`.padEnd(11) + hexOf(exampleChain[index] ?? ''));
    for (const value of [macKey, hub, device, publicKey, payee, tariff, exampleHex('tariff'), ...links])
      expect(shown).toContain(value);
  });
});

describe('the rules', () => {
  it('are numbered without gaps, each defined once', () => {
    const numbers = definedRules().map((rule) => Number(rule.slice(2)));
    expect([...numbers].sort((a, b) => a - b)).toEqual(numbers.map((_, i) => i + 1));
  });

  it('that are cited are defined', () => {
    const sources = readdirSync(SHARED).map((name) => readFileSync(SHARED + name, 'utf8'));
    const cited = [...sources.flatMap(citedRules), ...cases.map((one) => one.rule)];
    expect([...new Set(cited)].filter((rule) => !definedRules().includes(rule))).toEqual([]);
  });

  it('each have a vector, but for those about behaviour', () => {
    const covered = new Set(cases.map((one) => one.rule));
    expect(
      definedRules()
        .filter((rule) => !covered.has(rule))
        .sort(),
    ).toEqual([...BEHAVIOUR].sort());
  });
});

describe('the tables', () => {
  it('of reasons is the closed list in its order', () => {
    const told = tableUnder('Code', 'Reason').map(([code, reason, , , action]) => [code, reason, action]);
    expect(told).toEqual(REASONS.map((reason, code) => [`${code}`, `\`${reason}\``, `\`${actionOf(reason)}\``]));
  });

  it('of constants has the values of the code', () => {
    const { STATES, ...constants } = operate('constants', {}, sha256);
    expect(Object.fromEntries(tableUnder('Constant').map(([name, value]) => [name, value]))).toEqual(
      Object.fromEntries(Object.entries(constants).map(([name, value]) => [name, String(value)])),
    );
    const states = (STATES as readonly string[]).map((state, code) => `${code === 0 ? 'state ' : ''}${code} ${state}`);
    expect(SPEC).toContain(states.join(', '));
  });

  it('of sizes has what real packets take', () => {
    const told = tableUnder('Message', 'Message bytes').map(([message, bytes, publish]) => [message, bytes, publish]);
    expect(told).toEqual(sizeRows().map((row) => [row.message, `${row.messageBytes}`, `${row.publishBytes}`]));
  });
});

describe('the CDDL', () => {
  const cddl = readFileSync(SHARED + 'wire.cddl', 'utf8');

  it('cites only rules that are defined', () => {
    expect(citedRules(cddl).filter((rule) => !definedRules().includes(rule))).toEqual([]);
  });
});
