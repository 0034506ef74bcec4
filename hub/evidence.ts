// Evidence of a channel: what an outsider needs to check what was charged and settled, gathered from the store. In: a channel. Out: plain JSON, without a
// secret in it. It is only what the payer has signed or revealed, and the hub's own lines.

import { toHex } from '../shared/bytes.ts';
import { writeCommitment } from '../shared/commitment.ts';
import type { DeviceId } from '../shared/identity.ts';
import { writeTariff } from '../shared/tariff.ts';
import type { ChannelNumber } from '../shared/units.ts';
import { readSignedVoucher, writePaywordVoucher, writeSignedVoucher } from '../shared/voucher.ts';
import type { Batch } from './batch.ts';
import { chunkAround, proofOf } from './batch-tree.ts';
import { nameOfIn } from './batch-view.ts';
import type { Channel } from './channel.ts';
import type { Evidence, SettledLine } from './evidence-file.ts';
import { FORMAT } from './evidence-file.ts';
import { saltsOf } from './salts.ts';
import type { Store } from './store.ts';

export type { Evidence } from './evidence-file.ts';
export type { EvidenceVerdict } from './verify.ts';
export { verifyEvidence } from './verify.ts';

/** `undefined` when the hub knows no such channel. */
export function evidenceOf(store: Store, device: DeviceId, number: ChannelNumber): Evidence | undefined {
  return store.atOneMoment(() => {
    const row = store.devices.find(device);
    const channel = store.channels.find(device, number);
    if (row === undefined || channel === undefined) return undefined;
    const nameOf = nameOfIn(store);
    const { terms, tariff, commitment } = channel;
    return {
      format: FORMAT,
      hub: toHex(store.hub),
      device,
      publicKey: toHex(row.publicKey),
      channel: number,
      payer: nameOf(row.payer),
      payee: nameOf(terms.payee),
      commitment: toHex(writeCommitment(commitment.payload, commitment.signature)),
      voucher: highestProof(channel),
      tariff: toHex(writeTariff(tariff)),
      currency: tariff.currency,
      unit: tariff.unit,
      units: channel.acceptedUnits,
      amountMicros: channel.chargedMicros,
      settled: store.batches.settledWith(device, number).map((batch) => lineIn(store, batch, device, number)),
    };
  });
}

/** The link if it reaches as far as what is accepted, else the signed voucher, which then does. */
function highestProof({ terms, acceptedUnits, link, linkUnits, signed }: Channel): string | null {
  if (acceptedUnits === 0) return null;
  if (linkUnits === acceptedUnits) return toHex(writePaywordVoucher(terms.channel, linkUnits, link));
  const voucher =
    signed === undefined ? 'no signed voucher' : readSignedVoucher({ payload: signed.payload, proof: signed.signature });
  if (typeof voucher === 'string' || voucher.units !== acceptedUnits) {
    throw new Error(`channel ${terms.channel}: ${acceptedUnits} units are accepted, and neither link nor signature proves them`);
  }
  return toHex(writeSignedVoucher(voucher.payload, voucher.signature));
}

function lineIn(store: Store, batch: Batch, device: DeviceId, number: ChannelNumber): SettledLine {
  const index = batch.lines.findIndex((line) => line.device === device && line.number === number);
  const line = batch.lines[index];
  if (line === undefined) throw new Error(`batch ${batch.id} has no line of ${device}/${number}`);
  const head = store.heads.find(batch.id);
  if (head === undefined) throw new Error(`batch ${batch.id} has no signed head`);
  const { fromUnits, toUnits, fromMicros, toMicros } = line;
  const [first, end] = chunkAround(index, head.lines);
  const { salt, path } = proofOf(
    { count: head.lines, chunks: head.chunks },
    index,
    batch.lines.slice(first, end),
    saltsOf(store.dataDir),
  );
  const amounts = { fromUnits, toUnits, fromMicros, toMicros };
  return { batch: batch.id, ...amounts, salt: toHex(salt), index, count: head.lines, path: path.map(toHex) };
}
