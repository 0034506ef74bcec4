// What the hub's signature on a file of evidence covers: everything in it but the signature. In: evidence. Out: bytes, which begin with their purpose.

import type { Bytes } from '../../shared/bytes.ts';
import { canonical } from './canonical.ts';
import type { Evidence } from './evidence-file.ts';

export function signedFileBytes(evidence: Omit<Evidence, 'signature'>): Bytes {
  const { format, hub, writtenAtSeconds, account, tariffs, batches, channels } = evidence;
  return `${format}\n${canonical({ format, hub, writtenAtSeconds, account, tariffs, batches, channels })}`;
}
