// One payer's open channel in a hub's real rooms, without the network: what the benchmarks of proofs and of peers judge vouchers with. In: an empty folder and the length of
// the channel's chain. Out: the store, the payer, and the device with its channel as the hub knows them. Whoever opens it closes the store.

import { judgeGroup, keepGroup, writeGroup } from '../../hub/group.ts';
import type { Channel } from '../../hub/channel.ts';
import type { Known, KnownDevice } from '../../hub/known.ts';
import { knownDevices } from '../../hub/known.ts';
import type { Store } from '../../hub/store.ts';
import { openStore } from '../../hub/store.ts';
import type { DeviceConfig } from '../../shared/config.ts';
import { decodeUplink } from '../../shared/uplink.ts';
import type { Payer } from '../hub/payer.ts';
import { payerOf } from '../hub/payer.ts';
import { benchFleet } from './fleet.ts';

export interface Room {
  readonly store: Store;
  readonly config: DeviceConfig;
  readonly known: Known;
  readonly device: KnownDevice;
  readonly payer: Payer;
  readonly channel: Channel;
}

export function openRoom(dataDir: string, chainUnits: number): Room {
  const [config] = benchFleet(dataDir, 1, chainUnits);
  if (config === undefined) throw new Error('no device was enrolled');
  const store = openStore(dataDir);
  const known = knownDevices(store);
  const device = known.find(config.device, 0);
  if (device === undefined) throw new Error('the device is not enrolled');
  const payer = payerOf(config);
  const judgement = judgeGroup(known, [{ device, message: decodeUplink(payer.commitment(1)) }], { nowMs: 0, nowSeconds: 1e9 });
  const opened = judgement.verdicts[0];
  if (opened?.kind !== 'accepted') throw new Error('the commitment was refused');
  store.atomically(() => writeGroup(store, judgement, 1));
  keepGroup(judgement);
  return { store, config, known, device, payer, channel: opened.change.channel };
}
