// A tariff: what units cost, with validity; never edited, replaced by a new id, because its id is the hash of its content. There are two layouts: the first holds
// one price for all units, the second (rich-tariff.ts) all else. In: a tariff and cumulative units. Out: its bytes, its id, and the exact amount under one
// price. Amounts are rounded once, down, on the cumulative units: so the sum of any steps is the amount of the whole.

import type { Bytes, Sha256 } from './bytes.ts';
import { MAX_SAFE, readArray, readEnd, readerOf, readText, readUint, writeArray, writeText, writeUint } from './cbor.ts';
import type { TariffId } from './identity.ts';
import { isCurrency, MAX_PER_UNITS, MAX_PRICE_MICROS } from './price.ts';
import { readRichTariff } from './read-rich-tariff.ts';
import type { RichTariff } from './rich-tariff.ts';
import { RICH_HEAD, writeRichTariff } from './rich-tariff.ts';
import type { Micros, Units } from './units.ts';
import { MAX_AMOUNT_MICROS } from './units.ts';

/** One price for all units. [W-20] */
export interface FlatTariff {
  /** Left out: what has no kind is of the first layout. */
  readonly kind?: 'flat';
  /** ISO 4217, three capital letters. */
  readonly currency: string;
  /** What is metered: `Wh`, `vend`, `message` ... */
  readonly unit: string;
  /** Price of `perUnits` units. */
  readonly priceMicros: Micros;
  readonly perUnits: number;
  readonly validFromSeconds: number;
  /** The first second at which no channel may be opened under it any more. */
  readonly validUntilSeconds: number;
}

export type Tariff = FlatTariff | RichTariff;

const WIRE_VERSION = 1;
const ITEMS = 7;

function writeFlatTariff(tariff: FlatTariff): Bytes {
  return (
    writeArray(ITEMS) +
    writeUint(WIRE_VERSION) +
    writeText(tariff.currency) +
    writeText(tariff.unit) +
    writeUint(tariff.priceMicros) +
    writeUint(tariff.perUnits) +
    writeUint(tariff.validFromSeconds) +
    writeUint(tariff.validUntilSeconds)
  );
}

function readFlatTariff(bytes: Bytes): FlatTariff | string {
  const r = readerOf(bytes);
  readArray(r, 'tariff', ITEMS);
  readUint(r, 'tariff version', WIRE_VERSION, WIRE_VERSION);
  const currency = readText(r, 'currency', 3, 3);
  const unit = readText(r, 'unit name', 1, 16);
  const priceMicros = readUint(r, 'price', 0, MAX_PRICE_MICROS) as Micros;
  const perUnits = readUint(r, 'units per price', 1, MAX_PER_UNITS);
  const validFromSeconds = readUint(r, 'valid from', 0, MAX_SAFE);
  const validUntilSeconds = readUint(r, 'valid until', 0, MAX_SAFE);
  readEnd(r);
  if (r.fault !== '') return r.fault;
  if (!isCurrency(currency)) return 'expected a currency of three capital letters, got ' + currency;
  if (validUntilSeconds <= validFromSeconds) return 'the tariff ends before it begins';
  return {
    currency: currency,
    unit: unit,
    priceMicros: priceMicros,
    perUnits: perUnits,
    validFromSeconds: validFromSeconds,
    validUntilSeconds: validUntilSeconds,
  };
}

export function writeTariff(tariff: Tariff): Bytes {
  return tariff.kind === 'rich' ? writeRichTariff(tariff) : writeFlatTariff(tariff);
}

/** The tariff in untrusted bytes, or a sentence saying what is wrong. [W-20] [W-35] */
export function readTariff(bytes: Bytes): Tariff | string {
  return bytes.substring(0, RICH_HEAD.length) === RICH_HEAD ? readRichTariff(bytes) : readFlatTariff(bytes);
}

export function tariffIdOf(tariff: Tariff, sha256: Sha256): TariffId {
  return sha256(writeTariff(tariff)).substring(0, 16) as TariffId;
}

/**
 * What cumulative `units` cost: floor(units * price / perUnits), exact; or `undefined` above MAX_AMOUNT_MICROS. [W-21]
 * Whole price steps and the rest are multiplied apart, so that no product passes 2^53.
 */
export function amountOf(tariff: FlatTariff, units: Units): Micros | undefined {
  const steps = Math.floor(units / tariff.perUnits);
  const rest = units - steps * tariff.perUnits;
  if (tariff.priceMicros > 0 && steps > MAX_AMOUNT_MICROS / tariff.priceMicros) return undefined;
  const amount = steps * tariff.priceMicros + Math.floor((rest * tariff.priceMicros) / tariff.perUnits);
  return amount <= MAX_AMOUNT_MICROS ? (amount as Micros) : undefined;
}
