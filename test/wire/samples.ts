// One message of each kind, as the vectors have it, and the largest of each kind: what mutations and sizes are tried on.

import type { Fields } from './fields.ts';
import { committedCases } from './vectors.ts';

export interface Sample {
  readonly name: string;
  readonly operation: string;
  readonly input: Fields;
}

const NAMES: readonly (readonly [file: string, name: string])[] = [
  ['payword-voucher', 'the worked example'],
  ['payword-voucher', 'the largest'],
  ['signed-voucher', 'an ordinary one'],
  ['signed-voucher', 'the largest'],
  ['commitment', 'the worked example'],
  ['commitment', 'without a chain'],
  ['commitment', 'the largest'],
  ['receipt', 'the worked example'],
  ['receipt', 'the largest'],
  ['reject', 'gap-exceeded'],
  ['reject', 'the largest'],
  ['grant', 'a hundred units more'],
  ['grant', 'the largest'],
  ['offer', 'version 12 for vending machines'],
  ['offer', 'the largest'],
  ['piece', 'the last, a part'],
  ['piece', 'the largest'],
  ['report', 'loading'],
  ['report', 'the largest'],
  ['status', 'serving'],
  ['status', 'the largest'],
  ['tariff', 'the worked example'],
  ['rich-tariff', 'with everything'],
];

export const SAMPLES: readonly Sample[] = NAMES.map(([file, name]) => {
  const found = committedCases(file).find((one) => one.name === name);
  if (found === undefined) throw new Error(`no case '${name}' in ${file}.json`);
  return { name: `${file}: ${name}`, operation: found.operation, input: found.input };
});
