// Cuts the power under the hub's disk, many times, and looks whether what it had promised is there. In: how often, a seed, and for controls a hub or a disk that is
// careless. Out: what was found. Each session's disk is one that an earlier cut has left, so that recovery is cut short, too.

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { enrol } from '../../hub/enrol.ts';
import { openStore } from '../../hub/store.ts';
import type { Random } from '../../simulator/random.ts';
import { seededRandom } from '../../simulator/random.ts';
import type { Payer } from '../hub/payer.ts';
import { payerOf } from '../hub/payer.ts';
import { loadRequest } from '../load/request.ts';
import type { Files, Loss } from './disk.ts';
import { diskWith, LOSSES } from './disk.ts';
import { lookAt, writeFiles } from './found.ts';
import { promisesTo } from './promises.ts';
import type { Recorded, Session } from './session.ts';
import { runSession, unitsOfPacket } from './session.ts';

export interface PowerLossOptions extends Pick<Session, 'recorder' | 'script' | 'hubWords' | 'env'> {
  readonly times: number;
  readonly devices: number;
  readonly seed: number;
  readonly onCut: (cut: number, findings: number) => void;
}

export interface PowerLossReport {
  readonly cuts: number;
  readonly seed: number;
  /** Acknowledgements and receipts that cuts have put to the test. */
  readonly promises: number;
  readonly events: number;
  readonly byLoss: Readonly<Record<Loss, number>>;
  readonly lostCuts: number;
  /** One sentence each, the first hundred. */
  readonly findings: readonly string[];
}

const CUTS_PER_SESSION = 25;
const LOAD_MS_MIN = 300;
const LOAD_MS_MAX = 2000;
const CHAIN_UNITS = 60_000;
const FINDINGS_SHOWN = 100;

export async function powerLosses(options: PowerLossOptions): Promise<PowerLossReport> {
  const room = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'tallystick-power-'));
  const random = seededRandom(options.seed, 'power loss');
  const tally = new Tally(options);
  try {
    const payers = enrolPayers(join(room, 'enrolled'), options.devices);
    let start: Start = { files: filesIn(join(room, 'enrolled')), paid: new Map() };
    for (let session = 0; tally.cuts < options.times; session++) {
      const dataDir = join(room, `data-${session}`);
      writeFiles(dataDir, start.files);
      const loadMs = random.integer(LOAD_MS_MIN, LOAD_MS_MAX);
      const recorded = await runSession({ ...options, dataDir, payers, paidUnits: start.paid, loadMs });
      rmSync(dataDir, { recursive: true });
      start = await cutAll({ start, recorded, payers, random, tally, folder: join(room, 'found') });
    }
    return tally.report();
  } finally {
    rmSync(room, { recursive: true, force: true });
  }
}

/** A disk, and what the payers know that it holds. */
interface Start {
  readonly files: Files;
  readonly paid: ReadonlyMap<string, number>;
}

interface Cutting {
  readonly start: Start;
  readonly recorded: Recorded;
  readonly payers: readonly Payer[];
  readonly random: Random;
  readonly tally: Tally;
  readonly folder: string;
}

/** Cuts one session's record at many moments; answers the disk that one of the cuts has left. */
async function cutAll({ start, recorded, payers, random, tally, folder }: Cutting): Promise<Start> {
  const { events, fault } = recorded;
  tally.blame(fault);
  const sent = new Map([...start.paid, ...recorded.sentUnits]);
  const cuts = Array.from({ length: tally.left(CUTS_PER_SESSION) }, () => random.integer(1, events.length)).sort((a, b) => a - b);
  const goesOn = random.integer(0, cuts.length - 1);
  const disk = diskWith(start.files);
  const promises = promisesTo(payers, unitsOfPacket);
  let next = start;
  let done = 0;
  for (const [index, at] of cuts.entries()) {
    for (const event of events.slice(done, at)) {
      if (event.kind === 'heard' || event.kind === 'told') promises.apply(event);
      else disk.apply(event);
    }
    done = at;
    const loss = LOSSES[random.integer(0, LOSSES.length - 1)] as Loss;
    const files = disk.afterCut(loss, random);
    const found = await lookAt(files, folder, { promised: new Map([...start.paid, ...promises.units()]), sent });
    tally.add(loss, events.length, promises.count(), found.findings);
    if (index === goesOn && found.findings.length === 0) next = { files, paid: found.accepted };
  }
  return next;
}

class Tally {
  cuts = 0;
  private promises = 0;
  private events = 0;
  private lostCuts = 0;
  private readonly findings: string[] = [];
  private readonly byLoss = Object.fromEntries(LOSSES.map((loss) => [loss, 0])) as Record<Loss, number>;
  private readonly options: PowerLossOptions;

  constructor(options: PowerLossOptions) {
    this.options = options;
  }

  left(most: number): number {
    return Math.min(most, this.options.times - this.cuts);
  }

  add(loss: Loss, events: number, promises: number, findings: readonly string[]): void {
    this.cuts++;
    this.byLoss[loss]++;
    this.promises += promises;
    this.events = Math.max(this.events, events);
    if (findings.length > 0) this.lostCuts++;
    this.findings.push(...findings.map((finding) => `cut ${this.cuts} (${loss}): ${finding}`));
    this.options.onCut(this.cuts, this.findings.length);
  }

  /** What went wrong in a session, whatever its cuts show. */
  blame(faults: readonly string[]): void {
    if (faults.length > 0) this.lostCuts++;
    this.findings.push(...faults);
  }

  report(): PowerLossReport {
    const { cuts, promises, events, byLoss, lostCuts } = this;
    return {
      cuts,
      seed: this.options.seed,
      promises,
      events,
      byLoss,
      lostCuts,
      findings: this.findings.slice(0, FINDINGS_SHOWN),
    };
  }
}

function enrolPayers(dataDir: string, devices: number): Payer[] {
  const store = openStore(dataDir);
  try {
    return Array.from({ length: devices }, (_, i) => payerOf(enrol(store, loadRequest(i, CHAIN_UNITS))));
  } finally {
    store.close();
  }
}

function filesIn(folder: string): Files {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const files = paths.filter((path) => statSync(join(folder, path)).isFile() && !path.endsWith('-shm'));
  return new Map(files.map((path) => [path, readFileSync(join(folder, path))]));
}
