// The project's own sources, as text: for tests that hold the house to its rules. Third-party and built files are not looked at.

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';

export const ROOT = join(import.meta.dirname, '..', '..');
export const ROOMS = ['shared', 'device', 'hub', 'simulator', 'cli', 'test'] as const;

export interface Source {
  /** From the root, such as `hub/accept.ts`. */
  readonly path: string;
  readonly text: string;
  /** Paths of own files from the root; packages by their name. */
  readonly imports: readonly string[];
}

export function sources(): Source[] {
  return ROOMS.flatMap((room) =>
    readdirSync(join(ROOT, room), { recursive: true, encoding: 'utf8' }).map((name) => join(room, name)),
  )
    .filter((path) => path.endsWith('.ts'))
    .map((path) => sourceOf(path, readFileSync(join(ROOT, path), 'utf8')));
}

export function sourceOf(path: string, text: string): Source {
  const imports = [...text.matchAll(/^(?:import|export)\s(?:[^'"]*?\sfrom\s+)?['"]([^'"]+)['"]/gm)].map(
    (match) => match[1] as string,
  );
  return { path, text, imports: imports.map((name) => (name.startsWith('.') ? normalize(join(dirname(path), name)) : name)) };
}

export function readmes(): { path: string; text: string }[] {
  return readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
    .filter((path) => /(^|\/)(README|CHANGELOG)\.md$/.test(path) && !/node_modules|dist|data\//.test(path))
    .map((path) => ({ path: relative('', path), text: readFileSync(join(ROOT, path), 'utf8') }));
}
