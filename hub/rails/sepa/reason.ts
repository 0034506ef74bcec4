// Why a bank did not move money, or gave it back. In: the reason in a status or a return. Out: its code and what that means. What a bank adds in words of its
// own is left out: it may say more about a person than the books should keep.

import type { XmlTree } from './xml-read.ts';
import { textAt } from './xml-read.ts';

const MEANINGS: Readonly<Record<string, string>> = {
  AC01: 'wrong account number',
  AC04: 'account closed',
  AC06: 'account blocked',
  AC13: 'account of a consumer under a scheme for businesses',
  AG01: 'not allowed on this kind of account',
  AG02: 'wrong operation',
  AM04: 'not enough money on the account',
  AM05: 'sent twice',
  BE04: "creditor's address missing",
  BE05: 'creditor unknown',
  CNOR: "creditor's bank not registered",
  CUST: 'asked back by the customer',
  DNOR: "debtor's bank not registered",
  FF01: 'wrong format',
  FOCR: 'returned after a recall',
  MD01: 'no mandate',
  MD02: 'particulars of the mandate missing',
  MD06: 'refund asked for by the payer',
  MD07: 'account holder no longer alive',
  MS02: 'refused by the customer',
  MS03: 'refused by the bank, no reason given',
  NOAS: 'no answer',
  RC01: 'wrong BIC',
  RR04: 'regulatory reason',
  SL01: "service of the debtor's bank",
  TM01: 'after the cut-off time',
};

/** Under `parent`: `Rsn/Cd` of the first that has one, or the bank's own. */
export function reasonIn(parents: readonly XmlTree[]): string {
  const own = parents.map((parent) => textAt(parent, 'Rsn', 'Prtry')).find((text) => text !== undefined);
  const code = parents.map((parent) => textAt(parent, 'Rsn', 'Cd')).find((text) => text !== undefined) ?? own;
  if (code === undefined) return 'no reason given';
  const meaning = MEANINGS[code];
  return meaning === undefined ? code.slice(0, 35) : `${code}, ${meaning}`;
}
