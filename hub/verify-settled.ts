// The part of the check of evidence that concerns batches: lines follow each other without gap or overlap, cost what the tariff says, never pass
// what the voucher proves, and hash to the batches' ids. In: evidence whose channel is proven. Out: what is wrong, or nothing.

import { fromHex } from '../shared/bytes.ts';
import type { Bytes } from '../shared/bytes.ts';
import type { HubId } from '../shared/identity.ts';
import type { Tariff } from '../shared/tariff.ts';
import { amountOf } from '../shared/tariff.ts';
import type { ChannelNumber, Units } from '../shared/units.ts';
import { batchIdUnder, leafOf } from './batch.ts';
import type { Evidence, SettledLine } from './evidence-file.ts';
import { accountIdOf } from './ids.ts';
import { sha256 } from './proofs.ts';
import { rootOver } from './tree.ts';

export function settledFault(evidence: Evidence, tariff: Tariff): string | undefined {
  let settledUnits = 0;
  for (const [at, line] of evidence.settled.entries()) {
    const fault = lineFault(evidence, tariff, line, settledUnits);
    if (fault !== undefined) return `settled.${at}: ${fault}`;
    settledUnits = line.toUnits;
  }
  return undefined;
}

function lineFault(evidence: Evidence, tariff: Tariff, line: SettledLine, settledUnits: number): string | undefined {
  const { fromUnits, toUnits, fromMicros, toMicros, index, count } = line;
  if (fromUnits !== settledUnits) return `expected a line from ${settledUnits} units, got one from ${fromUnits}`;
  if (toUnits <= fromUnits) return `expected a line to more than ${fromUnits} units, got ${toUnits}`;
  if (toUnits > evidence.units) return `the voucher proves ${evidence.units} units, the line settles ${toUnits}`;
  for (const [units, micros] of [
    [fromUnits, fromMicros],
    [toUnits, toMicros],
  ] as const) {
    const due = amountOf(tariff, units as Units);
    if (due !== micros) return `${units} units cost ${due} micros under the tariff, got ${micros}`;
  }
  if (index >= count) return `expected an index below the count of ${count}, got ${index}`;
  const root = rootOver(leafIn(evidence, line), index, count, line.path.map(bytesIn), sha256);
  if (root === undefined)
    return `expected a path as long as the way to the root of ${count} lines, got ${line.path.length} hashes`;
  const batch = batchIdUnder(bytesIn(evidence.hub) as HubId, count, root, sha256);
  return batch === line.batch ? undefined : `the line is not in batch ${line.batch}: it leads to ${batch}`;
}

function leafIn(evidence: Evidence, { salt, fromUnits, toUnits, fromMicros, toMicros }: SettledLine): Bytes {
  const { device, channel, currency } = evidence;
  const parties = { payer: accountIdOf(evidence.payer), payee: accountIdOf(evidence.payee) };
  const amounts = { fromUnits, toUnits, fromMicros, toMicros };
  return leafOf({ device, number: channel as ChannelNumber, ...parties, currency, ...amounts }, bytesIn(salt));
}

function bytesIn(hex: string): Bytes {
  const bytes = fromHex(hex);
  if (bytes === undefined) throw new Error(`expected hex that the schema let pass, got ${hex}`);
  return bytes;
}
