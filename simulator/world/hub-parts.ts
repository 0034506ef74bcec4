// The hub's parts in virtual time, as a planted defect may exchange them, and the way in which a hub dies. In: the shipped part. Out: the same one, or a wrapped one.

import type { FastOptions, openFast, Fast } from '../../hub/fast.ts';
import type { openIntake, Intake, IntakeOptions } from '../../hub/intake.ts';
import type { Journal } from '../../hub/journal.ts';
import type { Known } from '../../hub/known.ts';
import type { Rail } from '../../hub/rails/rail.ts';
import type { sendPayouts } from '../../hub/send.ts';
import type { Store } from '../../hub/store.ts';
import type { BrokerRooms } from './broker.ts';

/** Who reads vouchers in the hub: its fast way, or the judge behind the broker alone. */
export type FrontKind = 'fast' | 'aedes';

/** The process is gone: thrown out of whatever step it was in. */
export class HubKilled extends Error {
  constructor(step: string) {
    super(`killed at ${step}`);
  }
}

/** Parts that a planted defect may replace; the shipped ones unless it does. */
export interface HubParts {
  /** Who reads vouchers; as the scenario says unless given. */
  readonly front?: FrontKind;
  readonly journal: (journal: Journal) => Journal;
  readonly fast: (open: typeof openFast, options: FastOptions) => Fast;
  readonly store: (store: Store) => Store;
  readonly known: (known: Known, store: Store) => Known;
  readonly intake: (open: typeof openIntake, options: IntakeOptions) => Intake;
  readonly broker: (rooms: BrokerRooms) => BrokerRooms;
  readonly rail: (rail: Rail) => Rail;
  readonly send: (send: typeof sendPayouts) => typeof sendPayouts;
}

export const SHIPPED: HubParts = {
  journal: (journal) => journal,
  fast: (open, options) => open(options),
  store: (store) => store,
  known: (known) => known,
  intake: (open, options) => open(options),
  broker: (rooms) => rooms,
  rail: (rail) => rail,
  send: (send) => send,
};
