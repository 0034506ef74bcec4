// Gate rules for regular expressions: Espruino knows literals, classes, `*`, `+`, groups, alternation and anchors, with the flags g and i. In: a
// literal and where it stands. Out: a sentence, or nothing. What it does not know it mostly takes as "no match", in silence.

import type { AnyNode } from 'acorn';

/** The pattern without its escapes and classes, so that what is left are operators. */
function operatorsOf(pattern: string): string {
  return pattern.replace(/\\[^bBk1-9pPu]/g, '').replace(/\[[^\]]*\]/g, '');
}

export function regexFault(node: AnyNode, code: string): string | undefined {
  if (node.type !== 'Literal' || !('regex' in node) || node.regex === undefined || node.regex === null) return undefined;
  const { pattern, flags } = node.regex;
  const operators = operatorsOf(pattern);
  if (/[^gi]/.test(flags)) return `the flag in /${pattern}/${flags}; only g and i`;
  if (/\[[^\]]*\/[^\]]*\]/.test(pattern)) return `"/" inside a class in /${pattern}/; use string methods`;
  if (/[?{]/.test(operators)) return `"?" or "{" in /${pattern}/, which never match there; use string methods`;
  if (/\\[bBk1-9pPu]/.test(pattern)) return `a boundary, back reference or property in /${pattern}/; use string methods`;
  if (/\)\s*$/.test(code.slice(0, node.start)))
    return `a regular expression right after ")": /${pattern}/ is taken for a division; name it first`;
  return undefined;
}
