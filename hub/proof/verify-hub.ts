// What a file of evidence says in the hub's name: its key and id, its batches with their signed heads, and the signature over the file. In: a parsed file. Out: what is wrong, with the
// field's path, or nothing. Without a key that the reader has from elsewhere, it shows only that one hub has said all of it.

import { toHex } from '../../shared/bytes.ts';
import type { HubId } from '../../shared/identity.ts';
import { hubIdOf } from '../../shared/identity.ts';
import { readTariff } from '../../shared/tariff.ts';
import { batchIdUnder, earlierBatchIdUnder } from '../batch.ts';
import { headBytes } from '../head.ts';
import type { Evidence } from './evidence-file.ts';
import type { Judge } from './judge.ts';
import { signedFileBytes, signedTextIn } from './signed-file.ts';
import type { KnownTariff } from './verify-channel.ts';
import type { KnownBatch } from './verify-lines.ts';

export function hubFault({ hub }: Evidence, judge: Judge): string | undefined {
  const publicKey = judge.bytesIn(hub.publicKey);
  const badKey = judge.keyFault(publicKey);
  if (badKey !== undefined) return `hub.publicKey: ${badKey}`;
  const id = toHex(hubIdOf(publicKey, judge.sha256));
  return id === hub.id ? undefined : `hub.id: expected ${id}, the name of hub.publicKey, got ${hub.id}`;
}

/** By their ids. */
export function tariffsIn({ tariffs }: Evidence, { sha256, bytesIn }: Judge): Map<string, KnownTariff> | string {
  const known = new Map<string, KnownTariff>();
  for (const [at, { id, bytes: hex }] of tariffs.entries()) {
    const bytes = bytesIn(hex);
    const found = sha256(bytes).substring(0, 16);
    if (toHex(found) !== id) return `tariffs.${at}.id: expected ${toHex(found)}, the name of its bytes, got ${id}`;
    const tariff = readTariff(bytes);
    if (typeof tariff === 'string') return `tariffs.${at}.bytes: ${tariff}`;
    if (known.has(id)) return `tariffs.${at}.id: expected each tariff once, got ${id} again`;
    known.set(id, { id: found, tariff });
  }
  return known;
}

export function batchesIn(evidence: Evidence, judge: Judge): Map<string, KnownBatch> | string {
  const hub = judge.bytesIn(evidence.hub.id) as HubId;
  const known = new Map<string, KnownBatch>();
  for (const [at, batch] of evidence.batches.entries()) {
    const idUnder = batch.head === null ? earlierBatchIdUnder : batchIdUnder;
    const root = judge.bytesIn(batch.root);
    const id = idUnder(hub, batch.lines, root, judge.sha256);
    if (id !== batch.id)
      return `batches.${at}.id: ${batch.lines} lines under root ${batch.root} are batch ${id}, got ${batch.id}`;
    if (known.has(id)) return `batches.${at}.id: expected each batch once, got ${id} again`;
    known.set(id, { root, lines: batch.lines, isSalted: batch.head !== null });
  }
  return known;
}

export function headsFault(evidence: Evidence, judge: Judge): string | undefined {
  const hub = judge.bytesIn(evidence.hub.id) as HubId;
  const verify = judge.verifierOf(judge.bytesIn(evidence.hub.publicKey));
  for (const [at, { id: batch, lines, root, head }] of evidence.batches.entries()) {
    if (head === null) continue;
    const { number, preparedAtSeconds, entry, ledger, signature } = head;
    const said = { batch, number, lines, root: judge.bytesIn(root), preparedAtSeconds, entry, ledger: judge.bytesIn(ledger) };
    if (!verify(headBytes(hub, said), judge.bytesIn(signature)))
      return `batches.${at}.head: the signature is not that of the hub over this head`;
  }
  return undefined;
}

/** Nothing may ride along that no channel of the file rests on. */
export function unusedFault({ tariffs, batches, channels }: Evidence): string | undefined {
  const used = new Set<string>();
  for (const channel of channels) {
    used.add(channel.tariff);
    for (const { batch } of channel.lines) used.add(batch);
  }
  const tariff = tariffs.findIndex(({ id }) => !used.has(id));
  if (tariff >= 0) return `tariffs.${tariff}: no channel of the file is priced by it`;
  const batch = batches.findIndex(({ id }) => !used.has(id));
  if (batch >= 0) return `batches.${batch}: no channel of the file has a line in it`;
  const names = new Set<string>();
  for (const [at, { device, channel }] of channels.entries()) {
    const name = `${device}/${channel}`;
    if (names.has(name)) return `channels.${at}: expected each channel once, got ${name} again`;
    names.add(name);
  }
  return undefined;
}

export function accountFault({ account, channels }: Evidence): string | undefined {
  if (account === null)
    return channels.length === 1 ? undefined : `account: expected a name over ${channels.length} channels, got none`;
  const at = channels.findIndex(({ payer, payee }) => payer !== account && payee !== account);
  return at < 0 ? undefined : `channels.${at}: expected a channel that ${account} pays or is paid by`;
}

/** `text`: the file as it was read, if there is one. */
export function signatureFault(evidence: Evidence, judge: Judge, text: string | undefined): string | undefined {
  const verify = judge.verifierOf(judge.bytesIn(evidence.hub.publicKey));
  const signature = judge.bytesIn(evidence.signature);
  const written = text === undefined ? undefined : signedTextIn(text, evidence.signature);
  const isSigned = (written !== undefined && verify(written, signature)) || verify(signedFileBytes(evidence), signature);
  return isSigned
    ? undefined
    : 'signature: it is not that of the hub over this file: something was changed, added or left out that nothing else in the file proves';
}
