// The audit of a whole data folder: sound books pass, and what is wrong is named by its row.

import { expect, onTestFinished, test } from 'vitest';
import { hubKeysIn } from '../../hub/audit/keys.ts';
import { auditTables } from '../../hub/audit/run.ts';
import { freshFolder } from '../hub/fixture.ts';
import { makeBusiness } from './whole-business.ts';

test('books that only the hub has written pass', () => {
  const store = makeBusiness(freshFolder());
  onTestFinished(() => store.close());
  const { faults, checked } = auditTables(store.tables, hubKeysIn(store.dataDir), { all: true });
  expect(faults).toEqual([]);
  expect(Object.fromEntries(checked)).toMatchObject({ channels: 15, devices: 8, batches: 3, 'batch lines': 19, payouts: 13 });
});
