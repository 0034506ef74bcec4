// The operator's configuration of rails, `rails.yaml` or `rails.json` in the hub's folder. In: the file, and the environment for secrets that it only names. Out: checked options of each rail, or one sentence with the
// field's path. A secret's value is never in a sentence, nor is a line of the file.

import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import { faultOf } from '../known-keys.ts';
import type { Environment } from './secret.ts';
import type { RailsConfig } from './config-schema.ts';

/** A configuration that was refused: one sentence. */
export class RailsRefused extends Error {}

export const RAILS_FILES = ['rails.yaml', 'rails.json'] as const;
const OTHERS = 0o077;
const NO_RAILS: RailsConfig = { approval: 'none', thresholds: {}, retryAfterSeconds: 86_400, watchDays: 30 };

/** Where there is no file, nothing is loaded that only rails need: most hubs have none. */
export async function railsConfigIn(dataDir: string, environment: Environment): Promise<RailsConfig> {
  const found = RAILS_FILES.filter((name) => existsSync(join(dataDir, name)));
  const [name] = found;
  if (found.length > 1) throw new RailsRefused(`${found.join(' and ')}: expected one of them, got both`);
  if (name === undefined) return NO_RAILS;
  const path = join(dataDir, name);
  const mode = statSync(path).mode & 0o777;
  if (process.platform !== 'win32' && (mode & OTHERS) !== 0) {
    throw new RailsRefused(
      `${name}: expected a file that only its owner can read, got mode ${mode.toString(8)}; run chmod 600 ${path}`,
    );
  }
  return parseRails(name, readFileSync(path, 'utf8'), environment);
}

/** JSON is YAML, so one reader takes both. */
export async function parseRails(name: string, text: string, environment: Environment): Promise<RailsConfig> {
  const { railsSchema } = await import('./config-schema.ts');
  const document = parseDocument(text, { prettyErrors: true, schema: 'core', maxAliasCount: 0 } as object);
  const [error] = document.errors;
  if (error !== undefined)
    throw new RailsRefused(
      `${name}: expected YAML or JSON, got an error in line ${error.linePos?.[0].line ?? '?'} (${error.code})`,
    );
  const schema = railsSchema(environment);
  const parsed = schema.safeParse(document.toJS() ?? {});
  if (parsed.success) return parsed.data;
  const { path, message } = faultOf(schema, parsed.error);
  throw new RailsRefused([name, ...(path.length === 0 ? [] : [path.join('.')]), message].join(': '));
}
