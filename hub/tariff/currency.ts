// Currencies that a tariff may be in. In: a code. Out: whether there is such a currency, and how many decimals its smallest coin has. ISO 4217 as it is in force (2026-11, the Bulgarian lev and the
// Antillean guilder gone), with its code for tests; and SAT, a hundred-millionth of a bitcoin, which ISO does not know and the Lightning rail moves.

const TWO_DECIMALS =
  'AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP ' +
  'GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK ' +
  'PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG';
const NO_DECIMALS = 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF';
const THREE_DECIMALS = 'BHD IQD JOD KWD LYD OMR TND';
const FOUR_DECIMALS = 'CLF UYW';
const NO_COIN = 'XTS SAT';

const DECIMALS: ReadonlyMap<string, number> = new Map(
  (
    [
      [TWO_DECIMALS, 2],
      [NO_DECIMALS, 0],
      [THREE_DECIMALS, 3],
      [FOUR_DECIMALS, 4],
      [NO_COIN, 0],
    ] as const
  ).flatMap(([codes, decimals]) => codes.split(' ').map((code): [string, number] => [code, decimals])),
);

export function isKnownCurrency(code: string): boolean {
  return DECIMALS.has(code);
}

export const CURRENCIES: readonly string[] = [...DECIMALS.keys()].sort();

/** Decimals of the smallest coin; what is owed is counted finer, and rounded to coins by who moves the money. */
export function decimalsOf(code: string): number | undefined {
  return DECIMALS.get(code);
}
