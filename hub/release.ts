// Releasing a channel that a dead device has left open: the operator asks, the hub that runs closes it at what is accepted, and what it held back is free again. In: requests
// in the database, whichever process wrote them. Out: channels closed without their payer's word; what comes on them later is refused as `channel-closed`, and the
// board carries it to its next channel. It must never close at less than was accepted.

import type { Logger } from 'pino';
import type { DeviceId } from '../shared/identity.ts';
import { assertConserved } from './audit.ts';
import type { Channel } from './channel.ts';
import type { Lanes } from './intake.ts';
import type { Known } from './known.ts';
import { holdChannel } from './known.ts';
import type { Moment } from './moment.ts';
import type { Store } from './store.ts';
import type { AskedRelease } from './store-reservations.ts';

export interface Releases {
  /** Does what was asked for, if another process has written; cheap when none has. */
  look(): void;
}

export interface ReleaseOptions {
  readonly store: Store;
  readonly known: Known;
  readonly lanes: Lanes | undefined;
  readonly log: Logger;
  readonly now: () => Moment;
  /** True if somebody may have asked since the last look; another process, unless given. */
  readonly changedElsewhere?: () => boolean;
}

export function openReleases(options: ReleaseOptions): Releases {
  const { store, known, lanes, log, now, changedElsewhere = store.watchElsewhere() } = options;
  let due = true; // what a hub before this one left

  /** False while the device's last paywords are not durable yet: then it is tried again. */
  function isReady(device: DeviceId): boolean {
    if (lanes?.isBusy(device) === true) return false;
    lanes?.land(device);
    return true;
  }

  function release(asked: AskedRelease): boolean {
    if (!isReady(asked.device)) return false;
    const { nowMs, nowSeconds } = now();
    const device = known.find(asked.device, nowMs);
    const channel = device === undefined ? undefined : known.channel(device, asked.number);
    if (device === undefined || channel === undefined)
      throw new Error(`a release of ${asked.device}/${asked.number}, which is not there`);
    const closed: Channel = { ...channel, closed: true };
    store.atomically(() => closeChannel(store, asked, closed, nowSeconds));
    assertConserved(`${asked.device}/${asked.number}`, store.channels.standing(asked.device, asked.number), closed);
    holdChannel(device, closed);
    log.info({ device: asked.device, channel: asked.number, reason: asked.reason }, 'released a channel');
    return true;
  }

  return {
    look() {
      due = changedElsewhere() || due;
      if (!due) return;
      const left = store.reservations.asked().filter((asked) => !release(asked));
      due = left.length > 0;
    },
  };
}

function closeChannel(store: Store, asked: AskedRelease, closed: Channel, nowSeconds: number): void {
  store.channels.advance(asked.device, closed, nowSeconds);
  store.reservations.release(asked.device, asked.number, 'operator', closed.chargedMicros, nowSeconds);
  store.reservations.done(asked, nowSeconds);
}
