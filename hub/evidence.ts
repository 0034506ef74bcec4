// Evidence, as the hub's other rooms and the command know it: written for a channel or an account, and checked. What is behind it lies in proof/.

import type { Bytes } from '../shared/bytes.ts';
import { NODE_JUDGE } from './proof/node-judge.ts';
import type { EvidenceVerdict } from './proof/verify.ts';
import { verifyEvidenceBy, verifyTextBy } from './proof/verify.ts';

export type { Evidence } from './proof/evidence-file.ts';
export type { EvidenceVerdict } from './proof/verify.ts';
export { accountEvidenceOf, evidenceOf } from './proof/gather.ts';
export { evidenceText } from './proof/signed-file.ts';

/** Under OpenSSL. `hubKey` is the hub's public key as the reader has it from elsewhere. */
export function verifyEvidence(json: unknown, hubKey?: Bytes): EvidenceVerdict {
  return verifyEvidenceBy(NODE_JUDGE, json, { hubKey });
}

/** The same of a file's text. Throws a SyntaxError if it is no JSON. */
export function verifyEvidenceText(text: string, hubKey?: Bytes): EvidenceVerdict {
  return verifyTextBy(NODE_JUDGE, text, hubKey);
}
