// How a line's money moves on rails, as evidence has it. In: a line, and whose view it is. Out: its payouts with their states. Of a payout that is not the reader's own it shows no more than which way
// the money goes and how far it is: a rail's reference can lead to sums that other payers have a part in.

import type { AccountId } from '../../shared/identity.ts';
import type { Store } from '../store.ts';
import type { PlacedLine } from '../store-evidence.ts';
import type { EvidencePayout } from './evidence-file.ts';
import type { PostedEntries } from './gather-entries.ts';

/** `viewer`: whose evidence it is; nobody's where one channel was asked for. */
export function payoutsOf(
  store: Store,
  line: PlacedLine,
  viewer: AccountId | undefined,
  posted: PostedEntries,
): EvidencePayout[] {
  return store.evidence.payoutsOf(line).map(({ id, direction, account, rail, state, reference }) => {
    const entry = posted.under(`${direction === 'pay' ? 'payout' : 'collection'}:${id}`);
    const own = account === viewer ? { id, rail, reference } : { id: null, rail: null, reference: null };
    return { direction, state, entry, ...own };
  });
}
