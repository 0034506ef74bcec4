// A file of evidence as text, and what the hub's signature on it covers: everything in it but the signature. In: evidence, or a file's text. Out: text; or bytes, which begin with their purpose.

import type { Bytes } from '../../shared/bytes.ts';
import { canonical } from './canonical.ts';
import type { Evidence } from './evidence-file.ts';
import { FORMAT } from './evidence-file.ts';

/** As a hub writes it: so what is signed can be cut out of it, and has not to be written again by whoever checks it. */
export function evidenceText(evidence: Evidence): string {
  return `${canonical(evidence)}\n`;
}

export function signedFileBytes(evidence: Omit<Evidence, 'signature'>): Bytes {
  const { format, hub, writtenAtSeconds, account, tariffs, batches, channels } = evidence;
  return `${format}\n${canonical({ account, batches, channels, format, hub, tariffs, writtenAtSeconds })}`;
}

const NOT_ASCII = /[^ -~]/;

/**
 * The text of a file without its signature, which is what was signed if a hub has written it so; `undefined` if it is laid out otherwise. Text that a hub's key has signed under this purpose is canonical, because hubs sign no other; so
 * it says what was read from it. Characters beyond a byte have no place in it: they would pass for others when they are hashed.
 */
export function signedTextIn(text: string, signature: string): Bytes | undefined {
  const member = `,"signature":"${signature}"`;
  const at = text.lastIndexOf(member);
  const end = text.endsWith('\n') ? text.length - 1 : text.length;
  if (at < 0) return undefined;
  const signed = text.slice(0, at) + text.slice(at + member.length, end);
  return NOT_ASCII.test(signed) ? undefined : `${FORMAT}\n${signed}`;
}
