// Runs on the interpreter: signs every given case with a fast signer, whose comb table lies in flash, and prints signatures and public keys.

import type { Bytes } from '../../shared/bytes.ts';
import { fromHex, toHex } from '../../shared/bytes.ts';
import { signerOf } from '../../device/ed25519.ts';
import type { CombShape } from '../../device/ed25519comb.ts';
import { openTable } from '../../device/ed25519comb.ts';
import type { MakeEngine } from '../../device/ed25519point.ts';
import { nativeOnBoard } from './nativeonboard.ts';
import { hashOnBoard } from './hashonboard.ts';
import type { Case } from './cases.ts';

declare const GIVEN: { shape: CombShape; cases: Case[] };
declare function boardModule(name: 'Storage'): { read(name: string): Bytes };

function finish(slices: { step(): Bytes }): Bytes {
  let out = '';
  while (out === '') out = slices.step();
  return out;
}

export function signAll(makeEngine: MakeEngine): void {
  const bytes = nativeOnBoard.toArrayBuffer(boardModule('Storage').read('comb'));
  const signer = signerOf(nativeOnBoard, openTable(GIVEN.shape, bytes), makeEngine);
  for (let i = 0; i < GIVEN.cases.length; i++) {
    const given = GIVEN.cases[i]!;
    const key = signer.signingKeyOf(fromHex(given.seed) as Bytes, fromHex(given.publicKey) as Bytes);
    console.log('#signature ' + toHex(finish(signer.beginSignature(key, fromHex(given.message) as Bytes, hashOnBoard))));
    if (i < 3) console.log('#publicKey ' + toHex(finish(signer.beginPublicKey(key, hashOnBoard))));
  }
  console.log('#done');
}
