// The specification as data: its rules, tables and byte-by-byte blocks. In: the text of shared/README.md. Out: what tests compare with the code and the vectors.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const SPEC = readFileSync(fileURLToPath(new URL('../../shared/README.md', import.meta.url)), 'utf8');

/** The numbers of the rules that the text defines, in the order of the text. */
export function definedRules(): readonly string[] {
  return [...SPEC.matchAll(/^\*\*\[(W-\d+)\]\*\*/gm)].map((match) => match[1] ?? '');
}

export function citedRules(text: string): readonly string[] {
  return [...text.matchAll(/\[(W-\d+)\]/g)].map((match) => match[1] ?? '');
}

/** The rows of the table whose heading line begins with these cells. */
export function tableUnder(...heading: readonly string[]): readonly (readonly string[])[] {
  const lines = SPEC.split('\n');
  const start = lines.findIndex((line) => line.startsWith(`| ${heading.join(' | ')}`));
  if (start < 0) throw new Error(`no table under ${heading.join(', ')}`);
  const rows = lines.slice(start + 2);
  const end = rows.findIndex((line) => !line.startsWith('|'));
  return rows.slice(0, end < 0 ? rows.length : end).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** The blocks between code fences. */
export function blocks(): readonly string[] {
  return [...SPEC.matchAll(/^```\n([\s\S]*?)^```$/gm)].map((match) => match[1] ?? '');
}

/** The hex at the beginning of each line of a block, up to the first remark. */
export function hexOfBlock(block: string): string {
  const parts = block.split('\n').map((line) => /^\s*((?:(?:[0-9a-f]{2})+(?: |$))+)/.exec(line + ' ')?.[1] ?? '');
  return parts.join('').replaceAll(' ', '');
}
