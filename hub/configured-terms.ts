// The terms on which an operator settles, from the configuration of rails. In: the hub's folder, the environment, and the rails that need no configuration. Out: terms. What the file does not say is
// as `terms.ts` has it.

import type { RailWorld } from './rails/attempts.ts';
import { configuredRails } from './rails/configured.ts';
import type { Rail } from './rails/rail.ts';
import type { Environment } from './rails/secret.ts';
import type { Terms } from './terms.ts';
import { DEFAULT_THRESHOLD, termsWith } from './terms.ts';

const DAY_SECONDS = 86_400;

export async function configuredTerms(
  dataDir: string,
  environment: Environment,
  builtIn: readonly Rail[],
  world?: RailWorld,
): Promise<Terms> {
  const { config, rails } = await configuredRails(dataDir, environment, world);
  const { approval, retryAfterSeconds, watchDays, thresholds } = config;
  return termsWith([...builtIn, ...rails.map(({ rail }) => rail)], {
    approval,
    retryAfterSeconds,
    watchSeconds: watchDays * DAY_SECONDS,
    thresholdOf: (rail, currency) => thresholds[rail]?.[currency] ?? DEFAULT_THRESHOLD,
  });
}
