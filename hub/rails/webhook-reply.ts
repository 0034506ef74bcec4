// What a webhook's receiver says of a payout, in its answer or in a file that it sends later: `{"payout": "...", "status": "settled", "reference": "..."}`, or a list of these. In: bytes. Out: outcomes. Of a status that
// it does not know nothing follows.

import { z } from 'zod';
import type { Answer } from './exchange.ts';
import { jsonOf } from './exchange.ts';
import type { Outcome, Payout, ReplyFile } from './rail.ts';

const text = z.string().min(1).max(200);
const wordSchema = z.object({ status: z.string().optional(), reference: text.optional(), why: text.optional() });
const replySchema = z.object({ payout: z.string(), status: z.string(), reference: text.optional(), why: text.optional() });
const fileSchema = z.union([replySchema.transform((one) => [one]), z.array(replySchema)]);

/** `undefined`: no answer. A page in HTML with status 200 is one that somebody else has given. */
export function outcomeOfAnswer(answer: Answer, payout: Payout, settledBy: 'answer' | 'delivery'): Outcome | undefined {
  if (answer.status < 200 || answer.status >= 300) return undefined;
  const empty = answer.text.trim() === '';
  const word = wordSchema.safeParse(empty ? {} : jsonOf(answer)).data;
  if (word === undefined) return undefined;
  const said = outcomeOf({ ...word, payout: payout.id, status: word.status ?? '' });
  if (said !== undefined) return said;
  const reference = word.reference ?? payout.id;
  return settledBy === 'delivery' && word.status === undefined ? { kind: 'settled', reference } : { kind: 'accepted', reference };
}

function outcomeOf({
  payout,
  status,
  reference = payout,
  why = 'no reason given',
}: z.infer<typeof replySchema>): Outcome | undefined {
  if (status === 'accepted' || status === 'settled') return { kind: status, reference };
  if (status === 'rejected') return { kind: 'rejected', why: `receiver: ${why}` };
  if (status === 'reversed') return { kind: 'reversed', reference, why: `receiver: ${why}` };
  return undefined;
}

export function readWebhookReply(bytes: Uint8Array, payouts: readonly Payout[]): ReplyFile | string {
  const parsed = fileSchema.safeParse(jsonOf({ status: 200, headers: {}, text: Buffer.from(bytes).toString('utf8') }));
  if (!parsed.success)
    return 'reply: expected JSON such as {"payout": "<id>", "status": "settled", "reference": "..."}, or a list of these';
  const remarks: string[] = [];
  const replies = parsed.data.flatMap((reply) => {
    const payout = payouts.find(({ id }) => id === reply.payout);
    const outcome = outcomeOf(reply);
    if (payout === undefined) remarks.push(`payout ${reply.payout}: not one of this rail's that are under way`);
    else if (outcome === undefined)
      remarks.push(`payout ${payout.id}: expected accepted, settled, rejected or reversed, got "${reply.status}"`);
    return payout === undefined || outcome === undefined ? [] : [{ payout: payout.id, outcome }];
  });
  return { replies, remarks };
}
