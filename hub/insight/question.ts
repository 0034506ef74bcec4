// The door for questions: times, a zone and what to look at, as an operator types them. In: texts. Out: a question, or one sentence that begins with what is wrong. Times are read on the
// wall clock of the question's zone, which is not known here: they stay quarter hours of that clock.

import { z } from 'zod';
import { QUARTER_SECONDS } from '../till.ts';
import { faultSentence } from '../known-keys.ts';
import { isZone } from '../zone.ts';

/** A quarter hour on some zone's wall clock. */
export interface WallTime {
  readonly quarter: number;
}

export interface Question {
  readonly from?: WallTime;
  /** Behind the last. */
  readonly until?: WallTime;
  /** IANA; the sites' own unless given. */
  readonly zone?: string;
  readonly currency?: string;
  readonly site?: string;
  readonly product?: string;
  /** The account's name. */
  readonly payee?: string;
}

const DAY_MS = 86_400_000;
const TIME = /^(\d{4})-(\d{2})-(\d{2})(?:T([01]\d|2[0-3]):(00|15|30|45))?$/;
const EXPECTED = 'expected a day such as 2026-11-01, or a quarter hour such as 2026-11-01T06:15';

const wallTime = z.string().transform((text, context) => {
  const match = TIME.exec(text);
  const ms = match === null ? Number.NaN : Date.parse(`${text.slice(0, 10)}T${match[4] ?? '00'}:${match[5] ?? '00'}:00Z`);
  // `2026-02-30` is read as a day in March by some: what is written must be what is read.
  if (match === null || Number.isNaN(ms) || !new Date(ms).toISOString().startsWith(text.slice(0, 10))) {
    context.addIssue({ code: 'custom', message: `${EXPECTED}, got "${text.slice(0, 40)}"` });
    return z.NEVER;
  }
  return { ms, isDay: match[4] === undefined };
});

const asked = z.strictObject({
  from: wallTime.optional(),
  to: wallTime.optional(),
  zone: z.string().refine(isZone, 'expected an IANA time zone, such as Europe/Berlin').optional(),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, 'expected a currency as three capital letters, such as EUR')
    .optional(),
  site: z.string().optional(),
  product: z.string().optional(),
  payee: z.string().optional(),
});

export type Asked = { readonly [Key in keyof z.input<typeof asked>]?: string };

/** A day as `to` is the last one that counts; a time is the first that does not. */
export function questionOf(said: Asked): Question | string {
  const parsed = asked.safeParse(said);
  if (!parsed.success) return faultSentence(asked, parsed.error, 'question', said);
  const { from, to, ...rest } = parsed.data;
  const quarterOf = (ms: number): number => Math.floor(ms / 1000 / QUARTER_SECONDS);
  const question = {
    ...rest,
    ...(from === undefined ? {} : { from: { quarter: quarterOf(from.ms) } }),
    ...(to === undefined ? {} : { until: { quarter: quarterOf(to.ms + (to.isDay ? DAY_MS : 0)) } }),
  };
  if (question.from !== undefined && question.until !== undefined && question.from.quarter >= question.until.quarter) {
    return `to: expected a time after from, ${said.from ?? ''}, got ${said.to ?? ''}`;
  }
  return question as Question;
}
