// A bank for tests, as strict as banks are not: it executes every file that it is given, the same one twice if it is given twice. In: the folder in which the rail
// leaves files. Out: a ledger of what moved, and its own files about it, pain.002 and camt.054. It knows faults: files carried late, reports lost,
// repeated, or saying nothing yet.

import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Movement } from '../rails/conformance.ts';

export const BANK_FAULTS = ['carried late', 'report lost', 'report twice', 'says pending first', 'status after booking'] as const;
export type BankFault = (typeof BANK_FAULTS)[number];

export interface Order {
  readonly message: string;
  readonly id: string;
  readonly iban: string;
  readonly cents: number;
  readonly direction: 'pay' | 'collect';
}

export interface AccountKeeper {
  readonly ledger: readonly Order[];
  /** What it would send to the operator and has not yet. */
  readonly outbox: string[];
  /** Takes what lies in the folder and executes it. */
  carry(fault?: BankFault): void;
}

export function movementsOf(ledger: readonly Order[]): Movement[] {
  return ledger.map(({ direction, iban, cents }) => ({
    direction,
    address: iban,
    currency: 'EUR',
    amountMicros: cents * 10_000,
  }));
}

export function openBank(dataDir: string, iban: string): AccountKeeper {
  const folder = join(dataDir, 'settlements');
  const ledger: Order[] = [];
  const outbox: string[] = [];
  const late: string[][] = [];
  return {
    ledger,
    outbox,
    carry(fault) {
      outbox.push(...late.splice(0).flat());
      if (fault === 'carried late') return;
      const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.xml')) : [];
      for (const name of names) {
        const orders = ordersIn(readFileSync(join(folder, name), 'utf8'));
        rmSync(join(folder, name));
        ledger.push(...orders);
        const status = statusReport(orders, fault === 'says pending first' ? 'PDNG' : 'ACSP');
        const booked = notification(iban, orders);
        if (fault === 'says pending first') late.push([statusReport(orders, 'ACSP'), booked]);
        if (fault === 'report lost') late.push([booked]);
        else outbox.push(...(fault === 'status after booking' ? [booked, status] : [status, booked]));
        if (fault === 'report twice') outbox.push(booked, booked);
      }
    },
  };
}

/** Read as text: a second reading than the rail's own. */
function ordersIn(xml: string): Order[] {
  const direction = xml.includes('pain.001.001.09') ? 'pay' : 'collect';
  const one = (text: string, name: string): string => new RegExp(`<${name}[^>]*>([^<]*)</${name}>`).exec(text)?.[1] ?? '';
  const parts = xml.split(direction === 'pay' ? '<CdtTrfTxInf>' : '<DrctDbtTxInf>').slice(1);
  return parts.map((part) => {
    const cents = Math.round(Number(one(part, 'InstdAmt')) * 100);
    return { message: one(xml, 'MsgId'), id: one(part, 'EndToEndId'), iban: one(part, 'IBAN'), cents, direction };
  });
}

const euros = (cents: number): string => (cents / 100).toFixed(2);

export function statusReport(orders: readonly Order[], code: string, reason = ''): string {
  const [first] = orders;
  const name = first?.direction === 'collect' ? 'pain.008.001.08' : 'pain.001.001.09';
  const transactions = orders.map(
    ({ id, cents }) =>
      `<TxInfAndSts><OrgnlEndToEndId>${id}</OrgnlEndToEndId><TxSts>${code}</TxSts>${reason === '' ? '' : `<StsRsnInf><Rsn><Cd>${reason}</Cd></Rsn></StsRsnInf>`}` +
      `<OrgnlTxRef><Amt><InstdAmt Ccy="EUR">${euros(cents)}</InstdAmt></Amt></OrgnlTxRef></TxInfAndSts>`,
  );
  return (
    '<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt>' +
    '<GrpHdr><MsgId>S1</MsgId><CreDtTm>2026-11-23T09:00:00Z</CreDtTm></GrpHdr>' +
    `<OrgnlGrpInfAndSts><OrgnlMsgId>${first?.message ?? ''}</OrgnlMsgId><OrgnlMsgNmId>${name}</OrgnlMsgNmId></OrgnlGrpInfAndSts>` +
    `<OrgnlPmtInfAndSts><OrgnlPmtInfId>${first?.message ?? ''}-1</OrgnlPmtInfId>${transactions.join('')}</OrgnlPmtInfAndSts>` +
    '</CstmrPmtStsRpt></Document>'
  );
}

export interface NotificationOptions {
  /** Back on the account, or off it again, for this reason. */
  readonly returned?: string;
  readonly status?: string;
}

export function notification(
  iban: string,
  orders: readonly Order[],
  { returned, status = 'BOOK' }: NotificationOptions = {},
): string {
  const total = orders.reduce((sum, { cents }) => sum + cents, 0);
  const entries = orders.map(({ id, cents, direction }, at) => {
    const side = (direction === 'pay') === (returned === undefined) ? 'DBIT' : 'CRDT';
    const why = returned === undefined ? '' : `<RtrInf><Rsn><Cd>${returned}</Cd></Rsn></RtrInf>`;
    return (
      `<Ntry><Amt Ccy="EUR">${euros(cents)}</Amt><CdtDbtInd>${side}</CdtDbtInd><Sts><Cd>${status}</Cd></Sts><AcctSvcrRef>R${at}</AcctSvcrRef>` +
      '<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>ICDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd>' +
      `<NtryDtls><TxDtls><Refs><EndToEndId>${id}</EndToEndId></Refs><Amt Ccy="EUR">${euros(cents)}</Amt><CdtDbtInd>${side}</CdtDbtInd>${why}</TxDtls></NtryDtls></Ntry>`
    );
  });
  return (
    '<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"><BkToCstmrDbtCdtNtfctn>' +
    '<GrpHdr><MsgId>N1</MsgId><CreDtTm>2026-11-23T18:00:00Z</CreDtTm></GrpHdr>' +
    `<Ntfctn><Id>N1-1</Id><Acct><Id><IBAN>${iban}</IBAN></Id></Acct>` +
    `<TxsSummry><TtlNtries><NbOfNtries>${orders.length}</NbOfNtries><Sum>${euros(total)}</Sum></TtlNtries></TxsSummry>` +
    `${entries.join('')}</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>`
  );
}
