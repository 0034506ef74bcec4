// What a signature costs the board, beside the straight signer and a native hash. In: a workplace. Out: milliseconds, of one process. The straight signer is the yardstick that
// test/bench keeps; the firmware's own runs after it.

import { generateKeyPairSync } from 'node:crypto';
import { z } from 'zod';
import type { Bytes } from '../../shared/bytes.ts';
import { buildFile } from '../build/build.ts';
import { baseTable } from '../build/table.ts';
import type { Workplace } from './workplace.ts';
import { MeasuringFailed } from './workplace.ts';

const SIGNATURES = 'test/bench/signatures-onboard.ts';
const PRODUCTS = 'device/bench/onboard/products.ts';
const RUNS = 20;
const positive = z.number().positive();

const figuresSchema = z.object({
  hashMs: positive,
  collectingNs: positive,
  straightMs: positive,
  signMs: positive,
  longestSliceMs: positive,
  productMs: positive,
});

/** Milliseconds, but for `collectingNs`. */
export type SignatureFigures = z.infer<typeof figuresSchema>;

async function programs(fromMemory: boolean): Promise<Bytes> {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const given = {
    seed: privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(-32).toString('hex'),
    publicKey: publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex'),
    runs: RUNS,
    fromMemory,
  };
  const build = async (program: string): Promise<Bytes> => (await buildFile(program, { GIVEN: JSON.stringify(given) })).code;
  return (await build(SIGNATURES)).replace('#bench', '#part') + '\n' + (await build(PRODUCTS)); // only the last one has the answer
}

export async function measureSignatures(workplace: Workplace, withinMs: number): Promise<SignatureFigures> {
  const files = [{ name: 'ts.table', bytes: baseTable().toString('latin1') }];
  const said = await workplace.run({
    files,
    code: await programs(workplace.kind === 'interpreter'),
    withinMs,
    onProgress: () => undefined,
  });
  const figures = figuresSchema.safeParse(said);
  if (figures.success) return figures.data;
  throw new MeasuringFailed(`the measurement of signatures answered something else: ${figures.error.issues[0]?.message ?? ''}`);
}
