// What each commit has done to channels that time or money beside their units matters for: those under prices that differ by time, and those of payers with terms. In: which channels a commit
// has written, and the committed books. Out: their openings and acceptances in the auditor's own books, with the hub's time, and a look at the wallet of each one opened.

import { toHex } from '../../shared/bytes.ts';
import type { Store } from '../../hub/store.ts';
import type { DeviceId } from '../../shared/identity.ts';
import type { Written } from '../world/disk.ts';
import type { Broken } from './broken.ts';
import type { Peek } from './peek.ts';
import type { OwnChannel, OwnDevice } from './own-books.ts';
import { noteAcceptance } from './own-segments.ts';
import type { Opening, OwnWallet } from './own-wallets.ts';
import { ownMost } from './second-charge.ts';
import { auditOpening } from './wallets.ts';

type Watch = (channels: readonly Written[]) => void;

interface WatchOptions {
  readonly eyes: () => Store | undefined;
  readonly peek: () => Peek | undefined;
  /** What the hub's clock shows. */
  readonly hubSeconds: () => number;
}

export function watchCommits(
  { eyes, peek, hubSeconds }: WatchOptions,
  devices: ReadonlyMap<DeviceId, OwnDevice>,
  broken: Broken,
): Watch {
  function look({ device, number }: Written, opened: Array<[OwnWallet, Opening]>): void {
    const own = devices.get(device);
    const channel = own?.channels.get(number);
    if (own === undefined || channel === undefined || (own.wallet === undefined && channel.times === undefined)) return;
    const acceptedUnits = peek()?.acceptedUnits(device, number) ?? -1;
    if (acceptedUnits < 0) return;
    const nowSeconds = hubSeconds();
    if (channel.openedAtSeconds < 0) {
      channel.openedAtSeconds = nowSeconds;
      if (channel.times !== undefined) channel.times.lastSeconds = nowSeconds;
      if (own.wallet !== undefined) opened.push([own.wallet, openingOf(own, channel)]);
    }
    const { times } = channel;
    if (times === undefined || own.tariff.kind !== 'rich' || acceptedUnits <= (times.acceptances.at(-1)?.toUnits ?? 0)) return;
    noteAcceptance(times, own.tariff, acceptedUnits, nowSeconds);
  }

  return (channels) => {
    const opened: Array<[OwnWallet, Opening]> = [];
    for (const channel of channels) look(channel, opened);
    const store = eyes();
    if (opened.length === 0 || store === undefined) return;
    for (const [wallet, opening] of opened) wallet.openings.push(opening);
    for (const [wallet, opening] of opened) auditOpening(store, wallet, opening, hubSeconds(), broken);
  };

  function openingOf({ config, tariff }: OwnDevice, { terms, openedAtSeconds }: OwnChannel): Opening {
    const { channel: number, payee, limitUnits } = terms;
    const mostMicros = ownMost(tariff, limitUnits);
    if (mostMicros === undefined) throw new Error(`${config.device}/${number}: a limit for ${toHex(payee)} that has no amount`);
    return { device: config.device, number, payee, openedAtSeconds, limitUnits, mostMicros, endedMicros: undefined };
  }
}
