// Starts the load: the C program, compiled when it is first needed, or where there is no C compiler its slower twin for Node. In: a server and a plan. Out: what was acknowledged, how fast, and what load
// and server computed meanwhile. It says which of the two it is: with the slow one a fast server is not the bottleneck.

import { spawnSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface LoadFigures {
  readonly acknowledged: number;
  readonly seconds: number;
  /** Of the time, how much the load computed: near 1 means that the load was the bottleneck. */
  readonly loadCores: number;
  readonly serverCores: number;
  /** Some device ran out of vouchers: then the figure is too low. */
  readonly ranDry: boolean;
  readonly lost: number;
  readonly outOfOrder: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface LoadOrder {
  readonly port: number;
  readonly pid: number;
  readonly plan: string;
  readonly seconds: number;
  readonly inFlight: number;
  /** Messages a second in all; 0 for as many as are acknowledged. */
  readonly perSecond?: number;
  readonly until?: 'puback' | 'receipt';
}

export interface Generator {
  readonly kind: 'compiled' | 'node';
  run(order: LoadOrder): Promise<LoadFigures>;
  close(): void;
}

const HERE = import.meta.dirname;

/** Sources lie beside this file, or, when it is compiled, where they were compiled from. */
function sourceOf(name: string): string | undefined {
  return [join(HERE, name), join(HERE, '..', '..', '..', 'test', 'bench', name)].find((path) => existsSync(path));
}

export function openGenerator(): Generator {
  const folder = mkdtempSync(join(tmpdir(), 'tallystick-load-'));
  const program = join(folder, 'generator');
  const source = sourceOf('generator.c');
  const compiled = source !== undefined && spawnSync('cc', ['-O2', '-o', program, source]).status === 0;
  const command: readonly [string, ...string[]] = compiled ? [program] : [process.execPath, join(HERE, 'node-generator.js')];
  return {
    kind: compiled ? 'compiled' : 'node',
    run: (order) => run(command, order),
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

async function run([program, ...first]: readonly [string, ...string[]], order: LoadOrder): Promise<LoadFigures> {
  const { port, plan, seconds, inFlight, pid, perSecond = 0, until = 'puback' } = order;
  const words = ['127.0.0.1', port, plan, seconds, inFlight, perSecond, until, pid].map(String);
  const child = spawn(program, [...first, ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`the load ended with code ${code}`);
  return JSON.parse(said) as LoadFigures;
}
