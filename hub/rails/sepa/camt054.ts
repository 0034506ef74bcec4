// Bookings on the operator's account, camt.054 and camt.053: money that has moved, and money that came back. In: the document. Out: replies and remarks in the
// reading, or a sentence when the bank's own sums do not fit. Only what is booked counts; a return says that the money had moved before.

import { sumMicros } from '../../ledger.ts';
import type { Payout } from '../rail.ts';
import { eurosOf, microsOf } from './amount.ts';
import { payoutsIn } from './pain002.ts';
import type { PlannedPayout } from './plan.ts';
import { messageIdOf } from './plan.ts';
import { reasonIn } from './reason.ts';
import type { Reading } from './reading.ts';
import { payoutOf, say } from './reading.ts';
import type { XmlTree } from './xml-read.ts';
import { allAt, at, textAt } from './xml-read.ts';

/** Codes of the family for what came back: returned, unpaid, reversed. */
const RETURNS = new Set(['RRTN', 'UPDD', 'PRDD']);

/** One booking as it concerns one payout. */
interface Booking {
  readonly entry: XmlTree;
  /** Within the entry; the entry itself where it has no details. */
  readonly details: XmlTree;
  readonly reference: string;
}

export function readBookings(reading: Reading, document: XmlTree): string | undefined {
  const reports = [...allAt(at(document, 'BkToCstmrDbtCdtNtfctn'), 'Ntfctn'), ...allAt(at(document, 'BkToCstmrStmt'), 'Stmt')];
  if (reports.length === 0) return 'expected notifications (BkToCstmrDbtCdtNtfctn/Ntfctn) or statements, found none';
  for (const report of reports) {
    const fault = sumsFault(report);
    if (fault !== undefined) return fault;
  }
  for (const report of reports) {
    const iban = textAt(report, 'Acct', 'Id', 'IBAN');
    if (iban === reading.config.iban) for (const entry of allAt(report, 'Ntry')) readEntry(reading, entry);
    else reading.remarks.push(`bookings on ${iban ?? 'an account without an IBAN'}: not the account of this rail`);
  }
  return undefined;
}

/** A file that was cut, or is one of several pages, does not sum to what the bank says. */
function sumsFault(report: XmlTree): string | undefined {
  const total = at(report, 'TxsSummry', 'TtlNtries');
  const entries = allAt(report, 'Ntry');
  const count = textAt(total, 'NbOfNtries');
  if (count !== undefined && Number(count) !== entries.length)
    return `TxsSummry/TtlNtries/NbOfNtries: expected ${entries.length}, got ${count}`;
  const sum = textAt(total, 'Sum');
  const amounts = entries.map((entry) => microsOf(textAt(entry, 'Amt') ?? ''));
  if (sum === undefined || !amounts.every((micros) => micros !== undefined)) return undefined;
  const micros = sumMicros(amounts);
  return microsOf(sum) === micros ? undefined : `TxsSummry/TtlNtries/Sum: expected ${eurosOf(micros)}, got ${sum}`;
}

function readEntry(reading: Reading, entry: XmlTree): void {
  const reference = textAt(entry, 'AcctSvcrRef') ?? textAt(entry, 'NtryRef') ?? 'booked';
  const status = textAt(entry, 'Sts', 'Cd') ?? textAt(entry, 'Sts') ?? '';
  if (status !== 'BOOK') {
    reading.remarks.push(`entry ${reference}: expected a booked one, got ${status === '' ? 'no status' : status}: nothing new`);
    return;
  }
  const groups = allAt(entry, 'NtryDtls');
  const details = groups.flatMap((group) => allAt(group, 'TxDtls'));
  if (!addsUp(entry, details)) {
    reading.remarks.push(
      `entry ${reference}: its transactions do not sum to its amount of ${textAt(entry, 'Amt') ?? ''}; see to it by hand`,
    );
    return;
  }
  for (const one of details) {
    const booking = {
      entry,
      details: one,
      reference: textAt(one, 'Refs', 'AcctSvcrRef') ?? textAt(one, 'Refs', 'TxId') ?? reference,
    };
    readBooking(reading, booking, details.length === 1);
  }
  if (details.length === 0) for (const group of groups) readWhole(reading, entry, at(group, 'Btch'), reference);
}

/** Where each transaction has an amount of its own. */
function addsUp(entry: XmlTree, details: readonly XmlTree[]): boolean {
  const total = microsOf(textAt(entry, 'Amt') ?? '');
  const own = details.map((one) => {
    const micros = microsOf(textAt(one, 'Amt') ?? '');
    const sign = (textAt(one, 'CdtDbtInd') ?? textAt(entry, 'CdtDbtInd')) === textAt(entry, 'CdtDbtInd') ? 1 : -1;
    return micros === undefined ? undefined : sign * micros;
  });
  if (own.length === 0 || !own.every((micros) => micros !== undefined)) return true;
  return total !== undefined && sumMicros(own) === total;
}

function readBooking(reading: Reading, booking: Booking, isOnly: boolean): void {
  const { entry, details } = booking;
  const id = textAt(details, 'Refs', 'EndToEndId') ?? textAt(details, 'Refs', 'InstrId');
  if (id === undefined || !/^[0-9a-f]{32}$/.test(id)) return; // other business of the same account
  const isBack = isReturn(booking);
  const amount = amountOf(details, isBack) ?? (isOnly ? at(entry, 'Amt') : undefined);
  const micros = amount?.attributes['Ccy'] === 'EUR' ? microsOf(amount.text) : undefined;
  if (micros === undefined) {
    reading.remarks.push(`payout ${id}: expected an amount in EUR in entry ${booking.reference}, found none`);
    return;
  }
  const payout = payoutOf(reading, id, micros);
  if (payout !== undefined) conclude(reading, booking, payout, isBack);
}

function isReturn({ entry, details }: Booking): boolean {
  if (at(details, 'RtrInf') !== undefined || textAt(entry, 'RvslInd') === 'true') return true;
  return [details, entry].some((one) => RETURNS.has(textAt(one, 'BkTxCd', 'Domn', 'Fmly', 'SubFmlyCd') ?? ''));
}

/** Of a return, what was instructed comes first: what is booked may have charges in it. */
function amountOf(details: XmlTree, isBack: boolean): XmlTree | undefined {
  const instructed = at(details, 'AmtDtls', 'InstdAmt', 'Amt');
  const booked = at(details, 'Amt') ?? at(details, 'AmtDtls', 'TxAmt', 'Amt');
  return isBack ? (instructed ?? booked) : (booked ?? instructed);
}

function conclude(reading: Reading, { entry, details, reference }: Booking, payout: Payout, isBack: boolean): void {
  const side = textAt(details, 'CdtDbtInd') ?? textAt(entry, 'CdtDbtInd');
  const moves = payout.direction === 'pay' ? 'DBIT' : 'CRDT';
  if ((side === moves) === isBack || (side !== 'DBIT' && side !== 'CRDT')) {
    const what = isBack ? 'return' : 'booking';
    reading.remarks.push(
      `payout ${payout.id}: entry ${reference} is a ${what} on the side ${side ?? '?'}, which fits no ${payout.direction}; see to it by hand`,
    );
    return;
  }
  if (!isBack) {
    const charges = at(details, 'Chrgs', 'TtlChrgsAndTaxAmt');
    const feeMicros = charges?.attributes['Ccy'] === 'EUR' ? microsOf(charges.text) : undefined;
    say(reading, payout.id, { kind: 'settled', reference, ...(feeMicros === undefined ? {} : { feeMicros }) });
    return;
  }
  say(reading, payout.id, { kind: 'settled', reference });
  say(reading, payout.id, { kind: 'reversed', reference, why: reasonIn(allAt(details, 'RtrInf')) });
}

/** One booking for a whole block or message, as with batch booking: it must be all of it. */
function readWhole(reading: Reading, entry: XmlTree, batch: XmlTree | undefined, reference: string): void {
  const block = textAt(batch, 'PmtInfId');
  const message = textAt(batch, 'MsgId');
  for (const plan of reading.plans) {
    const own: readonly PlannedPayout[] | undefined =
      block === undefined ? (message === messageIdOf(plan) ? plan.payouts : undefined) : payoutsIn(plan, block);
    if (own === undefined || own.length === 0) continue;
    const micros = sumMicros(own.map(({ amountMicros }) => amountMicros));
    const count = textAt(batch, 'NbOfTxs');
    const amount = at(batch, 'TtlAmt') ?? at(entry, 'Amt');
    const isAll = (count === undefined || Number(count) === own.length) && microsOf(amount?.text ?? '') === micros;
    const isEuro = amount?.attributes['Ccy'] === 'EUR';
    if (!isAll || !isEuro || textAt(entry, 'RvslInd') === 'true') {
      reading.remarks.push(
        `entry ${reference}: expected ${own.length} payouts of ${eurosOf(micros)} EUR in all, got ${count ?? '?'} of ${amount?.text ?? '?'}`,
      );
      continue;
    }
    for (const { id } of own) {
      const payout = reading.payouts.get(id);
      if (payout !== undefined) conclude(reading, { entry, details: entry, reference }, payout, false);
    }
  }
}
