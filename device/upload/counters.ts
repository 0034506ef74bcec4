// The board's own counters, asked on its console. In: a board. Out: where the firmware stands and how much memory is left, checked; or that no
// firmware runs. Asking changes nothing and costs the firmware no code: it keeps its face in the global `tallystick`.

import { z } from 'zod';
import { STATES } from '../../shared/status.ts';
import { withReadableNames } from '../build/names.ts';
import { BoardFailed } from './failed.ts';

const count = z.int().min(0);

const countersSchema = z.object({
  state: z.enum(STATES),
  /** Why it does not serve, '' while it does. */
  reason: z.string(),
  registerUnits: count,
  channel: count,
  issuedUnits: count,
  acceptedUnits: count,
  uncoveredUnits: count,
  sentVouchers: count,
  receipts: count,
  rejects: count,
  closed: z.boolean(),
  freeVariables: count,
  totalVariables: count,
});

export type Counters = z.infer<typeof countersSchema>;

/** The board itself says these in one word. */
const SENTENCES = new Map([
  ['limit', 'four channels wait for their receipts: the hub must be reached first'],
  ['no-grant', 'prepaid, and nothing is granted yet: top it up at the hub'],
  ['empty', 'the prepaid balance is used up: top it up at the hub'],
]);

const COUNTERS =
  '(typeof tallystick=="undefined"?0:(function(s,m){s.freeVariables=m.free;s.totalVariables=m.total;return s})(tallystick.snapshot(),process.memory()))';

/** `undefined` while no firmware runs; `ask` says how patiently the board is asked. */
export async function readCounters(ask: (expression: string) => Promise<unknown>): Promise<Counters | undefined> {
  const said = await ask(COUNTERS);
  if (said === 0) return undefined;
  const counters = countersSchema.safeParse(withReadableNames(said));
  if (counters.success) return { ...counters.data, reason: SENTENCES.get(counters.data.reason) ?? counters.data.reason };
  const issue = counters.error.issues[0];
  throw new BoardFailed(
    'no-firmware',
    `the firmware on the board is of another version (${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}); flash it again`,
  );
}
