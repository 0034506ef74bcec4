// The generator of test/vectors: which file holds which cases, and how a file is written. In: the tables of vectors-*.ts. Out: texts that must be equal
// to the committed files, byte for byte. `WRITE_VECTORS=1 npx vitest run test/wire/vectors.test.ts` writes them instead.

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Case, VectorFile } from './cases.ts';
import { cbor, cose } from './vectors-cbor.ts';
import { paywordChain } from './vectors-chain.ts';
import { grant, reasonList, receipt, reject } from './vectors-downlink.ts';
import { judging } from './vectors-judging.ts';
import { constants, ids, topics } from './vectors-names.ts';
import { ed25519Rule } from './vectors-signature.ts';
import { richTariff } from './vectors-rich-tariff.ts';
import { status } from './vectors-status.ts';
import { tariff } from './vectors-tariff.ts';
import { offer, piece, report } from './vectors-update.ts';
import { commitment, paywordVoucher, signedVoucher } from './vectors-uplink.ts';

export const VECTOR_FILES: Readonly<Record<string, VectorFile>> = {
  cbor,
  commitment,
  constants,
  cose,
  'ed25519-rule': ed25519Rule,
  grant,
  ids,
  judging,
  offer,
  'payword-chain': paywordChain,
  'payword-voucher': paywordVoucher,
  piece,
  receipt,
  reject,
  'reject-reasons': reasonList,
  report,
  'rich-tariff': richTariff,
  'signed-voucher': signedVoucher,
  status,
  tariff,
  topics,
};

/** What shared/ itself must answer; the rule of Ed25519 is put to its verifiers in signature.test.ts, judging to the hub in judging.test.ts. */
export const WIRE_FILES = Object.keys(VECTOR_FILES).filter((name) => name !== 'ed25519-rule' && name !== 'judging');

export function pathOf(name: string): string {
  return fileURLToPath(new URL(`../vectors/${name}.json`, import.meta.url));
}

/** One case a line: a changed vector is one changed line. */
export function textOfFile(file: VectorFile): string {
  const lines = file.cases.map((one) => '    ' + JSON.stringify(one));
  return `{\n  "about": ${JSON.stringify(file.about)},\n  "cases": [\n${lines.join(',\n')}\n  ]\n}\n`;
}

export function committedText(name: string): string {
  return readFileSync(pathOf(name), 'utf8');
}

export function writeVectors(): void {
  for (const [name, file] of Object.entries(VECTOR_FILES)) writeFileSync(pathOf(name), textOfFile(file));
}

export function committedCases(name: string): readonly Case[] {
  return (JSON.parse(committedText(name)) as VectorFile).cases;
}
