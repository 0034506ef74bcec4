// The bank's file, whichever it is: a status report (pain.002), or bookings (camt.054, and camt.053 where a bank sends nothing else). In: bytes, the payouts that
// it may speak of, and the rail's memory of what stood in which message. Out: replies and remarks, or a sentence. It never guesses: what does not fit in
// identity and amount changes nothing.

import type { Payout, RailMemory, ReplyFile } from '../rail.ts';
import { readBookings } from './camt054.ts';
import type { SepaConfig } from './config.ts';
import { readStatusReport } from './pain002.ts';
import type { Plan } from './plan.ts';
import { plansOf } from './plan.ts';
import type { Reading } from './reading.ts';
import { readXml } from './xml-read.ts';

const NAMESPACE = /^urn:iso:std:iso:20022:tech:xsd:(pain\.002|camt\.05[34])\.001\.\d\d$/;

export function readBankFile(
  config: SepaConfig,
  bytes: Uint8Array,
  payouts: readonly Payout[],
  memory: RailMemory,
): ReplyFile | string {
  const file = readXml(bytes);
  if (typeof file === 'string') return file;
  const kind = NAMESPACE.exec(file.namespace)?.[1];
  if (kind === undefined || file.root.name !== 'Document')
    return `expected a Document of pain.002.001, camt.054.001 or camt.053.001, got ${file.root.name} of "${file.namespace.slice(0, 80)}"`;
  const reading: Reading = {
    config,
    payouts: new Map(payouts.map((payout) => [payout.id, payout])),
    plans: plansWith(payouts, memory),
    remarks: [],
    replies: [],
    said: new Set(),
  };
  const fault = kind === 'pain.002' ? readStatusReport(reading, file.root) : readBookings(reading, file.root);
  return fault ?? { replies: reading.replies, remarks: reading.remarks };
}

function plansWith(payouts: readonly Payout[], memory: RailMemory): Plan[] {
  const keys = new Map(payouts.map(({ batch, direction }) => [`${batch} ${direction}`, { batch, direction }]));
  return [...keys.values()].flatMap(({ batch, direction }) => plansOf(memory, batch, direction));
}
