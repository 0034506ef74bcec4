// Telling prepaid devices how far they may go. In: connections that listen on `down`, and ceilings in the store, which other processes raise, too.
// Out: grants, after each subscription and after each raise [W-30]. It must never tell a ceiling that is not on the disk.

import { writeGrant } from '../shared/downlink.ts';
import type { DeviceId } from '../shared/identity.ts';
import type { Connection } from './broker.ts';
import { macOf } from './proofs.ts';
import type { Store } from './store.ts';

export interface Grants {
  /** The device listens from now on, on this connection instead of an earlier one. */
  listening(connection: Connection): void;
  /** Tells every listener whose ceiling was raised since it was last told. */
  offer(): void;
  /** `offer`, if another process has written; cheap when none has. */
  look(): void;
}

interface Listener {
  readonly connection: Connection;
  toldUnits: number;
}

export function openGrants(store: Store): Grants {
  // One entry per prepaid device that has ever listened; its newest connection replaces the one before.
  const listeners = new Map<DeviceId, Listener>();
  const changedElsewhere = store.watchElsewhere();
  let due = false;

  function tell(listener: Listener, ceilingUnits: number): void {
    const { device } = listener.connection;
    const row = store.devices.find(device);
    if (row === undefined) return;
    const grant = { kind: 'grant' as const, ceilingUnits };
    listener.connection.send(writeGrant(grant, { hub: store.hub, device }, macOf(row.macKey)));
    listener.toldUnits = ceilingUnits;
  }

  function offer(): void {
    for (const [device, listener] of listeners) {
      const ceilingUnits = store.grants.ceilingUnits(device);
      if (ceilingUnits !== undefined && ceilingUnits > listener.toldUnits) tell(listener, ceilingUnits);
    }
  }

  return {
    listening(connection) {
      const ceilingUnits = store.grants.ceilingUnits(connection.device);
      if (ceilingUnits === undefined) return;
      const listener = { connection, toldUnits: 0 };
      listeners.set(connection.device, listener);
      tell(listener, ceilingUnits);
    },
    offer,
    look() {
      due = changedElsewhere() || due;
      if (!due) return;
      offer();
      due = false; // not when offering failed: then the next look does it
    },
  };
}
