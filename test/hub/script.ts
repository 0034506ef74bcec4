// TypeScript of this project as one script that plain Node runs in the project's folder, for tests that need a second process. In: source text. Out: JavaScript.

import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

export async function scriptOf(contents: string): Promise<string> {
  const resolveDir = fileURLToPath(new URL('../..', import.meta.url));
  const stdin = { contents, resolveDir, loader: 'ts' as const };
  const built = await build({ stdin, bundle: true, packages: 'external', platform: 'node', format: 'esm', write: false });
  return built.outputFiles[0]?.text ?? '';
}
