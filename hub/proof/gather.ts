// Evidence gathered from the store and signed by the hub: of one channel, or of all channels of an account. In: the store, whose folder holds the hub's key, and a moment. Out: plain JSON, without
// a secret in it and without anything of channels that were not asked for, but hashes that nobody can guess what is under.

import { toHex } from '../../shared/bytes.ts';
import type { AccountId, DeviceId } from '../../shared/identity.ts';
import type { ChannelNumber } from '../../shared/units.ts';
import { nameOfIn } from '../batch-view.ts';
import { accountIdOf } from '../ids.ts';
import { signAsHub } from '../key.ts';
import type { Store } from '../store.ts';
import type { ChannelParties } from '../store-evidence.ts';
import type { Evidence } from './evidence-file.ts';
import { FORMAT } from './evidence-file.ts';
import { channelGatherer } from './gather-channel.ts';
import { signedFileBytes } from './signed-file.ts';

const nowInSeconds = (): number => Math.floor(Date.now() / 1000);

/** `undefined` when the hub knows no such channel. */
export function evidenceOf(
  store: Store,
  device: DeviceId,
  number: ChannelNumber,
  nowSeconds = nowInSeconds(),
): Evidence | undefined {
  return store.atOneMoment(() => {
    const parties = store.evidence.parties(device, number);
    return parties === undefined ? undefined : fileOf(store, [parties], undefined, nowSeconds);
  });
}

/** All channels on which the account pays or is paid; `undefined` when there are none. */
export function accountEvidenceOf(store: Store, name: string, nowSeconds = nowInSeconds()): Evidence | undefined {
  return store.atOneMoment(() => {
    const account = accountIdOf(name);
    const channels = store.evidence.channelsOf(account);
    return channels.length === 0 ? undefined : fileOf(store, channels, account, nowSeconds);
  });
}

function fileOf(
  store: Store,
  parties: readonly ChannelParties[],
  account: AccountId | undefined,
  writtenAtSeconds: number,
): Evidence {
  const nameOf = nameOfIn(store);
  const gatherer = channelGatherer(store, nameOf, account);
  const channels = parties.map((one) => gatherer.gather(one));
  const evidence = {
    format: FORMAT,
    hub: { id: toHex(store.hub), publicKey: toHex(store.hubKey) },
    writtenAtSeconds,
    account: account === undefined ? null : nameOf(account),
    tariffs: gatherer.tariffs(),
    batches: gatherer.batches(),
    channels,
  } as const;
  return { ...evidence, signature: toHex(signAsHub(store.dataDir, signedFileBytes(evidence))) };
}
