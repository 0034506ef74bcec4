// How large a channel's unit limit may be for its payer's wallet: the whole limit is held back at its opening. In: the store, a payer, a tariff, a limit. Out: a limit that fits, and a sentence for the operator where the wallet
// decides; or why a commitment was refused as too dear, with what mends it. It changes nothing.

import { mostOf } from '../shared/charge.ts';
import type { AccountId } from '../shared/identity.ts';
import type { Tariff } from '../shared/tariff.ts';
import type { Units } from '../shared/units.ts';
import type { Store } from './store.ts';
import type { DeviceRow } from './store-devices.ts';
import { decimalText } from './tariff/decimal.ts';
import { availableMicros, walletOf } from './wallet.ts';

/** One channel takes a tenth of what is free: so ten boards, or the next channels of one, find something. */
const SHARE = 10;

export interface FittingLimit {
  readonly limitUnits: number;
  /** Why it is not the one that was asked for, or what will happen with that. */
  readonly advice: string | undefined;
}

export interface WantedLimit {
  readonly payer: AccountId;
  readonly tariff: Tariff;
  readonly limitUnits: number;
  /** The operator has said it, so it stays. */
  readonly isGiven: boolean;
}

export function fittingLimit(
  store: Store,
  { payer, tariff, limitUnits, isGiven }: WantedLimit,
  nowSeconds: number,
): FittingLimit {
  const freeMicros = freeOf(store, payer, tariff.currency, nowSeconds);
  const wholeMicros = mostOf(tariff, limitUnits as Units);
  if (freeMicros === undefined || wholeMicros === undefined) return { limitUnits, advice: undefined };
  const fitting = isGiven ? 0 : unitsWithin(tariff, Math.floor(freeMicros / SHARE), limitUnits);
  const free = `${decimalText(Math.max(0, freeMicros))} ${tariff.currency} that the payer has free`;
  if (fitting >= limitUnits) return { limitUnits, advice: undefined };
  if (fitting > 0) {
    const worth = `${decimalText(mostOf(tariff, fitting as Units) ?? 0)} ${tariff.currency}`;
    const advice = `limit: ${fitting} ${tariff.unit}, worth ${worth}, at most a tenth of the ${free}: a channel holds back its whole limit; --limit sets another`;
    return { limitUnits: fitting, advice };
  }
  if (wholeMicros <= freeMicros) return { limitUnits, advice: undefined };
  const advice = `limit: a channel of ${limitUnits} ${tariff.unit} holds back ${decimalText(wholeMicros)} ${tariff.currency}, more than the ${free}: none is opened until there is more; top up, or choose a smaller --limit`;
  return { limitUnits, advice };
}

/** Of a commitment that was refused as `excessive-limit`. It names no account: it is kept where people are not erased. */
export function limitFault(store: Store, row: DeviceRow, tariff: Tariff, limitUnits: number, nowSeconds: number): string {
  const mostMicros = mostOf(tariff, limitUnits as Units);
  if (mostMicros === undefined) return `its limit of ${limitUnits} ${tariff.unit} costs more than can be counted`;
  const money = (micros: number): string => `${decimalText(Math.max(0, micros))} ${tariff.currency}`;
  const what = `its limit of ${limitUnits} ${tariff.unit} would hold back ${money(mostMicros)}`;
  if (mostMicros > row.creditMicros)
    return `${what}, the device's credit is ${money(row.creditMicros)}; enrol it with a smaller --limit or a larger --credit`;
  const terms = store.wallets.termsOf(row.payer);
  if (terms !== undefined && terms.currency !== tariff.currency) return `${what}, its payer's wallet is in ${terms.currency}`;
  const freeMicros = freeOf(store, row.payer, tariff.currency, nowSeconds);
  if (freeMicros === undefined || mostMicros <= freeMicros)
    return `${what}, a budget of its payer leaves less; see tallystick account show`;
  const fitting = unitsWithin(tariff, freeMicros, limitUnits);
  const smaller = fitting > 0 ? `, or enrol it with --limit ${fitting} or less` : '';
  return `${what}, its payer has ${money(freeMicros)} free; top up${smaller}`;
}

/** `undefined` for an account that no wallet bounds in this currency. */
function freeOf(store: Store, payer: AccountId, currency: string, nowSeconds: number): number | undefined {
  const wallet = walletOf(store, payer);
  return wallet?.terms.currency === currency ? availableMicros(wallet, nowSeconds) : undefined;
}

/** The most units, up to `atMost`, that can cost no more than so much. */
function unitsWithin(tariff: Tariff, micros: number, atMost: number): number {
  let [fits, tooMany] = [0, atMost + 1];
  while (tooMany - fits > 1) {
    const middle = fits + Math.floor((tooMany - fits) / 2);
    const cost = mostOf(tariff, middle as Units);
    if (cost !== undefined && cost <= micros) fits = middle;
    else tooMany = middle;
  }
  return fits;
}
