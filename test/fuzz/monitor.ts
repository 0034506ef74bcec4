// Watches the process that it is loaded into with `node --import`: its memory, and how long its event loop stands still. In: a file's name in the environment. Out: one JSON
// object in that file, four times a second; SIGUSR2 forgets the longest. Standing still counts as far as the process computed meanwhile: a busy machine is no fault of it.

import { renameSync, writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

export interface Watched {
  readonly rssBytes: number;
  readonly longestStallMs: number;
}

const TICK_MS = 5;
const SAY_EVERY_MS = 250;
const file = process.env['TALLYSTICK_MONITOR'];

function watch(path: string): void {
  let longestStallMs = 0;
  let lastMs = performance.now();
  let lastCpu = process.cpuUsage();
  let saidMs = 0;
  const tick = (): void => {
    const nowMs = performance.now();
    const cpu = process.cpuUsage();
    const computedMs = (cpu.user - lastCpu.user + cpu.system - lastCpu.system) / 1000;
    longestStallMs = Math.max(longestStallMs, Math.min(nowMs - lastMs, computedMs) - TICK_MS);
    [lastMs, lastCpu] = [nowMs, cpu];
    if (nowMs - saidMs < SAY_EVERY_MS) return;
    saidMs = nowMs;
    const watched: Watched = { rssBytes: process.memoryUsage().rss, longestStallMs };
    writeFileSync(`${path}.new`, JSON.stringify(watched));
    renameSync(`${path}.new`, path);
  };
  process.on('SIGUSR2', () => (longestStallMs = 0));
  setInterval(tick, TICK_MS).unref();
}

if (file !== undefined && isMainThread) watch(file);
