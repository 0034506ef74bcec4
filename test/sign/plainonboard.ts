// Runs on the interpreter: signs every given case with the plain signer and prints the signatures.

import type { Bytes } from '../../shared/bytes.ts';
import { fromHex, toHex } from '../../shared/bytes.ts';
import { beginSignature, signingKeyOf } from '../../device/sign.ts';
import { hashOnBoard } from './hashonboard.ts';
import type { Case } from './cases.ts';

declare const GIVEN: Case[];

for (let i = 0; i < GIVEN.length; i++) {
  const given = GIVEN[i]!;
  const key = signingKeyOf(fromHex(given.seed) as Bytes, fromHex(given.publicKey) as Bytes);
  const signing = beginSignature(key, fromHex(given.message) as Bytes, hashOnBoard);
  let signature = '';
  while (signature === '') signature = signing.step();
  console.log('#signature ' + toHex(signature));
}
console.log('#done');
