// The receipts of one device, which are written more often than anything else: what all of them repeat is put together once. In: whose they are, and where a channel stands. Out: the bytes that
// `writeReceipt` gives, at half of its cost. It must never be asked before the commit that the receipt speaks of.

import type { Bytes } from '../shared/bytes.ts';
import { writeBytes } from '../shared/cbor.ts';
import type { Context } from '../shared/cose.ts';
import { macBytes, PURPOSE_RECEIPT, writeMac0 } from '../shared/cose.ts';
import type { Mac } from '../shared/downlink.ts';
import type { Receipt } from '../shared/receipt.ts';
import { receiptPayload } from '../shared/receipt.ts';

export type ReceiptWriter = (receipt: Receipt) => Bytes;

export function receiptWriter(context: Context, mac: Mac): ReceiptWriter {
  const before = macBytes(PURPOSE_RECEIPT, context, '').slice(0, -writeBytes('').length); // the payload comes last [W-8]
  return (receipt) => {
    const payload = receiptPayload(receipt);
    return writeMac0(payload, mac(before + writeBytes(payload)));
  };
}
