// A scenario named on the command line. In: a file or the name of an example. Out: the scenario, or sentences and the exit code for data that cannot be used.

import { loadScenario, ScenarioRefused } from '../simulator/scenario-file.ts';
import type { Scenario } from '../simulator/scenario.ts';
import { CommandFailed, EXIT } from './exit.ts';

export function scenarioNamed(name: string): Scenario {
  try {
    return loadScenario(name);
  } catch (error) {
    if (error instanceof ScenarioRefused) throw new CommandFailed(EXIT.data, error.message);
    throw error;
  }
}
