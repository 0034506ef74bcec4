// The vectors of evidence are what the code says of them. They are written from a real hub's evidence (WRITE_VECTORS=1), whose keys are new each time, so they are not compared with new ones but judged.

import { writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { verifyEvidence } from '../../hub/evidence.ts';
import { fromHex } from '../../shared/bytes.ts';
import type { Change, VectorCase } from './evidence-vectors.ts';
import { committedEvidence, VECTORS, withValue } from './evidence-vectors.ts';
import { settledWorld, throughFile } from './settled-world.ts';

const CHANGES: ReadonlyArray<readonly [string, Change]> = [
  ['another format', { path: ['format'], value: 'tallystick evidence 4' }],
  ['another hub', { path: ['hub', 'id'], value: '0000000000000000' }],
  ['another tariff', { path: ['tariffs', 0, 'id'], value: '00'.repeat(16) }],
  ['a batch under another root', { path: ['batches', 0, 'root'], value: '00'.repeat(32) }],
  ['a batch with more lines', { path: ['batches', 1, 'lines'], value: 4 }],
  ['a device that is not the key’s', { path: ['channels', 0, 'device'], value: 'AAAAAAAAAAA' }],
  ['a key of small order', { path: ['channels', 0, 'publicKey'], value: `01${'00'.repeat(31)}` }],
  ['another payee', { path: ['channels', 0, 'payee'], value: 'mallory' }],
  ['another payer', { path: ['channels', 0, 'payer'], value: 'mallory' }],
  ['no voucher', { path: ['channels', 0, 'voucher'], value: null }],
  ['more units than the voucher', { path: ['channels', 0, 'units'], value: 34 }],
  ['a higher amount', { path: ['channels', 0, 'amountMicros'], value: 340_000 }],
  ['a line with a gap before it', { path: ['channels', 0, 'lines', 1, 'fromUnits'], value: 21 }],
  ['a line with another salt', { path: ['channels', 0, 'lines', 0, 'salt'], value: '00'.repeat(16) }],
  ['a line in another place', { path: ['channels', 0, 'lines', 0, 'index'], value: 5 }],
  ['a line with no path', { path: ['channels', 0, 'lines', 0, 'path'], value: [] }],
  ['settled in the middle of a line', { path: ['channels', 0, 'settledUnits'], value: 30 }],
  ['another number of a head', { path: ['batches', 0, 'head', 'number'], value: 7 }],
  ['a state that nobody signed', { path: ['batches', 1, 'state'], value: 'sent' }],
  ['an account that has no part', { path: ['account'], value: 'mallory' }],
];

/** Lines behind others of their batch, whose paths end where the ways meet. */
const ACCOUNT_CHANGES: ReadonlyArray<readonly [string, Change]> = [
  ['another payer of a line behind another', { path: ['channels', 1, 'payer'], value: 'mallory' }],
  ['a path that goes on where it meets the one before', { path: ['channels', 1, 'lines', 0, 'path', 0], value: '00'.repeat(32) }],
  ['an earlier format', { path: ['format'], value: 'tallystick evidence 2' }],
];

async function writeVectors(): Promise<void> {
  const { payword, signed, bundle, other } = await settledWorld();
  const cases: VectorCase[] = [];
  const add = (name: string, input: VectorCase['input'], evidence: unknown): void => {
    const hubKey = input.hubKey === undefined ? undefined : fromHex(input.hubKey);
    cases.push({ name, operation: 'verify-evidence', input, output: verifyEvidence(throughFile(evidence), hubKey) });
  };
  add('paywords in two batches', { evidence: payword }, payword);
  add('a signed voucher', { evidence: signed }, signed);
  add('an account', { evidence: bundle }, bundle);
  add('paywords, under the hub’s key', { of: 'paywords in two batches', hubKey: payword.hub.publicKey }, payword);
  add('paywords, under another key', { of: 'paywords in two batches', hubKey: other.config.publicKey }, payword);
  for (const [name, set] of CHANGES) add(name, { of: 'paywords in two batches', set }, withValue(payword, set));
  for (const [name, set] of ACCOUNT_CHANGES) add(name, { of: 'an account', set }, withValue(bundle, set));
  const about =
    'Files of evidence, format 3: valid ones, and changes of one value that must be refused. `set` puts a value at a path into the evidence of the case `of`';
  writeFileSync(VECTORS, `${JSON.stringify({ about, cases }, undefined, 2)}\n`);
}

if (process.env['WRITE_VECTORS'] === '1') await writeVectors();

describe('the vectors', () => {
  test.each(committedEvidence())('%s', (_name, { evidence, hubKey, output }) => {
    const verdict = verifyEvidence(evidence, hubKey === undefined ? undefined : fromHex(hubKey));
    expect(JSON.parse(JSON.stringify(verdict))).toEqual(output);
  });

  test('accept some, and refuse some at every check', () => {
    const outputs = committedEvidence().map(([, { output }]) => output);
    expect(outputs.filter(({ kind }) => kind === 'valid').length).toBe(4);
    const checks = new Set(outputs.flatMap((output) => (output.kind === 'invalid' ? [output.check] : [])));
    const every = [
      'form',
      'hub',
      'tariffs',
      'trees',
      'key',
      'commitment',
      'voucher',
      'amount',
      'batches',
      'heads',
      'whole',
      'signature',
    ];
    expect([...checks].sort()).toEqual([...every, 'vouched'].sort());
  });
});
