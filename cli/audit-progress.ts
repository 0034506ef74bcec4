// How far an audit has come, for those that take long. In: what is checked now, and how many of it. Out: a line on the error stream every few seconds, with the rate.

export interface AuditProgress {
  show(what: string, count: number): void;
  end(): void;
}

const LINE_EVERY_MS = 2000;
/** Counts come by the million: the clock is asked now and then. */
const COUNTS_PER_LOOK = 256;

export function auditProgress(stream: NodeJS.WriteStream): AuditProgress {
  const startedMs = performance.now();
  let shownMs = startedMs;
  let shownCount = 0;
  let shownWhat = '';
  let counts = 0;
  let isShown = false;
  return {
    show(what, count) {
      if (++counts % COUNTS_PER_LOOK !== 0) return;
      const nowMs = performance.now();
      if (nowMs - shownMs < LINE_EVERY_MS) return;
      const before = shownWhat === what ? shownCount : 0;
      const perSecond = Math.round(((count - before) * 1000) / (nowMs - shownMs));
      stream.write(`${count} ${what} (${perSecond}/s)\n`);
      [shownMs, shownCount, shownWhat, isShown] = [nowMs, count, what, true];
    },
    end() {
      if (isShown) stream.write(`done in ${Math.round((performance.now() - startedMs) / 1000)} s\n`);
    },
  };
}
