// A verdict as people read it: the answer, what it does not cover, who owes what to whom, and each check. In: a verdict. Out: elements.

import type { Check, EvidenceVerdict, Invalid, ProvenChannel, Valid } from '../proof/verify.ts';
import { CHECKS } from '../proof/verify.ts';
import { decimalOf } from './decimal.ts';
import { element } from './element.ts';
import { totalsView } from './totals-view.ts';

const WORDS: Readonly<Record<Check, string>> = {
  form: 'The file has the form of evidence.',
  hub: 'The hub is named after its public key.',
  tariffs: 'Tariffs are named after their content.',
  trees: 'Batches are named after their hash trees.',
  key: 'Each device is named after its public key, and somebody must hold the other half of that.',
  commitment: "The device's key has signed the terms of each channel, for this hub and this payee.",
  tariff: 'The price is the one that the payer has signed.',
  voucher: 'The payer has signed or revealed as many units as are charged.',
  amount: 'Units and price come to the amount.',
  batches: "The channel's lines follow each other without gap or overlap, and are in the batches that the file names.",
  heads: 'The hub has signed each batch when it closed it.',
  whole: 'Nothing else rides along in the file.',
  signature: 'The hub has signed the whole file.',
  vouched: 'The hub is the one whose key you gave.',
};

const ROWS_SHOWN = 500;

export function verdictView(name: string, verdict: EvidenceVerdict): HTMLElement[] {
  if (verdict.kind === 'invalid') return [badAnswer(name, verdict), checksView(verdict)];
  return [...goodAnswer(name, verdict), totalsView(verdict.channels), channelsView(verdict.channels), checksView(verdict)];
}

function badAnswer(name: string, { why }: Invalid): HTMLElement {
  return element('div', { class: 'verdict bad' }, element('strong', {}, `${name} proves nothing.`), element('p', {}, why));
}

function goodAnswer(name: string, verdict: Valid): HTMLElement[] {
  const { vouched, hub, hubKey, account, writtenAtSeconds, withoutHead } = verdict;
  const whose = account === null ? '' : `, all that ${account} has a part in by the hub's word`;
  const when = new Date(writtenAtSeconds * 1000).toISOString().replace('T', ' ').replace('.000Z', ' UTC');
  const told = element('p', {}, `${counted(verdict.channels.length, 'channel')}${whose}. Written by hub ${hub} on ${when}.`);
  const answers = [element('div', { class: 'verdict good' }, element('strong', {}, `${name} is valid.`), told)];
  if (!vouched) {
    const doubt = element('strong', {}, "Nobody has vouched for the hub's key.");
    const advice =
      "What payers have signed is proven; that this hub is the one you mean is not. Get its public key from its operator, and give it above. This file's hub says its key is ";
    answers.push(element('div', { class: 'verdict doubt' }, doubt, element('p', {}, advice, element('code', {}, hubKey))));
  }
  if (withoutHead.length > 0) {
    const old = `${counted(withoutHead.length, 'batch', 'batches')} from before heads were signed: when they were closed, only this file says.`;
    answers.push(element('p', { class: 'verdict doubt' }, old));
  }
  return answers;
}

function channelsView(channels: readonly ProvenChannel[]): HTMLElement {
  const head = ['channel', 'payer', 'payee', 'units', 'charged', 'settled'].map((title) =>
    element('th', { scope: 'col' }, title),
  );
  const rows = channels
    .slice(0, ROWS_SHOWN)
    .map(({ device, channel, payer, payee, units, unit, amountMicros, settledMicros, currency }) => {
      const cells = [element('th', { scope: 'row' }, `${device}/${channel}`), element('td', {}, payer), element('td', {}, payee)];
      const sums = [`${units} ${unit}`, `${decimalOf(amountMicros)} ${currency}`, `${decimalOf(settledMicros)} ${currency}`];
      return element('tr', {}, ...cells, ...sums.map((sum) => element('td', { class: 'sum' }, sum)));
    });
  const table = element('table', {}, element('thead', {}, element('tr', {}, ...head)), element('tbody', {}, ...rows));
  const left = channels.length - rows.length;
  const more = left > 0 ? [element('p', {}, `and ${counted(left, 'more channel')}, checked like these`)] : [];
  const title = element('h2', {}, 'Who owes what to whom, and what of it the hub says is settled');
  const wide = element('div', { class: 'wide', role: 'region', 'aria-label': 'Channels', tabindex: '0' }, table);
  return element('section', { class: 'channels' }, title, wide, ...more);
}

function checksView(verdict: EvidenceVerdict): HTMLElement {
  const failed = verdict.kind === 'invalid' ? CHECKS.indexOf(verdict.check) : CHECKS.length;
  const items = CHECKS.map((check, at) => {
    if (verdict.kind === 'invalid' && at === failed) return checkView('no', WORDS[check], verdict.why);
    const isLeft = at > failed || (check === 'vouched' && !(verdict.kind === 'valid' && verdict.vouched));
    return isLeft
      ? checkView('left', WORDS[check], at > failed ? 'not checked' : 'no key was given')
      : checkView('yes', WORDS[check]);
  });
  return element(
    'section',
    { 'aria-label': 'Checks' },
    element('h2', {}, 'Checks'),
    element('ul', { class: 'checks' }, ...items),
  );
}

const MARKS = { yes: ['✓', 'passed: '], no: ['✗', 'failed: '], left: ['–', 'open: '] } as const;

function checkView(kind: keyof typeof MARKS, words: string, why?: string): HTMLElement {
  const [mark, said] = MARKS[kind];
  const parts = [
    element('span', { class: 'mark', 'aria-hidden': 'true' }, mark),
    element('span', { class: 'unseen' }, said),
    words,
  ];
  return element('li', { class: kind }, ...parts, ...(why === undefined ? [] : [element('div', { class: 'why' }, why)]));
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
