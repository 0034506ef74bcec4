// The parts of a world that a planted defect may replace. In: the shipped part. Out: the same one, or a wrapped one. Shipped code knows nothing of it: a
// defect lives wholly on the simulator's side.

import type { DeviceConfig } from '../../shared/config.ts';
import type { VirtualBoard } from './board.ts';
import type { Disk } from './disk.ts';
import type { HubParts } from './hub-parts.ts';
import { SHIPPED } from './hub-parts.ts';

export interface WorldParts {
  readonly hub: HubParts;
  readonly board: (board: VirtualBoard, config: DeviceConfig) => VirtualBoard;
  readonly disk: (disk: Disk) => void;
}

export const SHIPPED_PARTS: WorldParts = { hub: SHIPPED, board: (board) => board, disk: () => undefined };
