// The second layout of a tariff: all that one price cannot say. In: a tariff. Out: its bytes. Its elements say which prices are in force when: the first one whose times
// match the site's local time holds, and the last one matches always, so that every unit has a price. How it is read is read-rich-tariff.ts, what units cost charge.ts.

import type { Bytes } from './bytes.ts';
import { writeArray, writeBool, writeBytes, writeText, writeUint } from './cbor.ts';
import type { TariffId } from './identity.ts';
import type { Times } from './times.ts';
import type { Micros } from './units.ts';

/** From `fromUnits` on (the unit after it is the first of the tier) until the next tier begins. */
export interface Tier {
  readonly fromUnits: number;
  /** Of the tariff's `perUnits`. */
  readonly priceMicros: Micros;
}

export interface Element extends Times {
  readonly tiers: readonly Tier[];
}

/** What people read, in UTF-8, under a language tag of RFC 5646. */
export interface TariffText {
  readonly language: string;
  readonly text: Bytes;
}

/** [W-35] */
export interface RichTariff {
  readonly kind: 'rich';
  readonly currency: string;
  readonly unit: string;
  readonly validFromSeconds: number;
  readonly validUntilSeconds: number;
  /** The tariff that this one takes the place of; '' for none. */
  readonly replaces: TariffId | '';
  /** The site's IANA zone; '' if there is one element, which always holds. */
  readonly zone: string;
  /** Parts per million of the net amount. */
  readonly taxMillionths: number;
  /** The tariff's amounts are gross: tax is in them. */
  readonly taxIncluded: boolean;
  /** All prices are for so many units. */
  readonly perUnits: number;
  /** Units are owed in whole steps of so many. */
  readonly stepUnits: number;
  /** The first units of a channel, at no price. */
  readonly freeUnits: number;
  /** Owed from the first unit on, beside the units' prices. */
  readonly baseMicros: Micros;
  /** The least that a channel with a unit costs, and the most; MAX_AMOUNT_MICROS for no cap. */
  readonly minimumMicros: Micros;
  readonly maximumMicros: Micros;
  /** Volume: all units cost what the tier that was reached says. Else each costs what its own tier says. */
  readonly byVolume: boolean;
  readonly elements: readonly Element[];
  readonly texts: readonly TariffText[];
}

export const RICH_VERSION = 2;
export const RICH_ITEMS = 18;
export const ELEMENT_ITEMS = 6;
export const MAX_TARIFF_BYTES = 2048;
export const MAX_ELEMENTS = 24;
export const MAX_TIERS = 16;
export const MAX_TEXTS = 16;
export const MAX_TEXT_BYTES = 512;
export const MAX_TAX_MILLIONTHS = 1000000;

/** What the first bytes of this layout are. */
export const RICH_HEAD: Bytes = writeArray(RICH_ITEMS) + writeUint(RICH_VERSION);

function writeTiers(tiers: readonly Tier[]): Bytes {
  let out = writeArray(tiers.length);
  for (let i = 0; i < tiers.length; i++) {
    const tier = tiers[i] as Tier;
    out += writeArray(2) + writeUint(tier.fromUnits) + writeUint(tier.priceMicros);
  }
  return out;
}

function writeElements(elements: readonly Element[]): Bytes {
  let out = writeArray(elements.length);
  for (let i = 0; i < elements.length; i++) {
    const element = elements[i] as Element;
    out += writeArray(ELEMENT_ITEMS) + writeUint(element.weekdays);
    out += writeUint(element.fromMinute) + writeUint(element.untilMinute);
    out += writeUint(element.fromDay) + writeUint(element.untilDay) + writeTiers(element.tiers);
  }
  return out;
}

function writeTexts(texts: readonly TariffText[]): Bytes {
  let out = writeArray(texts.length);
  for (let i = 0; i < texts.length; i++) {
    const one = texts[i] as TariffText;
    out += writeArray(2) + writeText(one.language) + writeBytes(one.text);
  }
  return out;
}

export function writeRichTariff(tariff: RichTariff): Bytes {
  return (
    RICH_HEAD +
    writeText(tariff.currency) +
    writeText(tariff.unit) +
    writeUint(tariff.validFromSeconds) +
    writeUint(tariff.validUntilSeconds) +
    writeBytes(tariff.replaces) +
    writeText(tariff.zone) +
    writeUint(tariff.taxMillionths) +
    writeBool(tariff.taxIncluded) +
    writeUint(tariff.perUnits) +
    writeUint(tariff.stepUnits) +
    writeUint(tariff.freeUnits) +
    writeUint(tariff.baseMicros) +
    writeUint(tariff.minimumMicros) +
    writeUint(tariff.maximumMicros) +
    writeBool(tariff.byVolume) +
    writeElements(tariff.elements) +
    writeTexts(tariff.texts)
  );
}
