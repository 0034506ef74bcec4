// Changes to a text by place. In: a text, and edits that do not overlap. Out: the text with them; of two at one place, what comes first in the list comes first.

export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export function applied(code: string, edits: readonly Edit[]): string {
  let out = '';
  let at = 0;
  for (const edit of [...edits].sort((a, b) => a.start - b.start)) {
    out += code.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return out + code.slice(at);
}
