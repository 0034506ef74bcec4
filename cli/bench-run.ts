// The measurements of `device bench`, one after the other, with a word on the error stream before each. In: a workplace, and a hub that is opened for it. Out: the figures under
// their final names. The firmware is built as for any vending machine.

import { SingleBar } from 'cli-progress';
import { measureChains } from '../device/bench/chains.ts';
import type { MemoryFigures, TimeFigures } from '../device/bench/payments.ts';
import { measureMemory, measureTime } from '../device/bench/payments.ts';
import type { SignatureFigures } from '../device/bench/signatures.ts';
import { measureSignatures } from '../device/bench/signatures.ts';
import { cryptoBytes } from '../device/bench/sizes.ts';
import type { Workplace } from '../device/bench/workplace.ts';
import { boardFiles } from '../device/build/board-files.ts';
import { buildFirmware } from '../device/build/build.ts';
import type { BenchHub, Reach } from './bench-hub.ts';
import { openBenchHub } from './bench-hub.ts';

/** Times in milliseconds on the interpreter or board that was measured; ratios within one process. */
export interface BenchFigures {
  readonly on: string;
  /** One native SHA-256 of 64 bytes: the median of a thousand in a row, before the firmware starts. */
  readonly sha256Ms: number;
  readonly fieldMultiplicationMs: number;
  readonly straightSignMs: number;
  readonly signMs: number;
  readonly signInSha256: number;
  readonly signRatio: number;
  /** Both builds sign with the same code: the same figure again. */
  readonly signLowRamRatio: number;
  readonly longestSliceMs: number;
  readonly chainPer1000Ms: number;
  readonly paymentMs: number;
  readonly paymentInSha256: number;
  readonly paymentFlashMs: number;
  readonly payments: number;
  /** `null`: too few payments to tell. */
  readonly growthVariables: number | null;
  readonly variablesPaying: number;
  readonly variablesPeak: number;
  readonly variablesFree: number;
  readonly variablesPayingLowRam: number;
  readonly variablesPeakLowRam: number;
  readonly firmwareBytes: number;
  readonly firmwareLowRamBytes: number;
  readonly cryptoBytes: number;
  /** How many times longer an ESP32 is estimated to take. */
  readonly esp32Factor: number;
}

interface Asked extends Reach {
  readonly payments: number;
}

interface Patience {
  readonly signMs: number;
  readonly memoryMs: number;
  readonly perPaymentMs: number;
}

const PC: Patience = { signMs: 300_000, memoryMs: 300_000, perPaymentMs: 200 };
const BOARD: Patience = { signMs: 3_600_000, memoryMs: 1_800_000, perPaymentMs: 5000 };

/**
 * Espruino on an ESP32 takes 790 ns per variable to collect garbage (3.24 ms for 4,100, published with its issue 1687). No other speed of it is known, so whatever is said of a board
 * is what the interpreter here takes, times how much longer its garbage collection would take there.
 */
const ESP32_COLLECTING_NS = 790;

function say(sentence: string): void {
  process.stderr.write(`${sentence}\n`);
}

async function withBar<T>(total: number, work: (onProgress: (done: number) => void) => Promise<T>): Promise<T> {
  const bar = new SingleBar({ stream: process.stderr, format: 'payments [{bar}] {value}/{total}', clearOnComplete: true });
  if (process.stderr.isTTY) bar.start(total, 0);
  try {
    return await work((done) => bar.update(done));
  } finally {
    bar.stop();
  }
}

export async function measureAll(workplace: Workplace, asked: Asked): Promise<BenchFigures> {
  const hub = await openBenchHub(asked);
  try {
    const patience = workplace.kind === 'board' ? BOARD : PC;
    say('signatures; one by the straight signer takes long');
    const signed = await measureSignatures(workplace, patience.signMs);
    say('hash chains');
    const chained = await measureChains(workplace);
    say('memory while paying and signing');
    const memory = await memoryOf(hub, workplace, patience, false);
    const memoryLowRam = await memoryOf(hub, workplace, patience, true);
    say(`${asked.payments} payments`);
    const paid = await timeOf(hub, workplace, patience, asked.payments);
    return {
      on: workplace.name,
      ...fromSignatures(signed),
      longestSliceMs: Math.max(signed.longestSliceMs, chained.longestMs),
      chainPer1000Ms: chained.chainMs,
      ...fromPayments(paid),
      ...fromMemory(memory, memoryLowRam),
      ...(await sizes()),
    };
  } finally {
    await hub.close();
  }
}

/** A machine of its own for each run: it begins as a blank one. */
async function memoryOf(hub: BenchHub, workplace: Workplace, patience: Patience, lowRam: boolean): Promise<MemoryFigures> {
  const files = await boardFiles(hub.enrol(), 1, { lowRam });
  return measureMemory(workplace, { files, withinMs: patience.memoryMs, onProgress: () => undefined });
}

async function timeOf(hub: BenchHub, workplace: Workplace, patience: Patience, payments: number): Promise<TimeFigures> {
  const config = hub.enrol();
  const files = await boardFiles(config, 1);
  const { code: firmware } = await buildFirmware(config.profile);
  const withinMs = patience.memoryMs + payments * patience.perPaymentMs;
  return withBar(payments, (onProgress) =>
    measureTime(workplace, { files, firmware, payments, chainUnits: config.chainUnits, withinMs, onProgress }),
  );
}

type Figures<K extends keyof BenchFigures> = Pick<BenchFigures, K>;

function fromSignatures(
  signed: SignatureFigures,
): Figures<
  'fieldMultiplicationMs' | 'straightSignMs' | 'signMs' | 'signInSha256' | 'signRatio' | 'signLowRamRatio' | 'esp32Factor'
> {
  const ratio = signed.straightMs / signed.signMs;
  return {
    fieldMultiplicationMs: signed.productMs,
    straightSignMs: signed.straightMs,
    signMs: signed.signMs,
    signInSha256: signed.signMs / signed.hashMs,
    signRatio: ratio,
    signLowRamRatio: ratio,
    esp32Factor: ESP32_COLLECTING_NS / signed.collectingNs,
  };
}

function fromPayments(
  paid: TimeFigures,
): Figures<'sha256Ms' | 'paymentMs' | 'paymentInSha256' | 'paymentFlashMs' | 'payments' | 'growthVariables'> {
  return {
    sha256Ms: paid.hashMs,
    paymentMs: paid.paymentMs,
    paymentInSha256: paid.paymentInSha256,
    paymentFlashMs: paid.flashMs,
    payments: paid.payments,
    growthVariables: paid.growthVariables ?? null,
  };
}

function fromMemory(
  fast: MemoryFigures,
  lowRam: MemoryFigures,
): Figures<'variablesPaying' | 'variablesPeak' | 'variablesFree' | 'variablesPayingLowRam' | 'variablesPeakLowRam'> {
  return {
    variablesPaying: fast.variablesPaying,
    variablesPeak: fast.variablesPeak,
    variablesFree: fast.totalVariables - fast.variablesPaying,
    variablesPayingLowRam: lowRam.variablesPaying,
    variablesPeakLowRam: lowRam.variablesPeak,
  };
}

async function sizes(): Promise<Figures<'firmwareBytes' | 'firmwareLowRamBytes' | 'cryptoBytes'>> {
  return {
    firmwareBytes: (await buildFirmware('vending')).bytes,
    firmwareLowRamBytes: (await buildFirmware('vending', { lowRam: true })).bytes,
    cryptoBytes: await cryptoBytes(),
  };
}
