// What the auditor expects of a hub that has acknowledged a word. A row: what was heard, and whether an answer is owed in the end. A packet's number is said by the board; '+' acknowledges it.

import { expect, it } from 'vitest';
import { owedAnswer } from '../../simulator/audit/owed-answer.ts';

type Heard = number | `+${number}` | 'answer' | 'connack' | 'gone';

it.each<{ what: string; heard: readonly Heard[]; owed: boolean }>([
  { what: 'a word that was acknowledged', heard: [7, '+7'], owed: true },
  { what: 'acknowledged and answered', heard: [7, '+7', 'answer'], owed: false },
  { what: 'answered first', heard: [7, 'answer', '+7'], owed: true },
  { what: 'the acknowledgement of another packet', heard: [7, '+6'], owed: false },
  { what: 'answered, and acknowledged again for somebody who repeats it', heard: [7, '+7', 'answer', '+7'], owed: false },
  { what: 'the next word after that', heard: [7, '+7', 'answer', '+7', 8, '+8'], owed: true },
  { what: 'an answer to somebody else before the acknowledgement', heard: [7, 'answer', '+7', 'answer', '+7'], owed: false },
  { what: 'an answer to a word after which the next one was said', heard: [7, '+7', 8, 'answer', '+8'], owed: true },
  { what: 'the acknowledgement of a word on the connection before', heard: [7, 'connack', '+7'], owed: false },
  { what: 'acknowledged, and then another connection', heard: [7, '+7', 'connack'], owed: true },
  { what: 'a hub that is gone', heard: [7, '+7', 'gone'], owed: false },
])('$what: owed is $owed', ({ heard, owed }) => {
  const answers = owedAnswer();
  for (const one of heard) {
    if (one === 'answer') answers.answered();
    else if (one === 'connack') answers.connected();
    else if (one === 'gone') answers.gone();
    else if (typeof one === 'number') answers.said(one);
    else answers.acknowledged(Number(one.slice(1)), 50);
  }
  expect(answers.sinceMs()).toBe(owed ? 50 : undefined);
});
