// The part of a channel's check that concerns batches: lines follow each other without gap or overlap, cost what the tariff says, never pass what the voucher proves, and hash to the roots
// of batches that the file names. In: a channel that is proven. Out: what is wrong, with the field's path within the channel, or nothing.

import type { Bytes } from '../../shared/bytes.ts';
import type { AccountId } from '../../shared/identity.ts';
import { toHex } from '../../shared/bytes.ts';
import { chargeOf } from '../../shared/charge.ts';
import type { Tariff } from '../../shared/tariff.ts';
import type { Units } from '../../shared/units.ts';
import { earlierLeafOf, leafOf } from '../batch.ts';
import type { EvidenceChannel, EvidenceLine } from './evidence-file.ts';
import type { Judge } from './judge.ts';
import type { Ways } from './verify-path.ts';

export interface LineContext {
  readonly judge: Judge;
  /** By their ids, which their roots were seen to have. */
  readonly batches: ReadonlyMap<string, KnownBatch>;
  readonly ways: Ways;
  readonly accountNamed: (name: string) => AccountId;
}

export interface KnownBatch {
  readonly root: Bytes;
  readonly lines: number;
  /** It has a signed head, and its leaves have salts. */
  readonly isSalted: boolean;
}

export function linesFault(channel: EvidenceChannel, tariff: Tariff, context: LineContext): string | undefined {
  let closedUnits = 0;
  for (const [at, line] of channel.lines.entries()) {
    const fault = rangeFault(channel, tariff, line, closedUnits) ?? placeFault(channel, line, context);
    if (fault !== undefined) return `lines.${at}.${fault}`;
    closedUnits = line.toUnits;
  }
  return settledFault(channel);
}

/** What is settled is whole lines, from the first on. */
function settledFault({ lines, settledUnits, settledMicros }: EvidenceChannel): string | undefined {
  const last = lines.find((line) => line.toUnits === settledUnits) ?? { toUnits: 0, toMicros: 0 };
  if (last.toUnits !== settledUnits) return `settledUnits: expected 0 or the end of a line, got ${settledUnits}`;
  return last.toMicros === settledMicros
    ? undefined
    : `settledMicros: ${settledUnits} units are ${last.toMicros} in the lines, got ${settledMicros}`;
}

function rangeFault(channel: EvidenceChannel, tariff: Tariff, line: EvidenceLine, closedUnits: number): string | undefined {
  const { fromUnits, toUnits, fromMicros, toMicros } = line;
  if (fromUnits !== closedUnits) return `fromUnits: expected a line from ${closedUnits} units, got one from ${fromUnits}`;
  if (toUnits <= fromUnits) return `toUnits: expected a line to more than ${fromUnits} units, got ${toUnits}`;
  if (toUnits > channel.units) return `toUnits: the voucher proves ${channel.units} units, the line settles ${toUnits}`;
  const fromDue = chargeOf(tariff, channel.segments, fromUnits as Units);
  if (fromDue !== fromMicros) return `fromMicros: ${fromUnits} units cost ${fromDue} under the tariff, got ${fromMicros}`;
  const toDue = chargeOf(tariff, channel.segments, toUnits as Units);
  return toDue === toMicros ? undefined : `toMicros: ${toUnits} units cost ${toDue} under the tariff, got ${toMicros}`;
}

function placeFault(channel: EvidenceChannel, line: EvidenceLine, context: LineContext): string | undefined {
  const { batches, ways } = context;
  const batch = batches.get(line.batch);
  if (batch === undefined) return `batch: expected batch ${line.batch} among the file's, found none`;
  if (line.index >= batch.lines) return `index: expected one below the batch's ${batch.lines} lines, got ${line.index}`;
  if ((line.salt !== null) !== batch.isSalted) {
    return `salt: expected ${batch.isSalted ? '16 bytes' : 'none, as in all of a batch without a head'}`;
  }
  const reached = ways.rootOver(line.batch, leafIn(channel, line, context), line.index, batch.lines, line.path);
  if (reached.kind === 'miscounted')
    return `path: expected as many hashes as lie beside the way to the root of ${batch.lines} lines, up to where it meets that of the line before, got ${line.path.length}`;
  if (reached.kind === 'apart')
    return `path: the line is not in batch ${line.batch}: it does not lead to where the line before stands`;
  const { root } = reached;
  return root === batch.root ? undefined : `path: the line is not in batch ${line.batch}: it leads to root ${toHex(root)}`;
}

function leafIn(
  { device, channel, payer, payee, currency }: EvidenceChannel,
  line: EvidenceLine,
  { judge, accountNamed }: LineContext,
): Bytes {
  const { fromUnits, toUnits, fromMicros, toMicros, salt } = line;
  const parties = { payer: accountNamed(payer), payee: accountNamed(payee) };
  const content = { device, number: channel, ...parties, currency, fromUnits, toUnits, fromMicros, toMicros };
  return salt === null ? earlierLeafOf(content) : leafOf(content, judge.bytesIn(salt));
}
