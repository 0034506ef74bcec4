// SHA-512 as the board has it: native, byte strings in and out. It answers '' when the interpreter had no memory for the result.

import type { Bytes } from '../../shared/bytes.ts';

declare function boardModule(name: 'crypto'): { SHA512(data: Bytes): ArrayBuffer | undefined };
declare const E: { toString(bytes: ArrayBuffer): Bytes };

export function hashOnBoard(data: Bytes): Bytes {
  const out = boardModule('crypto').SHA512(data);
  return out === undefined ? '' : E.toString(out);
}
