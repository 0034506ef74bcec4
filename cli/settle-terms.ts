// On which terms the commands settle. In: the hub's folder. Out: its rails, thresholds and whether somebody has to approve.

import { csvRail } from '../hub/rails/csv-rail.ts';
import { ledgerRail } from '../hub/rails/ledger.ts';
import type { Rail, RailName } from '../hub/rails/rail.ts';
import { RAIL_NAMES } from '../hub/rails/rail.ts';
import { RailsRefused } from '../hub/rails/config.ts';
import type { Terms } from '../hub/terms.ts';
import { configuredTerms } from '../hub/configured-terms.ts';
import { CommandFailed, EXIT } from './exit.ts';

/** The two rails that need no configuration, and those of the folder's file. */
export async function termsIn(dataDir: string): Promise<Terms> {
  try {
    return await configuredTerms(dataDir, process.env, [ledgerRail, csvRail(dataDir)]);
  } catch (error) {
    throw error instanceof RailsRefused ? new CommandFailed(EXIT.data, error.message) : error;
  }
}

export function railNamed(text: string): RailName {
  const name = RAIL_NAMES.find((one) => one === text);
  if (name !== undefined) return name;
  throw new CommandFailed(EXIT.usage, `rail: expected one of ${RAIL_NAMES.join(', ')}, got "${text}"`);
}

export function railIn(terms: Terms, name: RailName): Rail {
  const rail = terms.rails.get(name);
  if (rail !== undefined) return rail;
  throw new CommandFailed(EXIT.data, `rail: ${name} is not configured; configured are ${[...terms.rails.keys()].join(', ')}`);
}
