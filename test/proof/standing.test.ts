// What evidence says of how far a line is: batches that wait for their payouts, payouts that failed and were carried on, and whose references are whose; and batches from before heads were signed.

import { describe, expect, test } from 'vitest';
import { earlierBatchIdUnder, earlierLeafOf } from '../../hub/batch.ts';
import { drawClaims } from '../../hub/draw.ts';
import type { Evidence } from '../../hub/evidence.ts';
import { accountEvidenceOf, evidenceOf, verifyEvidence } from '../../hub/evidence.ts';
import type { Hub } from '../../hub/hub.ts';
import { accountIdOf } from '../../hub/ids.ts';
import { sha256 } from '../../hub/proofs.ts';
import { sendPayouts } from '../../hub/send.ts';
import { settle } from '../../hub/settlement.ts';
import { termsWith } from '../../hub/terms.ts';
import { LEAF, NODE } from '../../hub/tree.ts';
import type { Bytes } from '../../shared/bytes.ts';
import type { ChannelNumber } from '../../shared/units.ts';
import { payAt, startHub } from '../hub/fixture.ts';
import type { ConnectedPayer } from '../hub/payer.ts';
import { toldRail } from '../settle/told-rail.ts';

async function paidHub(): Promise<{ hub: Hub; payer: ConnectedPayer }> {
  const hub = await startHub({ claimEveryMs: 1_000_000 });
  const payer = await payAt(hub);
  for (const [channel, units] of [
    [1, 30],
    [2, 7],
  ] as const) {
    await payer.send(payer.commitment(channel));
    await payer.send(payer.payword(channel, units));
  }
  return { hub, payer };
}

function validOf(hub: Hub, name: string): Evidence {
  const evidence = accountEvidenceOf(hub.store, name);
  if (evidence === undefined) throw new Error(`expected evidence of ${name}`);
  expect(verifyEvidence(JSON.parse(JSON.stringify(evidence)))).toMatchObject({ kind: 'valid' });
  return evidence;
}

describe('a line whose money goes by a rail', () => {
  test('is shown with its payout, and with the one that carried what the first did not move', async () => {
    const { hub, payer } = await paidHub();
    const { store } = hub;
    const rail = toldRail();
    const terms = termsWith([rail], {});
    store.atomically(() => store.routes.route(accountIdOf('bob'), 'pay', 'sepa', 5));
    settle(store, { dryRun: false, nowSeconds: 10, terms, all: true });
    const line = (name: string) => validOf(hub, name).channels[0]?.lines[0];
    expect(line('bob')?.payouts).toMatchObject([
      { direction: 'pay', state: 'prepared', entry: null, rail: 'sepa', reference: null },
    ]);
    expect(validOf(hub, 'bob').channels).toMatchObject([
      { settledUnits: 0, settledMicros: 0 },
      { settledUnits: 0, settledMicros: 0 },
    ]);

    rail.says.set('bob', { kind: 'rejected', why: 'no such account' });
    await sendPayouts(store, terms, 20);
    await payer.send(payer.signed(1, 40));
    hub.status(); // looks at the books, and so folds the journal
    rail.says.set('bob', { kind: 'settled', reference: 'E2E-7' });
    settle(store, { dryRun: false, nowSeconds: 30, terms, all: true });
    await sendPayouts(store, terms, 40);
    expect(line('bob')?.payouts).toMatchObject([
      { direction: 'pay', state: 'rejected', entry: null, reference: null },
      { direction: 'pay', state: 'settled', entry: { kind: 'payout' }, rail: 'sepa', reference: 'E2E-7' },
    ]);
    expect(validOf(hub, 'bob').channels).toMatchObject([
      { settledUnits: 40, settledMicros: 400_000 },
      { settledUnits: 7, settledMicros: 70_000 },
    ]);

    expect(line('alice')?.payouts).toMatchObject([
      { state: 'rejected', id: null, rail: null, reference: null },
      { state: 'settled', id: null, rail: null, reference: null },
    ]);
    const one = evidenceOf(store, payer.config.device, 1 as ChannelNumber);
    expect(JSON.stringify([one, validOf(hub, 'alice')])).not.toContain('E2E-7');
  });
});

describe('a batch from before there were heads', () => {
  const rootOf = ([one, two]: readonly Bytes[]): Bytes => sha256(NODE + sha256(LEAF + one) + sha256(LEAF + two));

  test('is proven as it was, and evidence says that nobody signed when it was closed', async () => {
    const { hub } = await paidHub();
    const { store } = hub;
    drawClaims(store, 1);
    const lines = [...store.batches.due('claimed')];
    expect(lines).toHaveLength(2);
    const id = earlierBatchIdUnder(store.hub, 2, rootOf(lines.map(earlierLeafOf)), sha256);
    store.atomically(() => store.batches.prepare(id, lines, 2));
    const evidence = validOf(hub, 'bob');
    expect(evidence.batches).toMatchObject([{ id, lines: 2, head: null }]);
    expect(evidence.channels[0]?.lines[0]).toMatchObject({ salt: null, index: 0 });
    expect(verifyEvidence(evidence)).toMatchObject({ kind: 'valid', withoutHead: [id] });
    const channels = evidence.channels.map((channel) => ({
      ...channel,
      lines: channel.lines.map((line) => ({ ...line, index: 1 - line.index })),
    }));
    expect(verifyEvidence({ ...evidence, channels })).toMatchObject({ kind: 'invalid', check: 'batches' });
  });
});
