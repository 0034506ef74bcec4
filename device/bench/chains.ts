// What a hash chain costs the board. In: a workplace. Out: milliseconds for 1,000 links, built in the firmware's own slices.

import { z } from 'zod';
import { buildFile } from '../build/build.ts';
import type { Workplace } from './workplace.ts';
import { MeasuringFailed } from './workplace.ts';

const figuresSchema = z.object({
  hashMs: z.number().positive(),
  chainMs: z.number().positive(),
  longestMs: z.number().positive(),
});

export type ChainFigures = z.infer<typeof figuresSchema>;

const WITHIN_MS = 120_000;

export async function measureChains(workplace: Workplace): Promise<ChainFigures> {
  const { code } = await buildFile('device/bench/onboard/chains.ts', {});
  const said = await workplace.run({ files: [], code, withinMs: WITHIN_MS, onProgress: () => undefined });
  const figures = figuresSchema.safeParse(said);
  if (figures.success) return figures.data;
  throw new MeasuringFailed(`the measurement of hash chains answered something else: ${figures.error.issues[0]?.message ?? ''}`);
}
