// The page that checks evidence, as one HTML file. In: the sources in the package. Out: markup with style and script inside, which a content policy allows by their hashes and nothing else: no
// network, no other script. The script is bundled from the very files that the command runs.

import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const FOLDER = join('hub', 'page');

export async function verifyPage(): Promise<string> {
  const folder = join(packageRoot(), FOLDER);
  const script = await scriptOf(join(folder, 'verify-page.ts'));
  const style = readFileSync(join(folder, 'page.css'), 'utf8');
  const policy = `default-src 'none'; script-src '${hashOf(script)}'; style-src '${hashOf(style)}'; base-uri 'none'; form-action 'none'`;
  const filled: ReadonlyArray<readonly [string, string]> = [
    ['content="POLICY"', `content="${policy}"`],
    ['<style></style>', `<style>${style}</style>`],
    ['<script></script>', `<script>${script}</script>`],
  ];
  const page = readFileSync(join(folder, 'page.html'), 'utf8');
  return filled.reduce((text, [empty, full]) => filledIn(text, empty, full), page);
}

function filledIn(text: string, empty: string, full: string): string {
  const [before, after, ...more] = text.split(empty);
  if (before === undefined || after === undefined || more.length > 0) throw new Error(`expected ${empty} once in the page`);
  return before + full + after;
}

/** ASCII, and with no `</script` in it: esbuild sees to both. */
export async function scriptOf(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    charset: 'ascii',
    minify: true,
    legalComments: 'none',
    logLevel: 'silent',
  });
  const [file] = outputFiles;
  if (file === undefined) throw new Error(`esbuild made nothing of ${entry}`);
  return file.text.trimEnd();
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

/** The sources lie in the package, wherever this file was compiled to. */
function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, FOLDER, 'page.html'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error(`the page's sources are missing: expected ${FOLDER} above ${import.meta.url}`);
    folder = parent;
  }
  return folder;
}
