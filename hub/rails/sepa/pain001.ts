// The message that has the bank pay: pain.001.001.09 in the shape of the SEPA credit transfer. In: a plan, its payouts, the operator's account. Out: XML. One
// block, because all are paid from one account on one day.

import type { Payout } from '../rail.ts';
import type { SepaConfig } from './config.ts';
import { accountOf, agentOf, amountOf, headOf, ownParty, partyOf, remittanceOf, text, totalsOf } from './message.ts';
import type { Plan } from './plan.ts';
import { messageIdOf } from './plan.ts';
import type { Tree } from './xml-write.ts';
import { leaf, tree, xmlOf } from './xml-write.ts';

const PAIN_001 = 'urn:iso:std:iso:20022:tech:xsd:pain.001.001.09';

/** `payouts` in the plan's order. */
export function creditTransfers(config: SepaConfig, plan: Plan, payouts: readonly Payout[]): string {
  const block = tree(
    'PmtInf',
    text('PmtInfId', `${messageIdOf(plan)}-1`),
    text('PmtMtd', 'TRF'),
    leaf('BtchBookg', String(config.batchBooking)),
    ...totalsOf(plan.payouts),
    tree('PmtTpInf', tree('SvcLvl', text('Cd', 'SEPA'))),
    tree('ReqdExctnDt', text('Dt', plan.day)),
    ownParty('Dbtr', config),
    accountOf('DbtrAcct', config.iban),
    agentOf('DbtrAgt', config.bic),
    text('ChrgBr', 'SLEV'),
    ...payouts.map((payout) => transferOf(config, plan, payout)),
  );
  return xmlOf(tree('Document', tree('CstmrCdtTrfInitn', headOf(config, plan), block)), PAIN_001);
}

function transferOf(config: SepaConfig, plan: Plan, { id, amountMicros, destination }: Payout): Tree {
  return tree(
    'CdtTrfTxInf',
    tree('PmtId', text('InstrId', id), text('EndToEndId', id)),
    tree('Amt', amountOf(amountMicros)),
    destination['bic'] === undefined ? undefined : agentOf('CdtrAgt', destination['bic']),
    partyOf('Cdtr', destination),
    accountOf('CdtrAcct', destination['iban'] ?? ''),
    remittanceOf(config, plan),
  );
}
