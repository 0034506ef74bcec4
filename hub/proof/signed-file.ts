// What the hub's signature on a file of evidence covers: everything in it but the signature. In: evidence. Out: bytes, which begin with their purpose.

import type { Bytes } from '../../shared/bytes.ts';
import type { Json } from './canonical.ts';
import { canonical } from './canonical.ts';
import type { Evidence } from './evidence-file.ts';

export function signedFileBytes(evidence: Omit<Evidence, 'signature'> & { readonly signature?: string }): Bytes {
  const { signature: _, ...rest } = evidence;
  return `${evidence.format}\n${canonical(rest as unknown as Json)}`;
}
