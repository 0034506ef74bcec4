// A small library between a process and its C library, compiled where a compiler is. In: a C file of this folder's neighbours. Out: its path for LD_PRELOAD, or a sentence
// saying what this machine lacks; suites say that loudly and skip.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './root.ts';

export type Preload = { readonly kind: 'built'; readonly path: string } | { readonly kind: 'missing'; readonly why: string };

/** `source` from the project's root, such as `test/faults/failing-disk.c`. The library is removed when this process ends. */
export function buildPreload(source: string): Preload {
  if (process.platform !== 'linux') return { kind: 'missing', why: `expected Linux, got ${process.platform}` };
  const folder = mkdtempSync(join(tmpdir(), 'tallystick-preload-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'preload.so');
  const built = spawnSync('cc', ['-shared', '-fPIC', '-O1', '-o', path, join(ROOT, source), '-ldl', '-lpthread']);
  if (built.error !== undefined) return { kind: 'missing', why: `expected a C compiler as cc: ${built.error.message}` };
  return built.status === 0 ? { kind: 'built', path } : { kind: 'missing', why: `cc: ${built.stderr.toString().slice(0, 500)}` };
}

/** The environment that preloads it. */
export function preloaded(path: string): NodeJS.ProcessEnv {
  return { LD_PRELOAD: path };
}
