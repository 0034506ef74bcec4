// What both messages to a bank have in common: head, party, account, agent. In: a plan and the operator's configuration. Out: trees in the order that the
// schema wants. Texts are in the EPC's set already, and checked once more here: a message with another character would come back whole.

import { sumMicros } from '../../ledger.ts';
import type { Destination } from '../rail.ts';
import { eurosOf } from './amount.ts';
import { isInEpcSet } from './characters.ts';
import type { SepaConfig } from './config.ts';
import type { Plan, PlannedPayout } from './plan.ts';
import { messageIdOf } from './plan.ts';
import type { Tree } from './xml-write.ts';
import { leaf, tree } from './xml-write.ts';

export function text(name: string, value: string): Tree {
  if (!isInEpcSet(value) || value === '') throw new Error(`${name}: expected a text in the EPC's set, got "${value}"`);
  return leaf(name, value);
}

export function headOf(config: SepaConfig, plan: Plan): Tree {
  return tree(
    'GrpHdr',
    text('MsgId', messageIdOf(plan)),
    text('CreDtTm', new Date(plan.createdAtSeconds * 1000).toISOString().replace('.000Z', 'Z')),
    ...totalsOf(plan.payouts),
    tree('InitgPty', text('Nm', config.name)),
  );
}

export function totalsOf(payouts: readonly PlannedPayout[]): Tree[] {
  return [text('NbOfTxs', String(payouts.length)), text('CtrlSum', eurosOf(sumMicros(payouts.map((one) => one.amountMicros))))];
}

export function amountOf(amountMicros: number): Tree {
  return leaf('InstdAmt', eurosOf(amountMicros), { Ccy: 'EUR' });
}

export function ownParty(name: string, { name: own, address }: SepaConfig): Tree {
  return tree(name, text('Nm', own), addressOf(address ?? {}));
}

export function partyOf(name: string, destination: Destination): Tree {
  return tree(name, text('Nm', destination['holder'] ?? ''), addressOf(destination));
}

const ADDRESS_NAMES = [
  ['StrtNm', 'street'],
  ['BldgNb', 'building'],
  ['PstCd', 'postcode'],
  ['TwnNm', 'town'],
  ['Ctry', 'country'],
] as const;

function addressOf(fields: Readonly<Record<string, string | undefined>>): Tree | undefined {
  const lines = ADDRESS_NAMES.flatMap(([name, field]) => {
    const value = fields[field];
    return value === undefined ? [] : [text(name, value)];
  });
  return lines.length === 0 ? undefined : tree('PstlAdr', ...lines);
}

export function accountOf(name: string, iban: string): Tree {
  return tree(name, tree('Id', text('IBAN', iban)));
}

/** By its BIC, or by the words that stand for "you know it by the IBAN". */
export function agentOf(name: string, bic: string | undefined): Tree {
  const known = bic === undefined ? tree('Othr', text('Id', 'NOTPROVIDED')) : text('BICFI', bic);
  return tree(name, tree('FinInstnId', known));
}

export function remittanceOf({ text: words }: SepaConfig, { batch }: Plan): Tree {
  return tree('RmtInf', text('Ustrd', `${words} ${batch.slice(0, 16)}`.trim()));
}
