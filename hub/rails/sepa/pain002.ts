// A status report, pain.002: what the bank thinks of a message, of its blocks and of single transactions. In: the document. Out: replies and remarks in the
// reading, or a sentence when it contradicts the message that it answers. The closer word wins: of a transaction over its block, of a block over the whole.

import type { Outcome } from '../rail.ts';
import { sumMicros } from '../../ledger.ts';
import { eurosOf, microsOf } from './amount.ts';
import type { SepaConfig } from './config.ts';
import type { Plan, PlannedPayout } from './plan.ts';
import { messageIdOf } from './plan.ts';
import { reasonIn } from './reason.ts';
import type { Reading } from './reading.ts';
import { payoutOf, say } from './reading.ts';
import type { XmlTree } from './xml-read.ts';
import { allAt, at, textAt } from './xml-read.ts';

/** What a code says, with where it stood. */
interface Said {
  readonly code: string;
  readonly from: XmlTree;
}

const ACCEPTED = new Set(['ACTC', 'ACCP', 'ACSP', 'ACWC', 'ACFC', 'ACPD', 'ACWP', 'PATC']);
/** Booked on the one side, on the other: money, if the bank and the operator have agreed that this is its word on money. */
const DONE = new Set(['ACSC', 'ACCC']);
const REFUSED = new Set(['RJCT', 'CANC']);

export function readStatusReport(reading: Reading, document: XmlTree): string | undefined {
  const report = at(document, 'CstmrPmtStsRpt');
  const group = at(report, 'OrgnlGrpInfAndSts');
  const message = textAt(group, 'OrgnlMsgId');
  if (report === undefined || group === undefined || message === undefined)
    return 'CstmrPmtStsRpt/OrgnlGrpInfAndSts/OrgnlMsgId: expected one, found none';
  const plan = reading.plans.find((one) => messageIdOf(one) === message);
  const said = new Map<string, Said>();
  const fault = plan === undefined ? undefined : (sumsFault(group, plan.payouts) ?? wholeSaid(report, group, plan, said));
  if (fault !== undefined) return fault;
  const transactions = allAt(report, 'OrgnlPmtInfAndSts').flatMap((block) => allAt(block, 'TxInfAndSts'));
  if (plan === undefined && transactions.length === 0)
    reading.remarks.push(`message ${message}: not one that this hub waits for`);
  const groupCode = textAt(group, 'GrpSts');
  for (const transaction of transactions) readTransaction(reading, transaction, said, groupCode);
  for (const [id, one] of said) tell(reading, id, one, textAt(report, 'GrpHdr', 'MsgId') ?? message);
  return undefined;
}

/** The count and sum that the bank repeats must be those of the message. */
function sumsFault(told: XmlTree, payouts: readonly PlannedPayout[]): string | undefined {
  const count = textAt(told, 'OrgnlNbOfTxs');
  if (count !== undefined && Number(count) !== payouts.length) return `OrgnlNbOfTxs: expected ${payouts.length}, got ${count}`;
  const sum = textAt(told, 'OrgnlCtrlSum');
  const micros = sumMicros(payouts.map(({ amountMicros }) => amountMicros));
  if (sum !== undefined && microsOf(sum) !== micros) return `OrgnlCtrlSum: expected ${eurosOf(micros)}, got ${sum}`;
  return undefined;
}

function wholeSaid(report: XmlTree, group: XmlTree, plan: Plan, said: Map<string, Said>): string | undefined {
  const code = textAt(group, 'GrpSts');
  // Of a message that was accepted in part, only what is named is known.
  if (code !== undefined && code !== 'PART') for (const { id } of plan.payouts) said.set(id, { code, from: group });
  for (const block of allAt(report, 'OrgnlPmtInfAndSts')) {
    const blockCode = textAt(block, 'PmtInfSts');
    const own = payoutsIn(plan, textAt(block, 'OrgnlPmtInfId') ?? '');
    if (blockCode === undefined || own === undefined) continue;
    const fault = sumsFault(block, own);
    if (fault !== undefined) return `OrgnlPmtInfAndSts/${fault}`;
    for (const { id } of own) {
      if (blockCode === 'PART') said.delete(id);
      else said.set(id, { code: blockCode, from: block });
    }
  }
  return undefined;
}

/** The payouts of a block, by the id that the message gave it. */
export function payoutsIn(plan: Plan, block: string): readonly PlannedPayout[] | undefined {
  const message = messageIdOf(plan);
  if (!block.startsWith(`${message}-`)) return undefined;
  const sequence = block.slice(message.length + 1);
  return plan.direction === 'pay' ? plan.payouts : plan.payouts.filter((one) => (one.sequence ?? 'RCUR') === sequence);
}

function readTransaction(reading: Reading, transaction: XmlTree, said: Map<string, Said>, groupCode: string | undefined): void {
  const id = textAt(transaction, 'OrgnlEndToEndId') ?? textAt(transaction, 'OrgnlInstrId');
  const code = textAt(transaction, 'TxSts');
  if (id === undefined || code === undefined) {
    reading.remarks.push('a transaction without OrgnlEndToEndId or TxSts: nothing is known of it');
    return;
  }
  const micros = amountIn(transaction);
  const fits = micros !== 'unreadable' && payoutOf(reading, id, micros) !== undefined;
  const contradicts = groupCode !== undefined && REFUSED.has(groupCode) && !REFUSED.has(code);
  if (micros === 'unreadable') reading.remarks.push(`payout ${id}: expected an amount in EUR, the bank names another`);
  if (contradicts) reading.remarks.push(`payout ${id}: the bank says ${code}, and ${groupCode} of the whole message`);
  if (fits && !contradicts) said.set(id, { code, from: transaction });
  else said.delete(id);
}

/** Of the transaction that the bank repeats, if it does. */
function amountIn(transaction: XmlTree): number | undefined | 'unreadable' {
  const original = at(transaction, 'OrgnlTxRef');
  const amount = at(original, 'Amt', 'InstdAmt') ?? at(original, 'IntrBkSttlmAmt');
  if (amount === undefined) return undefined;
  return amount.attributes['Ccy'] === 'EUR' ? (microsOf(amount.text) ?? 'unreadable') : 'unreadable';
}

function tell(reading: Reading, id: string, { code, from }: Said, report: string): void {
  const payout = reading.payouts.get(id);
  if (payout === undefined) return; // of the whole message, and this hub no longer waits for it
  const reference = textAt(from, 'AcctSvcrRef') ?? textAt(from, 'StsId') ?? report;
  const outcome = outcomeOf(reading.config, code, reference, allAt(from, 'StsRsnInf'));
  if (outcome === undefined) reading.remarks.push(`payout ${id}: the bank says ${code}, which is nothing new`);
  else say(reading, payout.id, outcome);
}

function outcomeOf({ settledBy }: SepaConfig, code: string, reference: string, reasons: readonly XmlTree[]): Outcome | undefined {
  if (REFUSED.has(code)) return { kind: 'rejected', why: `${code}: ${reasonIn(reasons)}` };
  if (DONE.has(code)) return { kind: settledBy === 'status' ? 'settled' : 'accepted', reference };
  return ACCEPTED.has(code) ? { kind: 'accepted', reference } : undefined;
}
