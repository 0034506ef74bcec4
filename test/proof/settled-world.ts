// A world with evidence: a hub with a real broker and database, three payers of whom two pay alike, two batches. In: nothing, or what differs. Out: the closed hub's evidence and folder; what
// was opened is closed and removed.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import type { Evidence } from '../../hub/evidence.ts';
import { accountEvidenceOf, evidenceOf } from '../../hub/evidence.ts';
import type { Hub } from '../../hub/hub.ts';
import { openHub } from '../../hub/hub.ts';
import type { ChannelNumber } from '../../shared/units.ts';
import { requestOf } from '../hub/fixture.ts';
import type { ConnectedPayer } from '../hub/payer.ts';
import { connectPayer } from '../hub/payer.ts';

export interface SettledWorld {
  /** Paywords on channel 1, in two batches. */
  readonly payword: Evidence;
  /** A signed voucher on channel 2. */
  readonly signed: Evidence;
  /** Channel 3, on which nothing was paid. */
  readonly fresh: Evidence;
  /** All of alice's. */
  readonly bundle: Evidence;
  readonly payer: ConnectedPayer;
  readonly other: ConnectedPayer;
}

const WRITTEN_AT_SECONDS = 1_800_000_000;

/** `look` may ask the open hub for more. */
export async function settledWorld(
  look: (hub: Hub, payers: readonly ConnectedPayer[]) => void = () => undefined,
): Promise<SettledWorld> {
  const dataDir = mkdtempSync(join(tmpdir(), 'tallystick-test-'));
  const hub = await openHub({ dataDir, host: '127.0.0.1', port: 0, root: 't', log: pino({ level: 'silent' }) });
  const payers: ConnectedPayer[] = [];
  for (const label of ['one', 'two', 'three']) payers.push(await connectPayer(hub.enrol(requestOf(hub.port, { label }))));
  for (const payer of payers) {
    for (const channel of [1, 2, 3]) await payer.send(payer.commitment(channel));
    await payer.send(payer.payword(1, 20));
    await payer.send(payer.signed(2, 12));
  }
  hub.settle({ dryRun: false });
  for (const payer of payers) await payer.send(payer.payword(1, 33));
  hub.settle({ dryRun: false });
  const [payer, other] = payers as [ConnectedPayer, ConnectedPayer];
  const of = (channel: number): Evidence => {
    const evidence = evidenceOf(hub.store, payer.config.device, channel as ChannelNumber, WRITTEN_AT_SECONDS);
    if (evidence === undefined) throw new Error(`expected evidence of channel ${channel}`);
    return evidence;
  };
  const bundle = accountEvidenceOf(hub.store, 'alice', WRITTEN_AT_SECONDS);
  if (bundle === undefined) throw new Error('expected evidence of alice');
  const world = { payword: of(1), signed: of(2), fresh: of(3), bundle, payer, other };
  look(hub, payers);
  for (const one of payers) await one.end();
  await hub.close();
  rmSync(dataDir, { recursive: true, force: true });
  return world;
}

/** As an outsider gets it: through a file. */
export function throughFile(evidence: unknown): unknown {
  return JSON.parse(JSON.stringify(evidence));
}
