// Having refused messages judged again: the hub that runs on the folder does it, and where none runs, one is started for it on a port of its own. In: samples. Out:
// what the hub would now answer to each. It must never run beside another hub: the folder's lock decides.

import { pino } from 'pino';
import type { Hub } from '../hub/hub.ts';
import { openHub } from '../hub/hub.ts';
import { HubRefused } from '../hub/refused.ts';
import type { Store } from '../hub/store.ts';
import type { KeptSample, ReplayOutcome } from '../hub/store-quarantine.ts';
import { CommandFailed, EXIT } from './exit.ts';

export interface Replayed {
  readonly sample: number;
  readonly device: string;
  readonly outcome: ReplayOutcome;
}

const PATIENCE_MS = 15_000;
const LOOK_EVERY_MS = 50;

/** In the order of the samples, the oldest first, because a voucher may need the commitment before it. */
export async function replaySamples(store: Store, samples: readonly KeptSample[]): Promise<Replayed[]> {
  if (samples.length === 0) return [];
  const ordered = [...samples].sort((a, b) => a.sample - b.sample);
  const nowSeconds = Math.floor(Date.now() / 1000);
  const asked = store.atomically(() => ordered.map((one) => ({ ...one, replay: store.quarantine.ask(one, nowSeconds) })));
  const hub = await hubUnlessRunning(store);
  try {
    return await outcomesOf(store, asked);
  } finally {
    await hub?.close();
  }
}

/** A hub for requests that only a hub works off; `undefined` where one runs, which will. */
export async function hubUnlessRunning(store: Store): Promise<Hub | undefined> {
  const log = pino({ level: 'error', base: null }, pino.destination(2));
  try {
    const { dataDir } = store;
    return await openHub({ dataDir, host: '127.0.0.1', port: 0, root: store.root(), log, grantEveryMs: LOOK_EVERY_MS });
  } catch (error) {
    if (error instanceof HubRefused && error.kind === 'already-running') return undefined;
    throw error;
  }
}

async function outcomesOf(store: Store, asked: readonly (KeptSample & { readonly replay: number })[]): Promise<Replayed[]> {
  const endMs = Date.now() + PATIENCE_MS;
  for (;;) {
    const replayed = asked.flatMap(({ sample, device, replay }) => {
      const outcome = store.quarantine.outcome(replay);
      return outcome === undefined ? [] : [{ sample, device, outcome }];
    });
    if (replayed.length === asked.length) return replayed;
    if (Date.now() > endMs) {
      const sentence = `the hub has judged ${replayed.length} of ${asked.length} samples within ${PATIENCE_MS / 1000} s; it will judge the others when it can`;
      throw new CommandFailed(EXIT.connection, `${sentence} (see its log, or tallystick status)`);
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
