// A channel's part of evidence: what its payer has signed or revealed, how it was priced, and its lines in batches. In: a channel that the store has. Out: the channel as the file has it; and,
// after all of them, the tariffs and batches that they share.

import { toHex } from '../../shared/bytes.ts';
import { writeCommitment } from '../../shared/commitment.ts';
import type { AccountId } from '../../shared/identity.ts';
import { writeTariff } from '../../shared/tariff.ts';
import { readSignedVoucher, writePaywordVoucher, writeSignedVoucher } from '../../shared/voucher.ts';
import type { Standing } from '../account.ts';
import type { Channel } from '../channel.ts';
import type { Store } from '../store.ts';
import type { ChannelParties, PlacedLine } from '../store-evidence.ts';
import type { Evidence, EvidenceChannel, EvidenceLine, EvidencePayout } from './evidence-file.ts';
import type { LineProof } from './gather-batch.ts';
import { batchGatherer } from './gather-batch.ts';
import { postedEntries } from './gather-entries.ts';
import { payoutsOf } from './gather-payouts.ts';

export interface ChannelGatherer {
  gather(parties: ChannelParties): EvidenceChannel;
  tariffs(): Evidence['tariffs'];
  batches(): Evidence['batches'];
}

/** `viewer`: whose evidence it is. */
export function channelGatherer(
  store: Store,
  nameOf: (account: AccountId) => string,
  viewer: AccountId | undefined,
): ChannelGatherer {
  const tariffs = new Map<string, string>();
  const posted = postedEntries(store);
  const batches = batchGatherer(store, posted);
  return {
    tariffs: () => [...tariffs].map(([id, bytes]) => ({ id, bytes })),
    batches: () => batches.batches(),
    gather({ device, number, payer, payee, enrolledAtSeconds, revokedAtSeconds }) {
      const row = store.devices.find(device);
      const channel = store.channels.find(device, number);
      if (row === undefined || channel === undefined) throw new Error(`channel ${device}/${number} is not there`);
      const { terms, tariff, commitment, acceptedUnits, chargedMicros } = channel;
      const tariffId = toHex(terms.tariff);
      if (!tariffs.has(tariffId)) tariffs.set(tariffId, toHex(writeTariff(tariff)));
      return {
        ...{ device, channel: number, publicKey: toHex(row.publicKey), enrolledAtSeconds, revokedAtSeconds },
        payer: nameOf(payer),
        payee: nameOf(payee),
        commitment: toHex(writeCommitment(commitment.payload, commitment.signature)),
        voucher: highestProof(channel),
        ...{ tariff: tariffId, currency: tariff.currency, unit: tariff.unit, units: acceptedUnits, amountMicros: chargedMicros },
        segments: [...(channel.timed?.segments ?? [])],
        ...settledOf(store.channels.standing(device, number)),
        lines: store.evidence
          .linesOf(device, number)
          .map((line) => lineOf(line, batches.proofOf(line), payoutsOf(store, line, viewer, posted))),
      };
    },
  };
}

function settledOf({ settledUnits, settledMicros }: Standing): Pick<EvidenceChannel, 'settledUnits' | 'settledMicros'> {
  return { settledUnits, settledMicros };
}

function lineOf(line: PlacedLine, { salt, path }: LineProof, payouts: EvidencePayout[]): EvidenceLine {
  const { batch, index, fromUnits, toUnits, fromMicros, toMicros } = line;
  const amounts = { fromUnits, toUnits, fromMicros, toMicros };
  return { batch, ...amounts, salt: salt === null ? null : toHex(salt), index, path: path.map(toHex), payouts };
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
