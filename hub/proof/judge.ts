// What checking evidence needs of cryptography, passed in: so that the command, which has OpenSSL, and the page, which has a browser, run the same check. Both follow the one rule
// for signatures and for keys of the wire [W-22].

import type { Bytes, Sha256 } from '../../shared/bytes.ts';
import type { Link } from '../../shared/payword.ts';

export type Verify = (message: Bytes, signature: Bytes) => boolean;

export interface Judge {
  readonly sha256: Sha256;
  /** Whether a chain's link at `units` leads to its anchor [W-16]; `salt` is what its links share. */
  readonly reachesAnchor: (salt: Bytes, link: Link, units: number, anchor: Link) => boolean;
  /** Of hex that the schema of evidence has let pass: lower-case, whole bytes. */
  readonly bytesIn: (hex: string) => Bytes;
  /** For a key that `keyFault` has passed. It may be asked for often: a verifier is made once for each key. */
  verifierOf(publicKey: Bytes): Verify;
  /** Why nobody may be held to this public key, or nothing. */
  keyFault(publicKey: Bytes): string | undefined;
}
