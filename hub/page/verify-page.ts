// The page that checks evidence with no server: the same check as the command's, in the browser, under noble. In: a file that is dropped, chosen or pasted, and the hub's key if the reader has it.
// Out: who owes what to whom, and every check with a tick or the reason. It must never put text of a file into the page as anything but text, nor reach for the network.

import { fromHex } from '../../shared/bytes.ts';
import { nobleJudge } from '../proof/noble-judge.ts';
import { verifyTextBy } from '../proof/verify.ts';
import { element, field } from './element.ts';
import { verdictView } from './verdict-view.ts';

const MAX_FILE_BYTES = 350_000_000;
const KEY_BYTES = 32;

const area = field('area', HTMLElement);
const chosen = field('chosen', HTMLInputElement);
const pasted = field('pasted', HTMLTextAreaElement);
const key = field('key', HTMLInputElement);
const keyNote = field('key-note', HTMLElement);
const answer = field('answer', HTMLElement);

/** What was given last: checked again when the key changes. */
let given: { readonly name: string; readonly text: string } | undefined;

function show(...nodes: readonly Node[]): void {
  answer.replaceChildren(...nodes);
}

function refuse(sentence: string): void {
  show(element('p', { class: 'verdict bad' }, sentence));
}

/** The key as it was typed; `undefined` for none, a sentence for something else. */
function hubKeyIn(text: string): string | undefined | { readonly why: string } {
  const trimmed = text.trim().toLowerCase();
  if (trimmed === '') return undefined;
  const bytes = fromHex(trimmed);
  return bytes?.length === KEY_BYTES ? bytes : { why: 'Expected 64 hex digits.' };
}

function check(): void {
  const hubKey = hubKeyIn(key.value);
  const isBadKey = typeof hubKey === 'object';
  keyNote.textContent = isBadKey ? hubKey.why : '';
  key.setAttribute('aria-invalid', String(isBadKey));
  if (given === undefined || isBadKey) return;
  const { name, text } = given;
  show(element('p', {}, `Checking ${name} ...`));
  // The browser shows that before it has no time for anything else.
  setTimeout(() => {
    try {
      show(...verdictView(name, verifyTextBy(nobleJudge(), text, hubKey)));
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      refuse(`${name} is no evidence: expected JSON, got something else (${error.message}).`);
    }
  }, 20);
}

function take(name: string, text: string): void {
  given = { name, text };
  check();
}

async function takeFile(file: File | undefined): Promise<void> {
  if (file === undefined) return;
  if (file.size > MAX_FILE_BYTES) {
    refuse(`${file.name} is too large for this page: expected at most ${MAX_FILE_BYTES} bytes, got ${file.size}.`);
    return;
  }
  pasted.value = '';
  take(file.name, await file.text());
}

area.addEventListener('dragover', (event) => {
  event.preventDefault();
  area.classList.add('over');
});
area.addEventListener('dragleave', () => area.classList.remove('over'));
area.addEventListener('drop', (event) => {
  event.preventDefault();
  area.classList.remove('over');
  void takeFile(event.dataTransfer?.files[0]);
});
chosen.addEventListener('change', () => void takeFile(chosen.files?.[0]));
pasted.addEventListener('input', () => {
  if (pasted.value.trim() !== '') take('what was pasted', pasted.value);
});
key.addEventListener('input', check);
