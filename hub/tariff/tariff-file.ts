// The door for a tariff that somebody has written: JSON, or YAML that was parsed to it. In: anything. Out: a tariff, or one sentence that begins with the path of the field that is wrong. What one
// price can say becomes a tariff of the first layout, all else one of the second; what is written the same is the same tariff, with the same id.

import { fromHex } from '../../shared/bytes.ts';
import type { TariffId } from '../../shared/identity.ts';
import type { Element, RichTariff, TariffText, Tier } from '../../shared/rich-tariff.ts';
import { MAX_TEXT_BYTES, MAX_TEXTS } from '../../shared/rich-tariff.ts';
import type { Tariff } from '../../shared/tariff.ts';
import { readTariff, writeTariff } from '../../shared/tariff.ts';
import type { Times } from '../../shared/times.ts';
import { DAY_MINUTES, EVERY_WEEKDAY } from '../../shared/times.ts';
import type { Micros } from '../../shared/units.ts';
import { MAX_AMOUNT_MICROS } from '../../shared/units.ts';
import { faultSentence } from '../known-keys.ts';
import { decimalText } from './decimal.ts';
import { ALWAYS, overlap, weekdaysOf } from './local-times.ts';
import { momentOf } from './moment.ts';
import type { Period, Written } from './written-tariff.ts';
import { PER_PERCENT, tariffSchema } from './written-tariff.ts';
import { tiersFault, tiersOf } from './written-tiers.ts';

/** 2100-01-01, as for tariffs that say nothing of their end. */
const FAR_SECONDS = 4_102_444_800;

export function parseTariff(json: unknown): Tariff | string {
  const parsed = tariffSchema.safeParse(json);
  if (!parsed.success) return faultSentence(tariffSchema, parsed.error, 'tariff', json);
  const written = parsed.data;
  const fault = pricesFault(written) ?? timesFault(written) ?? boundsFault(written);
  if (fault !== undefined) return fault;
  const validity = validityOf(written);
  if (typeof validity === 'string') return validity;
  const tariff = tariffOf(written, validity);
  const read = readTariff(writeTariff(tariff));
  return typeof read === 'string' ? `tariff: ${read}` : read;
}

function pricesFault(written: Written): string | undefined {
  const lists: readonly (readonly [string, Pick<Period, 'price' | 'tiers'>])[] = [
    ['', written],
    ...written.periods.map((period, i): [string, Period] => [`periods.${i}.`, period]),
  ];
  for (const [path, { price: one, tiers }] of lists) {
    if (one === undefined && tiers === undefined) return `${path}price: expected a price, or tiers`;
    if (one !== undefined && tiers !== undefined) return `${path}tiers: expected a price or tiers, got both`;
    const fault = tiersFault(tiers ?? []);
    if (fault !== undefined) return `${path}${fault}`;
  }
  return undefined;
}

function timesFault({ periods, zone }: Written): string | undefined {
  if (zone === undefined && periods.length > 0) return 'zone: expected the time zone in which the periods are meant, got none';
  const all = periods.map(timesOf);
  for (const [i, times] of all.entries()) {
    const { fromDate, untilDate } = periods[i] as Period;
    if (times.fromMinute === times.untilMinute) return `periods.${i}.until: expected another time than from`;
    if (times.fromMinute === DAY_MINUTES || times.untilMinute === 0)
      return `periods.${i}: a day begins at 00:00, as from, and ends at 24:00, as until`;
    if (fromDate !== undefined && untilDate !== undefined && untilDate <= fromDate)
      return `periods.${i}.untilDate: expected a day after fromDate; it is the first day that is out`;
    if (JSON.stringify(times) === JSON.stringify(ALWAYS))
      return `periods.${i}: expected days, times or dates; the price for all other times stands outside of the periods`;
    const other = all.findIndex((one, at) => at < i && overlap(one, times));
    if (other >= 0) return `periods.${i}: it overlaps with periods.${other}, so there would be two prices at a time`;
  }
  return undefined;
}

function boundsFault({ minimum, maximum, tax, periods, by, tiers, texts }: Written): string | undefined {
  if ((tax?.percent ?? 0) % PER_PERCENT !== 0) return 'tax.percent: expected at most four decimals';
  if (minimum > maximum) return `minimum: expected at most the maximum of ${decimalText(maximum)}, got ${decimalText(minimum)}`;
  const isTiered = [tiers, ...periods.map((period) => period.tiers)].some((list) => list !== undefined);
  if (by === 'volume' && !isTiered) return 'by: expected tiers with volume, got one price';
  if (Object.keys(texts).length > MAX_TEXTS) return `texts: expected at most ${MAX_TEXTS} languages`;
  for (const [language, text] of Object.entries(texts)) {
    const bytes = Buffer.byteLength(text);
    if (bytes > MAX_TEXT_BYTES) return `texts.${language}: expected at most ${MAX_TEXT_BYTES} bytes, got ${bytes}`;
  }
  return undefined;
}

type Validity = Pick<Tariff, 'validFromSeconds' | 'validUntilSeconds'>;

function validityOf({ validFrom, validUntil, zone = 'UTC' }: Written): Validity | string {
  const validFromSeconds = validFrom === undefined ? 0 : momentOf(validFrom, zone);
  const validUntilSeconds = validUntil === undefined ? FAR_SECONDS : momentOf(validUntil, zone);
  const expected = 'expected a date such as 2026-12-24 or a moment such as 2026-12-24T18:00:00Z';
  if (validFromSeconds === undefined) return `validFrom: ${expected}, got ${validFrom}`;
  if (validUntilSeconds === undefined) return `validUntil: ${expected}, got ${validUntil}`;
  if (validUntilSeconds <= validFromSeconds)
    return `validUntil: expected a moment after validFrom (${validFrom ?? '1970-01-01'}), got ${validUntil ?? '2100-01-01'}`;
  return { validFromSeconds, validUntilSeconds };
}

function timesOf({ days, from, until, fromDate, untilDate }: Period): Times {
  return {
    weekdays: days === undefined ? EVERY_WEEKDAY : weekdaysOf(days),
    fromMinute: from ?? 0,
    // Midnight as an end is the end of the day.
    untilMinute: until === undefined || (until === 0 && from !== 0) ? DAY_MINUTES : until,
    fromDay: fromDate ?? 0,
    untilDay: untilDate ?? 0,
  };
}

function listOf({ price: one = 0, tiers }: Pick<Period, 'price' | 'tiers'>): Tier[] {
  return tiers === undefined ? [{ fromUnits: 0, priceMicros: one as Micros }] : tiersOf(tiers);
}

function tariffOf(written: Written, validity: Validity): Tariff {
  const { currency, unit, per: perUnits, price: one } = written;
  const common = { currency, unit, ...validity };
  if (isFlat(written)) return { ...common, priceMicros: one as Micros, perUnits };
  const elements: Element[] = written.periods.map((period) => ({ ...timesOf(period), tiers: listOf(period) }));
  const rich: RichTariff = {
    kind: 'rich',
    ...common,
    replaces: written.replaces === undefined ? '' : (fromHex(written.replaces) as TariffId),
    zone: elements.length === 0 ? '' : (written.zone ?? ''),
    taxMillionths: (written.tax?.percent ?? 0) / PER_PERCENT,
    taxIncluded: written.tax?.included ?? true,
    perUnits,
    stepUnits: written.step,
    freeUnits: written.free,
    baseMicros: written.base as Micros,
    minimumMicros: written.minimum as Micros,
    maximumMicros: written.maximum as Micros,
    byVolume: written.by === 'volume',
    elements: [...elements, { ...ALWAYS, tiers: listOf(written) }],
    texts: textsOf(written.texts),
  };
  return rich;
}

/** True if the first layout can say all of it. */
function isFlat(written: Written): boolean {
  const { price: one, tax, replaces, step, free, base, minimum, maximum, periods, texts } = written;
  const isPlain = step === 1 && free === 0 && base === 0 && minimum === 0 && maximum === MAX_AMOUNT_MICROS;
  const isAlone = periods.length === 0 && Object.keys(texts).length === 0 && replaces === undefined && tax === undefined;
  return isPlain && isAlone && one !== undefined;
}

export function textsOf(texts: Readonly<Record<string, string>>): TariffText[] {
  return Object.entries(texts)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([language, text]) => ({ language, text: Buffer.from(text, 'utf8').toString('latin1') }));
}
