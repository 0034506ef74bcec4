// The faults that a scenario may ask for, each with its rate. In: plain values. Out: the same, checked; what is not asked for does not happen. Rates
// are means of a Poisson process, so faults fall together now and then, as they do.

import { z } from 'zod';
import { durationMs } from './duration.ts';

const span = (text: string): z.ZodDefault<z.ZodPipe<z.ZodString, z.ZodTransform<number, string>>> =>
  z
    .string()
    .transform((given, context) => {
      const ms = durationMs(given);
      if (ms !== undefined) return ms;
      context.addIssue({ code: 'custom', message: `expected a duration such as 500ms, 20s, 5m, 2h, got "${given}"` });
      return z.NEVER;
    })
    .default(durationMs(text) as number);
const rate = z.number().min(0).max(1_000_000);

export const faultsSchema = z.strictObject({
  /** A share of the boards is cut off from the hub; nobody is told. */
  partition: z.strictObject({ perDay: rate, lasts: span('10m'), share: z.number().min(0).max(1).default(0.5) }).optional(),
  /** Asked to stop, and started again. */
  hubRestart: z.strictObject({ perDay: rate, lasts: span('5s') }).optional(),
  /** Killed between two steps of its work. */
  hubKill: z.strictObject({ perDay: rate, lasts: span('5s') }).optional(),
  /** The hub's machine loses its power: what was not flushed is gone. */
  hubPowerLoss: z.strictObject({ perDay: rate, lasts: span('1m') }).optional(),
  /** The broker forgets every connection, and no board is told. */
  brokerLoss: z.strictObject({ perDay: rate }).optional(),
  diskFull: z.strictObject({ perDay: rate, lasts: span('2m') }).optional(),
  /** Each commit meets an I/O error for so long. */
  diskError: z.strictObject({ perDay: rate, lasts: span('5s') }).optional(),
  /** The hub's clock is wrong by so many years, forward or back. */
  clockJump: z.strictObject({ perDay: rate, years: rate.default(10), lasts: span('10m') }).optional(),
  /** Per board; every second one falls into a write to its flash. */
  boardPowerCut: z.strictObject({ perBoardDay: rate, lasts: span('1m') }).optional(),
  /** Per board: so many bits of its flash turn over. */
  flashCorruption: z.strictObject({ perBoardDay: rate, bits: z.int().min(1).default(8) }).optional(),
  /** Pages take nothing more after so many erasures. */
  flashWear: z.strictObject({ enduranceErasures: z.int().min(1) }).optional(),
  /** Per board: after a power cut its flash holds what it held earlier. */
  rollback: z.strictObject({ perBoardDay: rate, lasts: span('1m') }).optional(),
  /** New firmware is ordered for all boards; a share of it never comes up on any. */
  firmware: z
    .strictObject({
      perDay: rate,
      brokenShare: z.number().min(0).max(1).default(0.3),
      bytes: z.int().min(256).max(65_532).default(1200),
    })
    .optional(),
  /** Somebody on the way sends again what was sent, in both directions. */
  replay: z.strictObject({ perHour: rate }).optional(),
  /** Somebody on the way makes messages up. */
  forgery: z.strictObject({ perHour: rate }).optional(),
  junk: z.strictObject({ perHour: rate, messages: z.int().min(1).max(10_000).default(50) }).optional(),
  /** So many boards exist twice, with the same keys and the same flash, until somebody takes the second ones away. */
  clones: z.strictObject({ boards: z.int().min(0), after: span('1h'), lasts: span('2h') }).optional(),
  /** So many payers use their own key to cheat. */
  thieves: z.strictObject({ boards: z.int().min(0), perHour: rate.default(2) }).optional(),
  /** A payee shows evidence of more than was accepted. */
  overclaim: z.strictObject({ perDay: rate }).optional(),
  /** Somebody edits the database while the hub is not looking. */
  tamper: z.strictObject({ perDay: rate }).optional(),
});
