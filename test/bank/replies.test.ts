// The bank's answers: what they conclude, what they only remark, and what is refused whole. In: reports as banks write them, and as nobody should. Out: outcomes only
// where identity and amount fit.

import { describe, expect, it } from 'vitest';
import type { Payout, PayoutId, Rail, ReplyFile } from '../../hub/rails/rail.ts';
import { openSepa } from '../../hub/rails/sepa.ts';
import { freshFolder } from '../hub/fixture.ts';
import type { NotificationOptions, Order } from './account-keeper.ts';
import { notification, statusReport } from './account-keeper.ts';
import { BATCH, configOf, FRIDAY_SECONDS, memoryOf, PAYER, payoutOf, schemaFaults } from './bank.ts';

const IBAN = configOf().iban;
const MESSAGE = `${BATCH.slice(0, 24)}P1`;

interface Waiting {
  readonly rail: Rail;
  readonly payouts: readonly Payout[];
  readonly read: (xml: string | Uint8Array) => ReplyFile | string;
}

async function waiting(payouts: readonly Payout[], changes: Readonly<Record<string, unknown>> = {}): Promise<Waiting> {
  const rail = openSepa(configOf(changes), freshFolder(), () => FRIDAY_SECONDS);
  const memory = memoryOf();
  await rail.submit(payouts, memory);
  const read = (xml: string | Uint8Array): ReplyFile | string => {
    const answer = rail.readReply?.(typeof xml === 'string' ? Buffer.from(xml) : xml, payouts, memory);
    if (answer === undefined) throw new Error('expected a rail that reads replies');
    return answer;
  };
  return { rail, payouts, read };
}

const ordersOf = (payouts: readonly Payout[]): Order[] =>
  payouts.map(({ id, direction, amountMicros, destination, batch }) => ({
    message: `${batch.slice(0, 24)}${direction === 'pay' ? 'P' : 'C'}1`,
    id,
    iban: destination['iban'] ?? '',
    cents: amountMicros / 10_000,
    direction,
  }));

const booked = (payouts: readonly Payout[], options?: NotificationOptions): string =>
  notification(IBAN, ordersOf(payouts), options);
const one = payoutOf(1);
const two = payoutOf(2);
const debit = payoutOf(3, { direction: 'collect', destination: PAYER });

const group = (inner: string, blocks = ''): string =>
  '<?xml version="1.0"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt><GrpHdr><MsgId>S9</MsgId><CreDtTm>2026-11-23T09:00:00Z</CreDtTm></GrpHdr>' +
  `<OrgnlGrpInfAndSts><OrgnlMsgId>${MESSAGE}</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>${inner}</OrgnlGrpInfAndSts>${blocks}</CstmrPmtStsRpt></Document>`;

describe('the messages that this suite writes for the bank', () => {
  it('are valid against the official schemas', () => {
    expect(schemaFaults('pain.002.001.10', statusReport(ordersOf([one, two]), 'RJCT', 'AC04'))).toEqual([]);
    expect(schemaFaults('pain.002.001.10', group('<GrpSts>RJCT</GrpSts>'))).toEqual([]);
    expect(schemaFaults('camt.054.001.08', booked([one, two]))).toEqual([]);
    expect(schemaFaults('camt.054.001.08', booked([one], { returned: 'AC04' }))).toEqual([]);
  });
});

describe('a status report', () => {
  it.each<[string, string, string, object]>([
    ['ACTC', '', 'booking', { kind: 'accepted', reference: 'S1' }],
    ['ACCP', '', 'booking', { kind: 'accepted', reference: 'S1' }],
    ['ACSP', '', 'booking', { kind: 'accepted', reference: 'S1' }],
    ['ACSC', '', 'booking', { kind: 'accepted', reference: 'S1' }],
    ['ACCC', '', 'booking', { kind: 'accepted', reference: 'S1' }],
    ['ACSC', '', 'status', { kind: 'settled', reference: 'S1' }],
    ['RJCT', 'AC04', 'booking', { kind: 'rejected', why: 'RJCT: AC04, account closed' }],
    ['RJCT', '', 'booking', { kind: 'rejected', why: 'RJCT: no reason given' }],
    ['CANC', 'CUST', 'booking', { kind: 'rejected', why: 'CANC: CUST, asked back by the customer' }],
  ])('of %s %s, when a payout is settled by its %s, says so', async (code, reason, settledBy, outcome) => {
    const { read } = await waiting([one], { settledBy });
    expect(read(statusReport(ordersOf([one]), code, reason))).toEqual({ replies: [{ payout: one.id, outcome }], remarks: [] });
  });

  it.each(['PDNG', 'RCVD', 'PART', 'BLCK', 'QQQQ'])('of %s says nothing new, and shows it', async (code) => {
    const { read } = await waiting([one]);
    expect(read(statusReport(ordersOf([one]), code))).toEqual({
      replies: [],
      remarks: [`payout ${one.id}: the bank says ${code}, which is nothing new`],
    });
  });

  it('of the whole message holds for each of its payouts, and of a transaction for that one', async () => {
    const { read } = await waiting([one, two]);
    const rejected = (payout: PayoutId): object => ({ payout, outcome: { kind: 'rejected', why: 'RJCT: no reason given' } });
    expect(read(group('<OrgnlNbOfTxs>2</OrgnlNbOfTxs><OrgnlCtrlSum>3.69</OrgnlCtrlSum><GrpSts>RJCT</GrpSts>'))).toMatchObject({
      replies: [rejected(one.id), rejected(two.id)],
    });
    const block = `<OrgnlPmtInfAndSts><OrgnlPmtInfId>${MESSAGE}-1</OrgnlPmtInfId>`;
    const tx = `<TxInfAndSts><OrgnlEndToEndId>${two.id}</OrgnlEndToEndId><TxSts>RJCT</TxSts></TxInfAndSts></OrgnlPmtInfAndSts>`;
    expect(read(group('<GrpSts>ACCP</GrpSts>', block + tx))).toMatchObject({
      replies: [{ payout: one.id, outcome: { kind: 'accepted' } }, rejected(two.id)],
    });
    expect(read(group('<GrpSts>PART</GrpSts>', block + tx))).toEqual({ replies: [rejected(two.id)], remarks: [] });
    expect(read(group('<GrpSts>PART</GrpSts>', `${block}<PmtInfSts>ACSP</PmtInfSts></OrgnlPmtInfAndSts>`))).toMatchObject({
      replies: [
        { payout: one.id, outcome: { kind: 'accepted' } },
        { payout: two.id, outcome: { kind: 'accepted' } },
      ],
    });
  });

  it.each([
    ['<OrgnlNbOfTxs>3</OrgnlNbOfTxs><GrpSts>RJCT</GrpSts>', 'OrgnlNbOfTxs: expected 2, got 3'],
    ['<OrgnlCtrlSum>3.70</OrgnlCtrlSum><GrpSts>RJCT</GrpSts>', 'OrgnlCtrlSum: expected 3.69, got 3.70'],
  ])('with another count or sum than the message is refused whole: %s', async (inner, sentence) => {
    const { read } = await waiting([one, two]);
    expect(read(group(inner))).toBe(sentence);
  });

  it('that contradicts itself, names another amount, or a payout of somebody else, concludes nothing', async () => {
    const { read } = await waiting([one]);
    const block = `<OrgnlPmtInfAndSts><OrgnlPmtInfId>${MESSAGE}-1</OrgnlPmtInfId>`;
    const tx = `<TxInfAndSts><OrgnlEndToEndId>${one.id}</OrgnlEndToEndId><TxSts>ACSP</TxSts></TxInfAndSts></OrgnlPmtInfAndSts>`;
    expect(read(group('<GrpSts>RJCT</GrpSts>', block + tx))).toEqual({
      replies: [],
      remarks: [`payout ${one.id}: the bank says ACSP, and RJCT of the whole message`],
    });
    const dearer = ordersOf([{ ...one, amountMicros: one.amountMicros + 10_000 }]);
    expect(read(statusReport(dearer, 'RJCT'))).toEqual({
      replies: [],
      remarks: [`payout ${one.id}: expected 1.23 EUR, the bank says 1.24`],
    });
    expect(read(statusReport(ordersOf([two]), 'RJCT'))).toEqual({
      replies: [],
      remarks: [`payout ${two.id}: not one that this hub waits for`],
    });
    expect(read(group('<GrpSts>RJCT</GrpSts>').replace(MESSAGE, 'somebody'))).toEqual({
      replies: [],
      remarks: ['message somebody: not one that this hub waits for'],
    });
  });
});

describe('a booking', () => {
  it('settles a payment and a collection, each on its own side', async () => {
    const { read } = await waiting([one, debit]);
    const settled = (payout: PayoutId): object => ({ payout, outcome: { kind: 'settled', reference: 'R0' } });
    expect(read(booked([one]))).toEqual({ replies: [settled(one.id)], remarks: [] });
    expect(read(booked([debit]))).toEqual({ replies: [settled(debit.id)], remarks: [] });
    const wrongSide = booked([one]).replaceAll('DBIT', 'CRDT');
    expect(read(wrongSide)).toMatchObject({ replies: [], remarks: [expect.stringContaining('fits no pay') as string] });
  });

  it('of a return says that the money had moved and came back, and why', async () => {
    const { read } = await waiting([one, debit]);
    expect(read(booked([one], { returned: 'AC01' }))).toEqual({
      replies: [
        { payout: one.id, outcome: { kind: 'settled', reference: 'R0' } },
        { payout: one.id, outcome: { kind: 'reversed', reference: 'R0', why: 'AC01, wrong account number' } },
      ],
      remarks: [],
    });
    expect(read(booked([debit], { returned: 'MD06' }))).toMatchObject({
      replies: [{ outcome: { kind: 'settled' } }, { outcome: { kind: 'reversed', why: 'MD06, refund asked for by the payer' } }],
    });
  });

  it('of a return with charges counts by what was instructed', async () => {
    const { read } = await waiting([debit]);
    const details = '<AmtDtls><InstdAmt><Amt Ccy="EUR">3.69</Amt></InstdAmt></AmtDtls>';
    const xml = booked([debit], { returned: 'AC04' })
      .replaceAll('<Amt Ccy="EUR">3.69</Amt>', '<Amt Ccy="EUR">6.69</Amt>')
      .replace('<Sum>3.69</Sum>', '<Sum>6.69</Sum>')
      .replace('</CdtDbtInd><RtrInf>', `</CdtDbtInd>${details}<RtrInf>`);
    expect(schemaFaults('camt.054.001.08', xml)).toEqual([]);
    expect(read(xml)).toMatchObject({
      replies: [{ outcome: { kind: 'settled' } }, { outcome: { kind: 'reversed' } }],
      remarks: [],
    });
  });

  it('for a whole block settles all of it, or nothing', async () => {
    const { read } = await waiting([one, two], { batchBooking: true });
    const whole = (sum: string, count: number): string =>
      booked([payoutOf(3)])
        .replace(
          /<NtryDtls>.*<\/NtryDtls>/,
          `<NtryDtls><Btch><PmtInfId>${MESSAGE}-1</PmtInfId><NbOfTxs>${count}</NbOfTxs></Btch></NtryDtls>`,
        )
        .replaceAll('3.69', sum);
    expect(schemaFaults('camt.054.001.08', whole('3.69', 2))).toEqual([]);
    expect(read(whole('3.69', 2))).toMatchObject({
      replies: [
        { payout: one.id, outcome: { kind: 'settled' } },
        { payout: two.id, outcome: { kind: 'settled' } },
      ],
      remarks: [],
    });
    expect(read(whole('3.68', 2))).toMatchObject({ replies: [], remarks: [expect.stringContaining('3.68') as string] });
    expect(read(whole('3.69', 1))).toMatchObject({ replies: [], remarks: [expect.stringContaining('got 1') as string] });
  });

  it('that is pending, on another account, of another amount or currency, or not ours concludes nothing', async () => {
    const { read } = await waiting([one]);
    expect(read(booked([one], { status: 'PDNG' }))).toMatchObject({
      replies: [],
      remarks: [expect.stringContaining('got PDNG') as string],
    });
    expect(read(booked([one]).replace(IBAN, 'DE87123456781234567890'))).toMatchObject({
      replies: [],
      remarks: [expect.stringContaining('not the account of this rail') as string],
    });
    expect(read(booked([one]).replaceAll('"EUR"', '"USD"'))).toMatchObject({
      replies: [],
      remarks: [expect.stringContaining('in EUR') as string],
    });
    const dearer = booked([{ ...one, amountMicros: 1_240_000 }]);
    expect(read(dearer)).toEqual({ replies: [], remarks: [`payout ${one.id}: expected 1.23 EUR, the bank says 1.24`] });
    expect(read(booked([two]))).toEqual({ replies: [], remarks: [`payout ${two.id}: not one that this hub waits for`] });
    expect(read(booked([one]).replace(one.id, 'NOTPROVIDED'))).toEqual({ replies: [], remarks: [] });
  });

  it('in a file that was cut is refused whole', async () => {
    const { read } = await waiting([one, two]);
    expect(read(booked([one, two]).replace(/<Ntry>.*?<\/Ntry>/, ''))).toBe('TxsSummry/TtlNtries/NbOfNtries: expected 1, got 2');
    expect(read(booked([one, two]).replace('<Sum>3.69</Sum>', '<Sum>4.69</Sum>'))).toBe(
      'TxsSummry/TtlNtries/Sum: expected 3.69, got 4.69',
    );
  });

  it('is read in older versions, under a prefix, and from a statement', async () => {
    const { read } = await waiting([one]);
    const settled = [{ payout: one.id, outcome: { kind: 'settled', reference: 'R0' } }];
    const old = booked([one])
      .replace('camt.054.001.08', 'camt.054.001.02')
      .replace('<Sts><Cd>BOOK</Cd></Sts>', '<Sts>BOOK</Sts>');
    expect(read(old)).toEqual({ replies: settled, remarks: [] });
    const prefixed = booked([one])
      .replaceAll(/<(\/?)([A-Z])/g, '<$1b:$2')
      .replace('xmlns=', 'xmlns:b=');
    expect(read(prefixed)).toEqual({ replies: settled, remarks: [] });
    const statement = booked([one])
      .replace('camt.054', 'camt.053')
      .replaceAll('BkToCstmrDbtCdtNtfctn', 'BkToCstmrStmt')
      .replaceAll('Ntfctn>', 'Stmt>');
    expect(read(statement)).toEqual({ replies: settled, remarks: [] });
  });
});

describe('what is no message of a bank', () => {
  const entities = Array.from({ length: 20 }, (_, i) => `<!ENTITY e${i + 1} "&e${i};&e${i};">`).join('');
  it.each<[string, string | Uint8Array, string]>([
    ['entities that grow', `<!DOCTYPE a [<!ENTITY e0 "ha">${entities}]><a>&e20;</a>`, 'no document type'],
    ['a file of this machine', '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', 'no document type'],
    ['a document type in small letters', '<!doctype a><a/>', 'no document type'],
    ['the same hidden in UTF-16', Buffer.from('\ufeff<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', 'utf16le'), 'UTF-8'],
    ['an unknown entity', '<Document>&x;</Document>', 'well-formed'],
    ['another namespace', booked([one]).replace('iso:20022', 'iso:20023'), 'expected a Document of'],
    ['no namespace', '<Document><CstmrPmtStsRpt/></Document>', 'expected a Document of'],
    ['our own message', '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"/>', 'expected a Document of'],
    ['an empty report', '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"/>', 'OrgnlMsgId'],
    ['an empty notification', '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"/>', 'found none'],
    ['half a file', booked([one]).slice(0, -30), 'well-formed'],
    ['elements 300 deep', '<a>'.repeat(300) + '</a>'.repeat(300), 'well-formed'],
    ['21 MB', Buffer.alloc(21_000_000, 32), 'at most 20000000 bytes'],
    ['nothing', '', 'expected XML'],
    ['JSON', '{"a":1}', 'expected XML'],
    ['random bytes', Buffer.from([0x3c, 0xff, 0xfe, 0x80, 0x3e]), 'expected'],
  ])('%s is refused with one sentence', async (_what, xml, words) => {
    const { read } = await waiting([one]);
    const answer = read(xml);
    expect(answer).toEqual(expect.stringContaining(words));
    expect(answer).not.toEqual(expect.stringContaining('\n'));
  });

  it('what stands in another namespace is not believed', async () => {
    const { read } = await waiting([one]);
    const foreign = booked([one]).replace(/<EndToEndId>(.*?)<\/EndToEndId>/, '<f:EndToEndId xmlns:f="urn:f">$1</f:EndToEndId>');
    expect(read(foreign)).toEqual({ replies: [], remarks: [] });
  });
});
