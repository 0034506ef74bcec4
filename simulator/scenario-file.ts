// Scenario files: YAML or JSON, from a path or by the name of an example. In: what somebody typed. Out: a scenario, or sentences that say what is wrong with the
// file and where. It reads files and nothing else.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import type { Parsed, Scenario } from './scenario.ts';
import { parseScenario } from './scenario.ts';

/** A scenario that cannot be used: which file, and why, in whole sentences. */
export class ScenarioRefused extends Error {}

/** Beside this file in the sources; the compiled program reads the sources' folder. */
const FOLDERS = [join(import.meta.dirname, 'scenarios'), join(import.meta.dirname, '..', '..', 'simulator', 'scenarios')];

export function exampleFolder(): string {
  return FOLDERS.find((folder) => existsSync(folder)) ?? (FOLDERS[0] as string);
}

export function exampleNames(): string[] {
  return readdirSync(exampleFolder())
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => name.slice(0, -'.yaml'.length))
    .sort();
}

export function loadScenario(nameOrPath: string): Scenario {
  const path = pathOf(nameOrPath);
  const parsed = parseText(readFileSync(path, 'utf8'));
  if (parsed.kind === 'scenario') return parsed.scenario;
  throw new ScenarioRefused(`${path}:\n${parsed.faults.map((fault) => `  ${fault}`).join('\n')}`);
}

function pathOf(nameOrPath: string): string {
  if (existsSync(nameOrPath)) return nameOrPath;
  const example = join(exampleFolder(), `${nameOrPath}.yaml`);
  if (/^[a-z-]+$/.test(nameOrPath) && existsSync(example)) return example;
  throw new ScenarioRefused(
    `expected a scenario file or one of ${exampleNames().join(', ')}; got "${nameOrPath}", which is neither`,
  );
}

/** JSON is YAML, too. */
export function parseText(text: string): Parsed {
  const document = parseDocument(text);
  const faults = document.errors.map((error) => error.message);
  return faults.length > 0 ? { kind: 'faults', faults } : parseScenario(document.toJS());
}
