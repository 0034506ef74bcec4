// The reader of the second layout of a tariff. In: untrusted bytes. Out: the tariff, or a sentence saying what is wrong. Every tariff has one encoding, and what it lets
// pass has a price for every unit at every time.

import type { Bytes } from './bytes.ts';
import type { Reader } from './cbor.ts';
import {
  MAX_SAFE,
  readArray,
  readArrayWithin,
  readBool,
  readBytesWithin,
  readEnd,
  readerOf,
  readText,
  readUint,
} from './cbor.ts';
import type { TariffId } from './identity.ts';
import { isCurrency, MAX_PER_UNITS, MAX_PRICE_MICROS } from './price.ts';
import type { Element, RichTariff, TariffText, Tier } from './rich-tariff.ts';
import {
  ELEMENT_ITEMS,
  MAX_ELEMENTS,
  MAX_TARIFF_BYTES,
  MAX_TAX_MILLIONTHS,
  MAX_TEXT_BYTES,
  MAX_TEXTS,
  MAX_TIERS,
  RICH_ITEMS,
  RICH_VERSION,
} from './rich-tariff.ts';
import { DAY_MINUTES, EVERY_WEEKDAY, isAlways, MAX_DAY } from './times.ts';
import type { Micros } from './units.ts';
import { MAX_AMOUNT_MICROS, MAX_UNITS } from './units.ts';
import { isUtf8 } from './utf8.ts';

function readMicros(r: Reader, what: string): Micros {
  return readUint(r, what, 0, MAX_AMOUNT_MICROS) as Micros;
}

function readTiers(r: Reader): Tier[] {
  const tiers: Tier[] = [];
  const count = readArrayWithin(r, 'tiers', 1, MAX_TIERS);
  for (let i = 0; i < count; i++) {
    readArray(r, 'tier', 2);
    const fromUnits = readUint(r, 'beginning of the tier', 0, MAX_UNITS);
    tiers.push({ fromUnits: fromUnits, priceMicros: readUint(r, 'price', 0, MAX_PRICE_MICROS) as Micros });
  }
  return tiers;
}

function readElements(r: Reader): Element[] {
  const elements: Element[] = [];
  const count = readArrayWithin(r, 'elements', 1, MAX_ELEMENTS);
  for (let i = 0; i < count; i++) {
    readArray(r, 'element', ELEMENT_ITEMS);
    elements.push({
      weekdays: readUint(r, 'weekdays', 1, EVERY_WEEKDAY),
      fromMinute: readUint(r, 'from minute', 0, DAY_MINUTES - 1),
      untilMinute: readUint(r, 'until minute', 1, DAY_MINUTES),
      fromDay: readUint(r, 'from day', 0, MAX_DAY),
      untilDay: readUint(r, 'until day', 0, MAX_DAY),
      tiers: readTiers(r),
    });
  }
  return elements;
}

function readTexts(r: Reader): TariffText[] {
  const texts: TariffText[] = [];
  const count = readArrayWithin(r, 'texts', 0, MAX_TEXTS);
  for (let i = 0; i < count; i++) {
    readArray(r, 'text', 2);
    const language = readText(r, 'language', 1, 35);
    texts.push({ language: language, text: readBytesWithin(r, 'text', 1, MAX_TEXT_BYTES) });
  }
  return texts;
}

function tiersFault(tiers: readonly Tier[]): string {
  let before = -1;
  for (let i = 0; i < tiers.length; i++) {
    const from = (tiers[i] as Tier).fromUnits;
    if (i === 0 && from !== 0) return 'the first tier begins at 0 units, got ' + from;
    if (from <= before) return 'a tier begins above ' + before + ' units, where the one before it does, got ' + from;
    before = from;
  }
  return '';
}

function elementsFault(elements: readonly Element[]): string {
  for (let i = 0; i < elements.length; i++) {
    const element = elements[i] as Element;
    const isLast = i === elements.length - 1;
    if (isAlways(element) !== isLast)
      return isLast ? 'the last element holds at all times' : 'element ' + i + ' holds at all times, so those after it never do';
    if (element.fromMinute === element.untilMinute) return 'element ' + i + ' begins and ends at the same minute';
    if (element.untilDay !== 0 && element.untilDay <= element.fromDay) return 'element ' + i + ' ends before its first day';
    const fault = tiersFault(element.tiers);
    if (fault !== '') return 'element ' + i + ': ' + fault;
  }
  return '';
}

function textsFault(texts: readonly TariffText[]): string {
  for (let i = 0; i < texts.length; i++) {
    const one = texts[i] as TariffText;
    if (!isUtf8(one.text)) return 'text ' + i + ' is not UTF-8';
    // In one order only, so that the same texts are the same tariff.
    if (i > 0 && (texts[i - 1] as TariffText).language >= one.language) return 'languages are in order, each once';
  }
  return '';
}

/** What is wrong between the fields, or ''. */
function relationFault(tariff: RichTariff): string {
  if (!isCurrency(tariff.currency)) return 'expected a currency of three capital letters, got ' + tariff.currency;
  if (tariff.validUntilSeconds <= tariff.validFromSeconds) return 'the tariff ends before it begins';
  if (tariff.replaces !== '' && tariff.replaces.length !== 16) return 'a tariff that is replaced has an id of 16 bytes';
  if (tariff.minimumMicros > tariff.maximumMicros) return 'the minimum is above the maximum';
  if ((tariff.zone === '') !== (tariff.elements.length === 1)) return 'a zone is given with several elements, and only then';
  const fault = elementsFault(tariff.elements);
  return fault === '' ? textsFault(tariff.texts) : fault;
}

/** The tariff in untrusted bytes, or a sentence saying what is wrong. [W-35] */
export function readRichTariff(bytes: Bytes): RichTariff | string {
  if (bytes.length > MAX_TARIFF_BYTES) return 'expected a tariff of at most ' + MAX_TARIFF_BYTES + ' bytes, got ' + bytes.length;
  const r = readerOf(bytes);
  readArray(r, 'tariff', RICH_ITEMS);
  readUint(r, 'tariff version', RICH_VERSION, RICH_VERSION);
  const tariff: RichTariff = {
    kind: 'rich',
    currency: readText(r, 'currency', 3, 3),
    unit: readText(r, 'unit name', 1, 16),
    validFromSeconds: readUint(r, 'valid from', 0, MAX_SAFE),
    validUntilSeconds: readUint(r, 'valid until', 0, MAX_SAFE),
    replaces: readBytesWithin(r, 'replaced tariff', 0, 16) as TariffId | '',
    zone: readText(r, 'zone', 0, 64),
    taxMillionths: readUint(r, 'tax', 0, MAX_TAX_MILLIONTHS),
    taxIncluded: readBool(r, 'tax included'),
    perUnits: readUint(r, 'units per price', 1, MAX_PER_UNITS),
    stepUnits: readUint(r, 'units per step', 1, MAX_PER_UNITS),
    freeUnits: readUint(r, 'free units', 0, MAX_UNITS),
    baseMicros: readMicros(r, 'base'),
    minimumMicros: readMicros(r, 'minimum'),
    maximumMicros: readMicros(r, 'maximum'),
    byVolume: readBool(r, 'by volume'),
    elements: readElements(r),
    texts: readTexts(r),
  };
  readEnd(r);
  if (r.fault !== '') return r.fault;
  const fault = relationFault(tariff);
  return fault === '' ? tariff : fault;
}
