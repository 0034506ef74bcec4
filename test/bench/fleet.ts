// The devices of a benchmark: enrolled in a hub's folder that is then copied for every measurement, so that each begins where the last one began. In: how many, and how long their chains. Out: what
// their boards would be given.

import { enrol } from '../../hub/enrol.ts';
import { openStore } from '../../hub/store.ts';
import type { DeviceConfig } from '../../shared/config.ts';
import { loadRequest } from '../load/request.ts';

export function benchFleet(dataDir: string, count: number, chainUnits: number): DeviceConfig[] {
  const store = openStore(dataDir);
  try {
    return Array.from({ length: count }, (_, i) => enrol(store, loadRequest(i, chainUnits)));
  } finally {
    store.close();
  }
}
