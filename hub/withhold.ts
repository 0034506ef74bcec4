// Keeping a payout back before any rail has heard of it: a wrong destination, a doubt. In: a payout's id and who says so. Out: nothing, or a sentence why it is too
// late. What it would have moved goes into a later payout; one that was sent can only be recalled at the rail itself.

import { parsePayoutId } from './payout.ts';
import type { Store } from './store.ts';

export function withhold(store: Store, text: string, by: string, nowSeconds: number): string | undefined {
  const id = parsePayoutId(text);
  if (id === undefined) return `payout: expected 32 hex digits, got "${text}"; see tallystick settle status`;
  return store.atomically(() => {
    const row = store.payouts.find(id);
    if (row === undefined) return `payout: expected one that was prepared, got ${id}; see tallystick settle status`;
    if (row.state !== 'prepared')
      return `payout: expected one that is prepared, got one that is ${row.state}; recall it where it was sent`;
    store.payouts.move(id, 'prepared', 'rejected');
    store.payouts.note(id, { said: 'withheld', by, atSeconds: nowSeconds, reference: undefined, why: undefined, counts: true });
    return undefined;
  });
}
