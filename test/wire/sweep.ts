// A valid message with bits of every byte flipped, every prefix cut, and bytes appended: a digest of all answers, so that two implementations can
// be compared on thousands of inputs by 32 bytes. In: an operation and its input. Out: counts and the digest. Espruino subset.

import type { Bytes, Sha256 } from '../../shared/bytes.ts';
import { toHex } from '../../shared/bytes.ts';
import type { Fields } from './fields.ts';
import { numberOf, octetsOf, textOf } from './fields.ts';
import { encode, operate } from './operations.ts';

interface Tally {
  refused: number;
  same: number;
  other: number;
  digest: Bytes;
}

function withHex(input: Fields, hex: string): Fields {
  const changed: Record<string, unknown> = { hex: hex };
  if (input['hub'] !== undefined) changed['hub'] = input['hub'];
  if (input['device'] !== undefined) changed['device'] = input['device'];
  if (input['macKey'] !== undefined) changed['macKey'] = input['macKey'];
  return changed;
}

/** One mutation put to the operation: refused, or decoded to what encodes to the same bytes, or (never) anything else. */
function probe(tally: Tally, operation: string, input: Fields, mutated: Bytes, sha256: Sha256): void {
  const hex = toHex(mutated);
  const given = withHex(input, hex);
  const output = operate(operation, given, sha256);
  if (output['refusal'] !== undefined) tally.refused++;
  else if (encode(operation, given, output, sha256)['hex'] === hex) tally.same++;
  else tally.other++;
  tally.digest = sha256(tally.digest + JSON.stringify(output));
}

/** Small value, length, type and range of a head: one bit of each. */
const BITS = [1, 8, 32, 128];

export function sweep(given: Fields, sha256: Sha256): Fields {
  const operation = textOf(given, 'of');
  const bytes = octetsOf(given, 'hex');
  // Of the bytes of a signature one bit each is enough: no reader looks into them.
  const opaqueFrom = bytes.length - numberOf(given, 'opaqueBytes');
  const tally: Tally = { refused: 0, same: 0, other: 0, digest: '' };
  for (let at = 0; at < bytes.length; at++) {
    probe(tally, operation, given, bytes.substring(0, at), sha256);
    for (let i = 0; i < (at < opaqueFrom ? BITS.length : 1); i++) {
      const flipped = String.fromCharCode(bytes.charCodeAt(at) ^ (BITS[i] as number));
      probe(tally, operation, given, bytes.substring(0, at) + flipped + bytes.substring(at + 1), sha256);
    }
  }
  for (let code = 0; code < 256; code += 15) probe(tally, operation, given, bytes + String.fromCharCode(code), sha256);
  return { refused: tally.refused, same: tally.same, other: tally.other, digest: toHex(tally.digest) };
}
