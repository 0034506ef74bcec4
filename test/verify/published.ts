// Published edge cases of Ed25519, from files that whoever runs this has fetched: C2SP's CCTV (`ed25519vectors.json`), Wycheproof (`ed25519_test.json`), and this project's own. In: a path. Out: keys,
// messages and signatures; what the publisher thinks of them is not asked, since rules differ: OpenSSL says it.

import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { z } from 'zod';
import { bytesOf } from '../../hub/blob.ts';
import type { Bytes } from '../../shared/bytes.ts';
import { fromHex } from '../../shared/bytes.ts';

export interface Published {
  readonly kind: string;
  readonly publicKey: Bytes;
  readonly message: Bytes;
  readonly signature: Bytes;
}

const hex = z.string().transform((text, context): Bytes => {
  const bytes = fromHex(text);
  if (bytes !== undefined) return bytes;
  context.addIssue({ code: 'custom', message: 'expected hex digits' });
  return z.NEVER;
});
const cctv = z.array(z.object({ key: hex, sig: hex, msg: z.string() }));
const wycheproof = z.object({
  testGroups: z.array(z.object({ publicKey: z.object({ pk: hex }), tests: z.array(z.object({ msg: hex, sig: hex })) })),
});
const own = z.object({
  cases: z.array(
    z.object({ operation: z.string(), input: z.object({ publicKey: hex, message: hex, signature: hex }).partial() }),
  ),
});

export function publishedIn(path: string): Published[] {
  const kind = basename(path);
  const json: unknown = JSON.parse(readFileSync(path, 'utf8'));
  if (Array.isArray(json))
    return cctv
      .parse(json)
      .map(({ key, sig, msg }) => ({ kind, publicKey: key, message: bytesOf(Buffer.from(msg)), signature: sig }));
  if (json !== null && typeof json === 'object' && 'testGroups' in json)
    return wycheproof
      .parse(json)
      .testGroups.flatMap(({ publicKey, tests }) =>
        tests.map(({ msg, sig }) => ({ kind, publicKey: publicKey.pk, message: msg, signature: sig })),
      );
  return own
    .parse(json)
    .cases.filter(({ operation }) => operation === 'verify')
    .map(({ input: { publicKey = '', message = '', signature = '' } }) => ({ kind, publicKey, message, signature }));
}
