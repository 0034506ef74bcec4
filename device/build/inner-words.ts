// Words that never leave the board become numbers: what kind of thing a value is, how far a slice has come, what to do about a reject. A number is one byte in the file, a word its
// letters and two more. In: the readable bundle. Out: the same with each of these words as its place in its list. It must never name a word that people, a file or the hub read.

import { parse } from 'acorn';
import type { Edit } from './edits.ts';
import { applied } from './edits.ts';
import { walk } from './tree.ts';

/** A word in two lists stands at the same place in both. */
const UNIONS: ReadonlyArray<readonly string[]> = [
  ['none', 'more', 'ready'], // Progress
  ['over', 'free', 'message'], // News
  ['partial', 'broken'], // what a reader of packets finds
  ['over', 'greeting'], // a session's phase
  ['voucher', 'commitment', 'closing'], // a Word's kind
  ['receipt', 'reject', 'grant', 'offer', 'piece'], // a Downlink's kind
  ['wait', 'open-next', 'send-commitment', 'send-nearer'], // an Action
];

const NUMBERS: ReadonlyMap<string, number> = new Map(UNIONS.flatMap((words) => words.map((word, place) => [word, place + 1])));

export function withNumbersForWords(code: string): string {
  const edits: Edit[] = [];
  walk(parse(code, { ecmaVersion: 2022 }), (node, ancestors) => {
    if (node.type !== 'Literal' || typeof node.value !== 'string') return;
    const parent = ancestors[ancestors.length - 1];
    const number = NUMBERS.get(node.value);
    if (number === undefined || (parent?.type === 'Property' && parent.key === node)) return;
    edits.push({ start: node.start, end: node.end, text: `${number}` });
  });
  return applied(code, edits);
}
