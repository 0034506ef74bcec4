// Small files of bytes that are worth starting from: what once was found, and what is wrong in a way that chance rarely hits. In: a folder of `.hex` files, whose lines
// beginning with # say what they are. Out: names and bytes.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../disk/root.ts';

export interface Seed {
  readonly name: string;
  readonly bytes: Buffer;
}

export function corpus(kind: 'packets' | 'payloads'): Seed[] {
  const folder = join(ROOT, 'test', 'fuzz', 'corpus', kind);
  return readdirSync(folder)
    .sort()
    .map((name) => {
      const text = readFileSync(join(folder, name), 'utf8').replace(/^#.*$/gm, '').replace(/\s/g, '');
      const bytes = Buffer.from(text, 'hex');
      if (bytes.length * 2 !== text.length) throw new Error(`${name}: expected hex after its comments`);
      return { name, bytes };
    });
}
