// The message that has the bank collect: pain.008.001.08 in the shape of the SEPA direct debit. In: a plan, its payouts with their mandates, the operator's account
// and creditor identifier. Out: XML. One block for each way in which mandates are used, because the schema names that once per block.

import type { Payout } from '../rail.ts';
import type { SepaConfig } from './config.ts';
import { accountOf, agentOf, amountOf, headOf, ownParty, partyOf, remittanceOf, text, totalsOf } from './message.ts';
import type { Plan } from './plan.ts';
import { messageIdOf } from './plan.ts';
import type { Tree } from './xml-write.ts';
import { leaf, tree, xmlOf } from './xml-write.ts';

const PAIN_008 = 'urn:iso:std:iso:20022:tech:xsd:pain.008.001.08';

/** `payouts` in the plan's order. */
export function directDebits(config: SepaConfig, plan: Plan, payouts: readonly Payout[]): string {
  const sequences = [...new Set(plan.payouts.map(({ sequence }) => sequence ?? 'RCUR'))].sort();
  const blocks = sequences.map((sequence) => blockOf(config, plan, payouts, sequence));
  return xmlOf(tree('Document', tree('CstmrDrctDbtInitn', headOf(config, plan), ...blocks)), PAIN_008);
}

function blockOf(config: SepaConfig, plan: Plan, payouts: readonly Payout[], sequence: string): Tree {
  const planned = plan.payouts.filter((one) => (one.sequence ?? 'RCUR') === sequence);
  const ids = new Set(planned.map(({ id }) => id));
  return tree(
    'PmtInf',
    text('PmtInfId', `${messageIdOf(plan)}-${sequence}`),
    text('PmtMtd', 'DD'),
    leaf('BtchBookg', String(config.batchBooking)),
    ...totalsOf(planned),
    tree('PmtTpInf', tree('SvcLvl', text('Cd', 'SEPA')), tree('LclInstrm', text('Cd', config.scheme)), text('SeqTp', sequence)),
    text('ReqdColltnDt', plan.day),
    ownParty('Cdtr', config),
    accountOf('CdtrAcct', config.iban),
    agentOf('CdtrAgt', config.bic),
    text('ChrgBr', 'SLEV'),
    creditorOf(config),
    ...payouts.filter(({ id }) => ids.has(id)).map((payout) => debitOf(config, plan, payout)),
  );
}

function creditorOf({ creditorId }: SepaConfig): Tree {
  if (creditorId === undefined) throw new Error('expected a creditor identifier for a collection, found none');
  const scheme = tree('SchmeNm', text('Prtry', 'SEPA'));
  return tree('CdtrSchmeId', tree('Id', tree('PrvtId', tree('Othr', text('Id', creditorId), scheme))));
}

function debitOf(config: SepaConfig, plan: Plan, { id, amountMicros, destination }: Payout): Tree {
  const { mandateId = '', mandateSignedOn = '', iban = '' } = destination;
  return tree(
    'DrctDbtTxInf',
    tree('PmtId', text('InstrId', id), text('EndToEndId', id)),
    amountOf(amountMicros),
    tree('DrctDbtTx', tree('MndtRltdInf', text('MndtId', mandateId), text('DtOfSgntr', mandateSignedOn))),
    agentOf('DbtrAgt', destination['bic']),
    partyOf('Dbtr', destination),
    accountOf('DbtrAcct', iban),
    remittanceOf(config, plan),
  );
}
