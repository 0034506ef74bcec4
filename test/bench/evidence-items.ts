// Evidence in quantity: channels of a few devices, each with its commitment, a payword and one line in a batch of many lines. In: a hub's folder, how many channels, how many lines in all. Out: files of evidence, some
// channels in each. Keys, signatures, trees and heads are real ones; what is left out is that a hub has accepted the vouchers one by one.

import { batchTreeOf, chunkAround, chunkProofs } from '../../hub/batch-tree.ts';
import type { BatchTree, ChunkProofs } from '../../hub/batch-tree.ts';
import type { BatchLine } from '../../hub/batch.ts';
import { enrol } from '../../hub/enrol.ts';
import { writeHead } from '../../hub/head-signed.ts';
import { accountIdOf } from '../../hub/ids.ts';
import { signAsHub } from '../../hub/key.ts';
import type { Evidence, EvidenceBatch, EvidenceChannel } from '../../hub/proof/evidence-file.ts';
import { FORMAT } from '../../hub/proof/evidence-file.ts';
import { evidenceText, signedFileBytes } from '../../hub/proof/signed-file.ts';
import { saltsOf } from '../../hub/salts.ts';
import type { Store } from '../../hub/store.ts';
import { openStore } from '../../hub/store.ts';
import { hashesBelowMeeting } from '../../hub/tree.ts';
import { toHex } from '../../shared/bytes.ts';
import { chargeOf, NO_SEGMENTS } from '../../shared/charge.ts';
import type { DeviceConfig } from '../../shared/config.ts';
import { writeTariff } from '../../shared/tariff.ts';
import type { ChannelNumber, Units } from '../../shared/units.ts';
import { loadRequest } from '../load/request.ts';
import type { Payer } from '../hub/payer.ts';
import { payerOf } from '../hub/payer.ts';

export const UNITS = 8;

export interface Items {
  /** `count` channels from the `first` on, as one file. */
  fileOf(first: number, count: number): string;
  close(): void;
}

interface Order {
  readonly devices: number;
  readonly items: number;
  /** In the batch; those beyond the items are of nobody. */
  readonly lines: number;
}

export function evidenceItems(dataDir: string, { devices, items, lines }: Order): Items {
  const store = openStore(dataDir);
  const request = loadRequest(0, UNITS);
  const { payer, payee, tariff } = request;
  const configs = Array.from({ length: devices }, (_, i) => enrol(store, { ...request, label: `device ${i}` }));
  const payers = configs.map(payerOf);
  const parties = { payer: accountIdOf(payer), payee: accountIdOf(payee), currency: tariff.currency };
  const amounts = { fromUnits: 0, toUnits: UNITS, fromMicros: 0, toMicros: chargeOf(tariff, NO_SEGMENTS, UNITS as Units) ?? 0 };
  const of = (item: number): { config: DeviceConfig; payer: Payer; number: ChannelNumber } => {
    const at = item % devices;
    return {
      config: configs[at] as DeviceConfig,
      payer: payers[at] as Payer,
      number: (Math.floor(item / devices) + 1) as ChannelNumber,
    };
  };
  const lineAt = (item: number): BatchLine => ({
    device: of(item).config.device,
    number: of(item).number,
    ...parties,
    ...amounts,
  });
  const count = Math.max(items, lines);
  const tree = batchTreeOf(store.hub, linesUpTo(count, lineAt), saltsOf(dataDir));
  const batch = batchIn(store, tree, lineAt(0));
  const proofsAt = proofsOf(dataDir, tree, lineAt);

  function channelOf(item: number, first: number): EvidenceChannel {
    const { config, payer: signer, number } = of(item);
    const proofs = proofsAt(item);
    const line = {
      batch: tree.id,
      ...amounts,
      salt: toHex(proofs.saltOf(item)),
      index: item,
      path: proofs
        .pathOf(item)
        .slice(0, item === first ? undefined : hashesBelowMeeting(item, item - 1, tree.count))
        .map(toHex),
      payouts: [],
    };
    return {
      ...{ device: config.device, channel: number, publicKey: config.publicKey, enrolledAtSeconds: 0, revokedAtSeconds: null },
      ...{ payer, payee, commitment: toHex(signer.commitment(number)), voucher: toHex(signer.payword(number, UNITS)) },
      ...{
        tariff: config.tariff,
        segments: [],
        currency: tariff.currency,
        unit: tariff.unit,
        units: UNITS,
        amountMicros: amounts.toMicros,
      },
      ...{ settledUnits: UNITS, settledMicros: amounts.toMicros, lines: [line] },
    };
  }

  return {
    close: () => store.close(),
    fileOf(first, wanted) {
      const channels = Array.from({ length: wanted }, (_, i) => channelOf(first + i, first));
      const tariffs = [{ id: configs[0]?.tariff ?? '', bytes: toHex(writeTariff(tariff)) }];
      const hub = { id: toHex(store.hub), publicKey: toHex(store.hubKey) };
      const file: Omit<Evidence, 'signature'> = {
        ...{ format: FORMAT, hub, writtenAtSeconds: 0, account: payer, tariffs, batches: [batch], channels },
      };
      return evidenceText({ ...file, signature: toHex(signAsHub(dataDir, signedFileBytes(file))) });
    },
  };
}

function* linesUpTo(count: number, lineAt: (item: number) => BatchLine): Generator<BatchLine> {
  for (let item = 0; item < count; item++) yield lineAt(item);
}

/** With its head, as settlement signs it. */
function batchIn(store: Store, tree: BatchTree, line: BatchLine): EvidenceBatch {
  store.atomically(() => {
    store.batches.prepare(tree.id, [], 0);
    writeHead(store, tree, 0);
  });
  const head = store.heads.find(tree.id);
  if (head === undefined) throw new Error(`batch ${tree.id} of ${line.device} has no head`);
  const { number, preparedAtSeconds, entry, ledger, signature } = head;
  const signed = { number, preparedAtSeconds, entry, ledger: toHex(ledger), signature: toHex(signature) };
  return { id: tree.id, lines: tree.count, root: toHex(tree.root), state: 'settled', entries: [], head: signed };
}

/** Items are asked for one after the other: one chunk is at hand. */
function proofsOf(dataDir: string, tree: BatchTree, lineAt: (item: number) => BatchLine): (item: number) => ChunkProofs {
  const salts = saltsOf(dataDir);
  let held: { readonly end: number; readonly proofs: ChunkProofs } | undefined;
  return (item) => {
    if (held !== undefined && item < held.end && chunkAround(item, tree.count)[1] === held.end) return held.proofs;
    const [first, end] = chunkAround(item, tree.count);
    const around = Array.from({ length: end - first }, (_, i) => lineAt(first + i));
    held = { end, proofs: chunkProofs(tree, item, around, salts) };
    return held.proofs;
  };
}
