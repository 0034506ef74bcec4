// The committed vectors are what the generator makes of the fixed keys; none has changed, none is missing, none fails for two reasons at once by name.

import { readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { committedCases, committedText, pathOf, textOfFile, VECTOR_FILES, writeVectors } from './vectors.ts';

if (process.env['WRITE_VECTORS'] === '1') writeVectors();

const NAMES = Object.keys(VECTOR_FILES);

describe('the committed vectors', () => {
  it.each(NAMES)('%s.json is what the generator makes', (name) => {
    const file = VECTOR_FILES[name];
    if (file === undefined) throw new Error(`no vector file ${name}`);
    expect(committedText(name)).toBe(textOfFile(file));
  });

  it('are all there and no others', () => {
    const present = readdirSync(dirname(pathOf('cbor'))).filter((name) => name.endsWith('.json'));
    // The signer's own vectors lie beside them.
    const own = present.filter((name) => !name.startsWith('ed25519-') || name === 'ed25519-rule.json');
    expect(own.sort()).toEqual(NAMES.map((name) => `${name}.json`).sort());
  });

  it.each(NAMES)('%s.json names each case once', (name) => {
    const names = committedCases(name).map((one) => `${one.operation} ${one.name}`);
    expect(new Set(names).size).toBe(names.length);
  });
});
