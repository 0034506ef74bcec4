// The door for what devices send on `up`. In: untrusted bytes. Out: a commitment or a voucher, well formed, its proof not yet checked; or why
// the bytes are none. The structure alone tells the kinds apart [W-9]. It must never throw.

import type { Bytes } from './bytes.ts';
import { readEnd, readerOf } from './cbor.ts';
import type { Commitment } from './commitment.ts';
import { readCommitment } from './commitment.ts';
import { readSign1 } from './cose.ts';
import type { Voucher } from './voucher.ts';
import { readPaywordVoucher, readSignedVoucher } from './voucher.ts';

export const MAX_MESSAGE_BYTES = 512;

export interface Malformed {
  readonly kind: 'malformed';
  /** What was expected and what came, for the operator's eyes. */
  readonly detail: string;
}

export type Uplink = Commitment | Voucher | Malformed;

const COMMITMENT_HEAD = 0x87;

function malformed(detail: string): Malformed {
  return { kind: 'malformed', detail: detail };
}

export function decodeUplink(message: Bytes): Uplink {
  if (message.length > MAX_MESSAGE_BYTES) {
    return malformed('expected at most ' + MAX_MESSAGE_BYTES + ' bytes, got ' + message.length); // [W-1]
  }
  const r = readerOf(message);
  if (message.charCodeAt(0) === 0x83) {
    const voucher = readPaywordVoucher(r);
    return r.fault === '' ? voucher : malformed(r.fault);
  }
  const envelope = readSign1(r);
  readEnd(r);
  if (r.fault !== '') return malformed(r.fault);
  const signed = envelope.payload.charCodeAt(0) === COMMITMENT_HEAD ? readCommitment(envelope) : readSignedVoucher(envelope);
  return typeof signed === 'string' ? malformed(signed) : signed;
}
