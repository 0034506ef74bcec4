// A planted defect: one thing that a hub or a board could do wrong, built around the shipped part from outside. In: nothing. Out: the parts of a world with that
// one wrong. Each world gets fresh ones, because some of them remember. Shipped code holds no switch for it.

import type { Store } from '../../hub/store.ts';
import type { VirtualBoard } from '../world/board.ts';
import type { WorldParts } from '../world/parts.ts';
import { SHIPPED_PARTS } from '../world/parts.ts';
import type { HubParts } from '../world/hub-parts.ts';
import type { DeviceConfig } from '../../shared/config.ts';

export interface Defect {
  /** Short, and never another one's. */
  readonly id: string;
  readonly room:
    'board' | 'broker' | 'intake' | 'lane' | 'judge' | 'store' | 'disk' | 'ledger' | 'wallet' | 'settlement' | 'rails';
  /** One sentence. */
  readonly what: string;
  readonly parts: () => WorldParts;
}

type Named = Pick<Defect, 'id' | 'room' | 'what'>;

/** What all share whose defect is not of the fast way: every voucher passes the judge, so that a defect there meets it. */
export const JUDGED_PARTS: WorldParts = { ...SHIPPED_PARTS, hub: { ...SHIPPED_PARTS.hub, front: 'aedes' } };

export function inHub(named: Named, make: () => Partial<HubParts>): Defect {
  return { ...named, parts: () => ({ ...JUDGED_PARTS, hub: { ...JUDGED_PARTS.hub, ...make() } }) };
}

export function onFastWay(named: Named, make: () => Partial<HubParts>): Defect {
  return inHub(named, () => ({ ...make(), front: 'fast' }));
}

export function inStore(named: Named, make: () => (store: Store) => Store): Defect {
  return inHub(named, () => ({ store: make() }));
}

export function onBoard(named: Named, wrap: (board: VirtualBoard, config: DeviceConfig) => VirtualBoard): Defect {
  return { ...named, parts: () => ({ ...JUDGED_PARTS, board: wrap }) };
}

/** Every so-manieth call is the bad one. */
export function everyNth(n: number): () => boolean {
  let calls = 0;
  return () => ++calls % n === 0;
}
