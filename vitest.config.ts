// How the suites run: every test file in test/, with time for those that start real processes on a busy machine. As many files at once as there are processors: many of them wait
// for processes most of the time.
import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: { include: ['test/**/*.test.ts'], testTimeout: 30_000, hookTimeout: 30_000, maxWorkers: availableParallelism() },
});
