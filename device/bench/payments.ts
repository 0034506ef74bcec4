// What a payment costs the board: its time, and the variables in use. In: a workplace, the files of a board with the vending profile that is enrolled at a hub which
// answers, and how many payments. Out: figures. What is measured are the files that ship, unchanged; onboard/payments.ts listens beside them.

import { z } from 'zod';
import type { Bytes } from '../../shared/bytes.ts';
import { buildFile } from '../build/build.ts';
import { CODE_NAME } from '../build/on-demand.ts';
import type { StoredFile } from '../upload/upload.ts';
import type { Workplace } from './workplace.ts';
import { MeasuringFailed } from './workplace.ts';

const LISTENER = 'device/bench/onboard/payments.ts';
/** Payments with an eye on memory: enough to see one at each step; it goes on until a commitment was signed beside them. */
const LOOKED_AT = 20;
/** Where in a channel memory is compared, and where the looking ends: a channel's length apart it stands where it stood. */
const PLACE = 80;
const PLACE_ENDS = 100;

export interface Work {
  readonly files: readonly StoredFile[];
  readonly withinMs: number;
  readonly onProgress: (done: number) => void;
}

const positive = z.number().positive();
const commonSchema = z.object({
  payments: z.int().positive(),
  /** Variables at each mark. */
  least: z.array(z.int()),
  signatures: z.int().min(0),
  hashMs: z.array(positive).min(1),
  ownVariables: z.int(),
});
const memorySchema = commonSchema.extend({
  payingVariables: z.int().positive(),
  restVariables: z.int().positive(),
  peakVariables: z.int().positive(),
  totalVariables: z.int().positive(),
});
const timeSchema = commonSchema.extend({
  paymentMs: z.array(z.number()).min(1),
  flashMs: z.array(z.number()).min(1),
  heapHashMs: z.array(z.number()).min(1),
});

export interface MemoryFigures {
  /** At the socket's write or at rest between payments, whichever is more. */
  readonly variablesPaying: number;
  /** While a commitment is being signed beside payments. */
  readonly variablesPeak: number;
  readonly totalVariables: number;
}

export interface TimeFigures {
  readonly payments: number;
  /** From the vend's success to the bytes in the socket, without waiting and without what flash takes. */
  readonly paymentMs: number;
  readonly flashMs: number;
  /** A native SHA-256 of 64 bytes: the median of a thousand in a row before the firmware starts; and between its payments. */
  readonly hashMs: number;
  readonly heapHashMs: number;
  readonly paymentInSha256: number;
  /** Variables that the later one of two equal places in a channel has more; `undefined` when there were not enough payments. */
  readonly growthVariables: number | undefined;
}

async function listener(given: { memory: boolean; payments: number; marks: readonly number[] }): Promise<Bytes> {
  return (await buildFile(LISTENER, { GIVEN: JSON.stringify(given) })).code;
}

function median(figures: readonly number[]): number {
  const sorted = [...figures].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] as number;
}

function figuresOf<T>(schema: z.ZodType<T>, said: unknown): T {
  const figures = schema.safeParse(said);
  if (figures.success) return figures.data;
  throw new MeasuringFailed(`the measurement of payments answered something else: ${figures.error.issues[0]?.message ?? ''}`);
}

/** Booted from flash, as a board does. */
export async function measureMemory(workplace: Workplace, work: Work): Promise<MemoryFigures> {
  const code = await listener({ memory: true, payments: LOOKED_AT, marks: [] });
  const files = [...work.files, { name: '.boot0', bytes: code }];
  const said = figuresOf(memorySchema, await workplace.run({ ...work, files }));
  return {
    variablesPaying: Math.max(said.payingVariables, said.restVariables),
    variablesPeak: said.peakVariables,
    totalVariables: said.totalVariables,
  };
}

export interface TimeWork {
  readonly payments: number;
  readonly chainUnits: number;
  /** The firmware, to be run from memory. */
  readonly firmware: Bytes;
}

/** From flash where it is mapped, else from memory. */
export async function measureTime(workplace: Workplace, work: Work & TimeWork): Promise<TimeFigures> {
  const first = work.chainUnits + PLACE;
  const last = Math.floor((work.payments - PLACE_ENDS) / work.chainUnits) * work.chainUnits + PLACE;
  const code = await listener({ memory: false, payments: work.payments, marks: last > first ? [first, last] : [] });
  const program =
    workplace.kind === 'board'
      ? { ...work, files: [...work.files, { name: '.boot0', bytes: code }] }
      : {
          ...work,
          code: `${code}\nTS=0;\neval(${CODE_NAME}=atob("${Buffer.from(work.firmware, 'latin1').toString('base64')}"));\n`,
        };
  const said = figuresOf(timeSchema, await workplace.run(program));
  const paymentMs = median(said.paymentMs);
  const hashMs = median(said.hashMs);
  return {
    payments: said.payments,
    paymentMs,
    flashMs: median(said.flashMs),
    hashMs,
    heapHashMs: median(said.heapHashMs),
    paymentInSha256: paymentMs / hashMs,
    growthVariables: said.least.length === 2 ? (said.least[1] as number) - (said.least[0] as number) : undefined,
  };
}
