// A device's connection as the rooms behind the broker see it: somebody to answer. In: messages for the device. Out: nothing; what is lost on the way is asked for
// again by the next voucher. Both ways in, the broker's and the front's, speak like this.

import type { Bytes } from '../shared/bytes.ts';
import type { DeviceId } from '../shared/identity.ts';

/** One connection of a device, as far as the intake needs it. */
export interface Connection {
  readonly device: DeviceId;
  /** To this connection and no other, at QoS 0, if it has subscribed: a receipt lost is asked for again by the next voucher. */
  send(message: Bytes): void;
  cut(): void;
}

/** Acknowledges the message, or says why it is not. */
export type Done = (error?: Error) => void;
