// How far a simulated world has come: a bar that is redrawn on a terminal, a line now and then elsewhere. In: the run's progress. Out: text on the error stream,
// with the rate, the virtual time and what is left of the real one.

import { clearLine, cursorTo } from 'node:readline';
import { durationText } from '../simulator/duration.ts';
import type { Progress } from '../simulator/world/run.ts';

export interface ProgressView {
  show(progress: Progress): void;
  end(): void;
}

const REDRAW_MS = 200;
const LINE_EVERY_MS = 5000;
const BAR_CELLS = 24;

export function progressView(stream: NodeJS.WriteStream): ProgressView {
  const startedMs = performance.now();
  let shownMs = -Infinity;
  let isDrawn = false;
  return {
    show(progress) {
      const nowMs = performance.now();
      if (nowMs - shownMs < (stream.isTTY ? REDRAW_MS : LINE_EVERY_MS)) return;
      // A short run needs no lines in a log.
      if (!stream.isTTY && shownMs === -Infinity && nowMs - startedMs < LINE_EVERY_MS) return;
      shownMs = nowMs;
      const text = textOf(progress, nowMs - startedMs);
      if (!stream.isTTY) return void stream.write(`${text}\n`);
      cursorTo(stream, 0);
      stream.write(text.slice(0, stream.columns - 1));
      clearLine(stream, 1);
      isDrawn = true;
    },
    end() {
      if (isDrawn) stream.write('\n');
    },
  };
}

function textOf({ phase, atMs, durationMs, accepted, violations }: Progress, elapsedMs: number): string {
  const broken = violations === 0 ? '' : `, ${violations} BROKEN`;
  if (phase === 'draining') return `delivering what is left at ${durationText(atMs)}, ${accepted} vouchers accepted${broken}`;
  const share = Math.min(1, atMs / durationMs);
  const full = Math.floor(share * BAR_CELLS);
  const bar = `[${'#'.repeat(full)}${'-'.repeat(BAR_CELLS - full)}] ${Math.floor(share * 100)} %`;
  const left = share > 0.01 ? `, ${durationText((elapsedMs * (1 - share)) / share)} left` : '';
  const rate = Math.round((accepted * 1000) / Math.max(1, elapsedMs));
  return `${bar} ${durationText(atMs)} of ${durationText(durationMs)}, ${accepted} vouchers (${rate}/s)${left}${broken}`;
}
