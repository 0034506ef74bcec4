// Values that fields of scenario files share: durations, shares, amounts. In: what somebody typed. Out: numbers, or a sentence with what was expected.

import { z } from 'zod';
import { MAX_CREDIT_MICROS } from '../hub/enrol-request.ts';
import { durationMs } from './duration.ts';

export const duration = z.string().transform((text, context) => {
  const ms = durationMs(text);
  if (ms !== undefined) return ms;
  context.addIssue({ code: 'custom', message: `expected a duration such as 500ms, 20s, 5m, 2h, 7d, got "${text}"` });
  return z.NEVER;
});
export const share = z.number().min(0).max(1);
export const micros = z.int().min(0).max(MAX_CREDIT_MICROS);
export const currency = z.string().regex(/^[A-Z]{3}$/, 'expected a currency as three capital letters, such as EUR');
