// Payouts as one CSV file per batch, for whoever pays by hand or by a program of their own; and their answer as CSV. In: payouts. Out: a file that is shown once, and what the
// answer says. Nothing is known of a payout before somebody has said it.

import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import { parsePayoutId } from '../payout.ts';
import { cellOf } from '../csv-cell.ts';
import { decimalOf, FOLDER } from './csv.ts';
import type { CarriedFile, Destination, Outcome, Outcomes, Payout, Rail, RailMemory, Reply, ReplyFile } from './rail.ts';
import { stripeUnitOf } from './minor-units.ts';
import { show, writeHidden } from '../whole-file.ts';

const DESTINATION = ['holder', 'iban', 'bic', 'email'] as const;
const HEADER = ['payout', 'batch', 'direction', 'account', 'amount', 'currency', ...DESTINATION];
const MAX_REPLY_BYTES = 64 * 1024 * 1024;

export function csvRail(dataDir: string): Rail {
  return {
    name: 'csv',
    directions: ['pay', 'collect'],
    fee: { perBatchMicros: 0, fixedMicros: 0, shareMillionths: 0, minMicros: 0, maxMicros: undefined },
    unitMicros: (currency) => stripeUnitOf(currency).unitMicros,
    maxMicros: 9_000_000_000_000_000,
    destinationOf: (particulars) => known(particulars),
    submit: (payouts, memory) => Promise.resolve(submitted(dataDir, payouts, memory)),
    poll: () => Promise.resolve(new Map()),
    readReply: (bytes, payouts) => readReply(bytes, payouts),
    filesOf: (batch, memory) => JSON.parse(memory.get(readyKey(batch)) ?? '[]') as CarriedFile[],
  };
}

const readyKey = (batch: string): string => `ready ${batch}`;

function known(particulars: Readonly<Record<string, string>>): Destination {
  return Object.fromEntries(
    DESTINATION.flatMap((field) => (particulars[field] === undefined ? [] : [[field, particulars[field]]])),
  );
}

/** Hidden, noted as ready, shown: a file that somebody has taken away is never laid there again. */
function submitted(dataDir: string, payouts: readonly Payout[], memory: RailMemory): Outcomes {
  const [first] = payouts;
  if (first === undefined) return new Map();
  const name = `${first.batch}.payouts.csv`;
  if (memory.get(readyKey(first.batch)) === undefined) {
    writeHidden(dataDir, FOLDER, name, textOf(payouts));
    memory.put(readyKey(first.batch), JSON.stringify(filesIn(payouts, join(dataDir, FOLDER, name))));
  }
  show(dataDir, FOLDER, name);
  return new Map(payouts.map(({ id }) => [id, { kind: 'sent' }]));
}

function textOf(payouts: readonly Payout[]): string {
  const rows = payouts.map(({ id, batch, direction, account, amountMicros, currency, destination }) => {
    return [
      id,
      batch,
      direction,
      account,
      decimalOf(amountMicros),
      currency,
      ...DESTINATION.map((field) => destination[field] ?? ''),
    ];
  });
  return [HEADER, ...rows].map((row) => row.map(cellOf).join(',') + '\r\n').join('');
}

/** One file, shown with a count and a sum for each direction and currency in it. */
function filesIn(payouts: readonly Payout[], path: string): CarriedFile[] {
  const groups = new Map<string, CarriedFile>();
  for (const { direction, currency, amountMicros } of payouts) {
    const before = groups.get(direction + currency);
    const sums = { payouts: (before?.payouts ?? 0) + 1, sumMicros: (before?.sumMicros ?? 0) + amountMicros };
    groups.set(direction + currency, { path, direction, currency, ...sums });
  }
  return [...groups.values()];
}

const replySchema = z.object({
  payout: z.string().transform((text, context) => {
    const id = parsePayoutId(text);
    if (id !== undefined) return id;
    context.addIssue({ code: 'custom', message: `expected 32 hex digits, got "${text}"` });
    return z.NEVER;
  }),
  state: z.enum(['accepted', 'settled', 'rejected', 'reversed']),
  reference: z.string().max(140).default(''),
  why: z.string().max(400).default(''),
});

type Row = z.infer<typeof replySchema>;

function readReply(bytes: Uint8Array, payouts: readonly Payout[]): ReplyFile | string {
  if (bytes.length > MAX_REPLY_BYTES) return `file: expected at most ${MAX_REPLY_BYTES} bytes, got ${bytes.length}`;
  const rows = rowsOf(bytes);
  if (typeof rows === 'string') return rows;
  const given = new Map(payouts.map((payout) => [payout.id, payout]));
  const replies: Reply[] = [];
  const remarks: string[] = [];
  for (const [at, raw] of rows.entries()) {
    const parsed = replySchema.safeParse(raw);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      return `row ${at + 2}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not a reply'}`;
    }
    const remark = remarkOn(parsed.data, raw['amount'], given.get(parsed.data.payout));
    if (remark === undefined) replies.push({ payout: parsed.data.payout, outcome: outcomeOf(parsed.data) });
    else remarks.push(`row ${at + 2}: ${remark}`);
  }
  return { replies, remarks };
}

function rowsOf(bytes: Uint8Array): Array<Record<string, string>> | string {
  try {
    const rows = parse(Buffer.from(bytes), { columns: true, bom: true, trim: true, skip_empty_lines: true });
    const [first] = rows as Array<Record<string, string>>;
    if (first === undefined || !('payout' in first) || !('state' in first))
      return 'file: expected CSV with the columns payout and state, and a row';
    return rows as Array<Record<string, string>>;
  } catch (error) {
    return `file: expected CSV, got ${(error as Error).message}`;
  }
}

function remarkOn({ payout }: Row, amount: string | undefined, given: Payout | undefined): string | undefined {
  if (given === undefined) return `payout ${payout} was never written to a CSV file`;
  if (amount === undefined || amount === '' || Number(amount) === given.amountMicros / 1_000_000) return undefined;
  return `payout ${payout}: expected ${decimalOf(given.amountMicros)}, got ${amount}: nothing follows from it`;
}

function outcomeOf({ state, reference, why }: Row): Outcome {
  const said = why === '' ? 'no reason given' : why;
  switch (state) {
    case 'accepted':
      return { kind: 'accepted', reference };
    case 'settled':
      return { kind: 'settled', reference };
    case 'rejected':
      return { kind: 'rejected', why: said };
    case 'reversed':
      return { kind: 'reversed', reference, why: said };
  }
}
