// Kills the hub with SIGKILL at random moments under load, again and again on the same data, and looks at the database after every kill. In: how
// often, how many devices, a seed. Out: what was found: vouchers acknowledged and lost, counted twice, books that do not balance. The
// hub is the compiled program in its own process, settling all the while, so that kills fall between any two of its steps.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { enrol } from '../../hub/enrol.ts';
import { settle } from '../../hub/settlement.ts';
import { hubStatus } from '../../hub/status.ts';
import { openStore } from '../../hub/store.ts';
import { seededRandom, type Random } from '../../simulator/random.ts';
import type { ServerProcess } from '../load/process.ts';
import { startProcess } from '../load/process.ts';
import { loadRequest } from '../load/request.ts';
import type { KillPayer } from './payer.ts';
import { killPayer } from './payer.ts';

export interface KillOptions {
  readonly times: number;
  readonly devices: number;
  readonly seed: number;
  /** What stands between `node` and the hub's words: the compiled command, or options and the command. */
  readonly script: readonly string[];
  /** Who reads vouchers in the hub. */
  readonly front: string;
  /** So often the hub settles, so that kills fall between any two of its steps. */
  readonly settleEvery: string;
  /** No further kill after one that has found something. */
  readonly untilFound?: boolean;
  readonly onRound: (round: number, acknowledged: number, findings: number) => void;
}

export interface KillReport {
  readonly kills: number;
  readonly seed: number;
  readonly acknowledgedVouchers: number;
  /** Acknowledged, from the first acknowledgement of a round to its kill. */
  readonly perSecond: number;
  readonly unitsSent: number;
  readonly unitsSettled: number;
  readonly batches: number;
  /** One sentence per broken promise; empty when all held. */
  readonly findings: readonly string[];
}

interface Ready {
  readonly port: number;
}

const MOMENT_MS_MIN = 30;
const MOMENT_MS_MAX = 900;
/** Short enough that channels end and the next ones open under fire. */
const CHAIN_UNITS = 20_000;

export async function killRuns(options: KillOptions): Promise<KillReport> {
  const dataDir = mkdtempSync(join(tmpdir(), 'tallystick-kill-'));
  try {
    const payers = enrolPayers(dataDir, options.devices);
    const random = seededRandom(options.seed, 'kill');
    const findings: string[] = [];
    let loadedMs = 0;
    let kills = 0;
    while (kills < options.times && !(options.untilFound === true && findings.length > 0)) {
      kills++;
      loadedMs += await oneKill(dataDir, payers, random, options);
      findings.push(...lookAt(dataDir, payers).map((finding) => `kill ${kills}: ${finding}`));
      const acknowledged = total(payers, (payer) => payer.acknowledged());
      options.onRound(kills, acknowledged, findings.length);
    }
    const perSecond = Math.round(total(payers, (payer) => payer.acknowledged()) / (loadedMs / 1000));
    findings.push(...(await deliverTheRest(dataDir, payers, options)));
    return { ...reportOf(dataDir, payers, options.seed, findings), kills, perSecond };
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** Boards, a gateway that signs everything, and one that does so now and then. */
const SIGNS_EVERY = [0, 1, 0, 40];

function enrolPayers(dataDir: string, devices: number): KillPayer[] {
  const store = openStore(dataDir);
  try {
    return Array.from({ length: devices }, (_, i) =>
      killPayer(enrol(store, loadRequest(i, CHAIN_UNITS)), SIGNS_EVERY[i % SIGNS_EVERY.length]),
    );
  } finally {
    store.close();
  }
}

/** A hub on the data, by whichever command the options name. */
function startHub(dataDir: string, { script, front, settleEvery }: KillOptions): Promise<ServerProcess<Ready>> {
  const pace = ['--max-messages-per-second', '10000000'];
  const words = ['hub', '--data', dataDir, '--port', '0', '--front', front, ...pace, '--settle-every', settleEvery, '--json'];
  return startProcess<Ready>([process.execPath, ...script, ...words]);
}

export const SETTLE_EVERY = '70ms';

/** The control: it settles nothing, because whatever it settles is saved; and a kill that falls before the first voucher, or after all are written, finds nothing. */
export function hasty(main: string, preload: string): Pick<KillOptions, 'script' | 'settleEvery' | 'untilFound'> {
  return { script: ['--import', preload, main], settleEvery: '1h', untilFound: true };
}

/** Under load from every payer at once, then SIGKILL at a moment of the seed's choice. Answers for how long the first payer was answered. */
async function oneKill(dataDir: string, payers: readonly KillPayer[], random: Random, options: KillOptions): Promise<number> {
  const hub = await startHub(dataDir, options);
  const momentMs = random.integer(MOMENT_MS_MIN, MOMENT_MS_MAX);
  const paying = payers.map((payer) => payer.payTo(hub.ready.port));
  await new Promise((resolve) => setTimeout(resolve, momentMs));
  await hub.kill();
  return Math.max(...(await Promise.all(paying)));
}

/** What the database says after a kill, against what each payer was told and has sent. */
function lookAt(dataDir: string, payers: readonly KillPayer[]): string[] {
  const store = openStore(dataDir);
  try {
    const status = hubStatus(store);
    const accepted = new Map(status.devices.map((row) => [row.device, row.totalUnits]));
    const findings = payers.flatMap((payer) => payer.judge(accepted.get(payer.device) ?? 0));
    return status.balanced ? findings : [...findings, 'the books do not balance'];
  } finally {
    store.close();
  }
}

/** A last, undisturbed run: every payer's highest voucher arrives, everything is settled, and the sums must meet. */
async function deliverTheRest(dataDir: string, payers: readonly KillPayer[], options: KillOptions): Promise<string[]> {
  const hub = await startHub(dataDir, options);
  await Promise.all(payers.map((payer) => payer.deliverHighest(hub.ready.port)));
  const code = await hub.stop();
  const findings = lookAt(dataDir, payers);
  return code === 0 ? findings : [...findings, `the hub ended with code ${code} when asked to stop`];
}

function reportOf(
  dataDir: string,
  payers: readonly KillPayer[],
  seed: number,
  findings: readonly string[],
): Omit<KillReport, 'kills' | 'perSecond'> {
  const store = openStore(dataDir);
  try {
    settle(store, { dryRun: false, nowSeconds: Math.floor(Date.now() / 1000) });
    const status = hubStatus(store);
    const unitsSent = total(payers, (payer) => payer.sentUnits());
    const unitsSettled = status.batches.flatMap((batch) => batch.lines).reduce((sum, line) => sum + line.units, 0);
    const mismatch = unitsSent === unitsSettled ? [] : [`${unitsSent} units were sent and ${unitsSettled} settled`];
    return {
      seed,
      acknowledgedVouchers: total(payers, (payer) => payer.acknowledged()),
      unitsSent,
      unitsSettled,
      batches: status.batches.length,
      findings: [...findings, ...mismatch],
    };
  } finally {
    store.close();
  }
}

function total(payers: readonly KillPayer[], pick: (payer: KillPayer) => number): number {
  return payers.reduce((sum, payer) => sum + pick(payer), 0);
}
