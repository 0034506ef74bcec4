// How much a hub's process lets gather before V8 goes through all of its memory, which holds vouchers up. In: nothing. Out: V8 waits for as much more as is said here, however little the hub needs. Left alone it goes by
// what is alive, and a small hub among strangers, who leave a few kilobytes each, was gone through every two seconds. It must never let memory grow in proportion to the hub.

import type { PerformanceObserverEntryList } from 'node:perf_hooks';
import { constants, PerformanceObserver } from 'node:perf_hooks';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';

const HEADROOM_BYTES = 64 * 1024 * 1024;

/** For this process, from now on. */
export function keepHeadroom(): void {
  allowGrowth();
  new PerformanceObserver((list) => {
    if (hasMajor(list)) allowGrowth();
  }).observe({ type: 'gc' });
}

/** What Node says of a collection, beyond its types. */
interface Collection {
  readonly detail?: { readonly kind?: number };
}

/** Of all memory: what is in use after it is what is alive. */
function hasMajor(list: PerformanceObserverEntryList): boolean {
  const entries = list.getEntries() as readonly Collection[];
  return entries.some(({ detail }) => detail?.kind === constants.NODE_PERFORMANCE_GC_MAJOR);
}

/** V8 is told in shares of what is alive. */
function allowGrowth(): void {
  const { used_heap_size: aliveBytes } = getHeapStatistics();
  setFlagsFromString(`--heap-growing-percent=${Math.ceil((100 * HEADROOM_BYTES) / aliveBytes)}`);
}
