// A tariff of OCPI as one of ours. In: JSON, and the location's time zone, which OCPI keeps elsewhere. Out: the tariff and how each thing was mapped, or one sentence that names what cannot be
// expressed. A channel meters one thing: energy, or time; a tariff that prices both needs two channels, and is refused.

import type { RichTariff } from '../../shared/rich-tariff.ts';
import { readTariff, writeTariff } from '../../shared/tariff.ts';
import type { Micros } from '../../shared/units.ts';
import { MAX_AMOUNT_MICROS } from '../../shared/units.ts';
import { isZone } from '../zone.ts';
import { momentOf } from './moment.ts';
import type { Dimension } from './ocpi-elements.ts';
import { elementsOf } from './ocpi-elements.ts';
import type { OcpiComponent, OcpiLimit, OcpiTariff } from './ocpi-file.ts';
import { parseOcpi } from './ocpi-file.ts';
import { textsOf } from './tariff-file.ts';

export interface Imported {
  readonly tariff: RichTariff;
  readonly mapped: readonly string[];
}

/** What a channel counts, and how many of it a price is for. */
const METERED: Readonly<Record<Dimension, { readonly unit: string; readonly per: number; readonly said: string }>> = {
  ENERGY: { unit: 'Wh', per: 1000, said: 'prices per kWh: per 1000 Wh' },
  TIME: { unit: 's', per: 3600, said: 'prices per hour: per 3600 s of charging' },
  PARKING_TIME: { unit: 's', per: 3600, said: 'prices per hour: per 3600 s of parking' },
};
const PER_PERCENT = 100;
const FAR_SECONDS = 4_102_444_800;
const READ = [
  'currency',
  'tariff_alt_text',
  'min_price',
  'max_price',
  'elements',
  'tax_included',
  'start_date_time',
  'end_date_time',
];

export function importOcpi(json: unknown, zone: string | undefined): Imported | string {
  const ocpi = parseOcpi(json);
  if (typeof ocpi === 'string') return ocpi;
  if (zone !== undefined && !isZone(zone)) return `zone: expected an IANA time zone such as Europe/Berlin, got ${zone}`;
  const mapped: string[] = [];
  const tariff = tariffOf(ocpi, zone, mapped);
  if (typeof tariff === 'string') return tariff;
  const read = readTariff(writeTariff(tariff));
  if (typeof read === 'string') return `tariff: ${read}`;
  const left = Object.keys(json as object).filter((name) => !READ.includes(name));
  if (left.length > 0) mapped.push(`left out, as no price depends on it: ${left.join(', ')}`);
  return { tariff, mapped };
}

function tariffOf(ocpi: OcpiTariff, zone: string | undefined, mapped: string[]): RichTariff | string {
  const dimension = dimensionOf(ocpi);
  if (dimension.length > 1)
    return `elements: expected prices for one of energy and time, got ${dimension.join(' and ')}: a channel meters one thing, so give each a tariff and a channel of its own`;
  const metered = dimension[0] ?? 'ENERGY';
  const { unit, per, said } = METERED[metered];
  mapped.push(dimension.length === 0 ? 'no price for energy or time: Wh at no price' : said);
  const elements = elementsOf(ocpi, metered, mapped);
  if (typeof elements === 'string') return elements;
  if (elements.length > 1 && zone === undefined)
    return "zone: expected the location's time zone, for elements are restricted to local times";
  const parts = partsOf(ocpi, metered);
  if (typeof parts === 'string') return parts;
  const { base, tax, step, validity, texts } = parts;
  const limits = limitsOf(ocpi, tax.included, tax.millionths);
  if (typeof limits === 'string') return limits;
  say(mapped, { base, tax, step, elements: elements.length, zone });
  return {
    ...{ kind: 'rich', currency: ocpi.currency, unit, ...validity, replaces: '', zone: elements.length > 1 ? (zone ?? '') : '' },
    ...{ taxMillionths: tax.millionths, taxIncluded: tax.included, perUnits: per, stepUnits: step, freeUnits: 0 },
    ...{ baseMicros: base as Micros, ...limits, byVolume: false, elements, texts },
  };
}

interface Tax {
  readonly millionths: number;
  readonly included: boolean;
}

interface Parts {
  readonly base: number;
  readonly tax: Tax;
  readonly step: number;
  readonly validity: Pick<RichTariff, 'validFromSeconds' | 'validUntilSeconds'>;
  readonly texts: RichTariff['texts'];
}

function partsOf(ocpi: OcpiTariff, metered: Dimension): Parts | string {
  const base = baseOf(ocpi);
  if (typeof base === 'string') return base;
  const tax = taxOf(ocpi);
  if (typeof tax === 'string') return tax;
  const step = stepOf(ocpi, metered);
  if (typeof step === 'string') return step;
  const validity = validityOf(ocpi);
  if (typeof validity === 'string') return validity;
  const texts = altTexts(ocpi);
  return typeof texts === 'string' ? texts : { base, tax, step, validity, texts };
}

function say(
  mapped: string[],
  { base, tax, step, elements, zone }: { base: number; tax: Tax; step: number; elements: number; zone: string | undefined },
): void {
  if (base > 0) mapped.push('FLAT: the base fee, from the first unit on');
  if (tax.millionths > 0)
    mapped.push(`vat: one rate of ${tax.millionths / 10_000} %, ${tax.included ? 'in the prices' : 'on top of them'}`);
  if (step > 1) mapped.push(`step_size: each step of ${step} that is begun is owed whole, at the price of its first unit`);
  if (elements > 1) mapped.push(`restrictions: ${elements} elements by local time in ${zone}; the first that holds is in force`);
}

function dimensionOf({ elements }: OcpiTariff): Dimension[] {
  const types = elements.flatMap(({ price_components }) => price_components.map(({ type }) => type));
  return [...new Set(types)].filter((type) => type !== 'FLAT');
}

function componentsOf({ elements }: OcpiTariff): (readonly [path: string, component: OcpiComponent])[] {
  return elements.flatMap(({ price_components }, i) =>
    price_components.map((component, j): [string, OcpiComponent] => [`elements.${i}.price_components.${j}`, component]),
  );
}

/** The first FLAT holds for the whole session; it must do so at any time. */
function baseOf({ elements }: OcpiTariff): number | string {
  for (const [i, { price_components, restrictions = {} }] of elements.entries()) {
    const flats = price_components.filter(({ type }) => type === 'FLAT');
    const [flat] = flats;
    if (flat === undefined) continue;
    if (flats.length > 1) return `elements.${i}.price_components: expected one FLAT, got ${flats.length}`;
    const [restriction] = Object.keys(restrictions);
    if (restriction !== undefined && elements.some((one) => JSON.stringify(flatIn(one)) !== JSON.stringify(flat)))
      return `elements.${i}.restrictions.${restriction}: expected a FLAT fee that is the same at all times`;
    return flat.price;
  }
  return 0;
}

function flatIn({ price_components }: OcpiTariff['elements'][number]): OcpiComponent | undefined {
  return price_components.find(({ type }) => type === 'FLAT');
}

function taxOf(ocpi: OcpiTariff): Tax | string {
  const included = ocpi.tax_included === 'YES' || ocpi.tax_included === 'N/A';
  let rate: number | undefined;
  for (const [path, { price, vat = 0 }] of componentsOf(ocpi)) {
    if (price === 0) continue;
    if (vat % PER_PERCENT !== 0) return `${path}.vat: expected at most four decimals`;
    if (ocpi.tax_included === 'N/A' && vat > 0) return `${path}.vat: expected none, as no taxes are applicable`;
    if (rate !== undefined && vat !== rate)
      return `${path}.vat: expected ${rate / 1_000_000}, as for the prices before: a tariff has one rate of tax, got ${vat / 1_000_000}`;
    rate = vat;
  }
  return { millionths: (rate ?? 0) / PER_PERCENT, included: included || (rate ?? 0) === 0 };
}

function stepOf(ocpi: OcpiTariff, metered: Dimension): number | string {
  let step: number | undefined;
  for (const [path, { type, step_size }] of componentsOf(ocpi)) {
    if (type !== metered) continue;
    const own = Math.max(1, step_size);
    if (step !== undefined && own !== step)
      return `${path}.step_size: expected ${step}, as for the prices before: a tariff has one step, got ${own}`;
    step = own;
  }
  return step ?? 1;
}

/** In the tariff's own kind of amounts; where only the other kind is given, it cannot be told exactly. */
function limitsOf(
  ocpi: OcpiTariff,
  included: boolean,
  millionths: number,
): Pick<RichTariff, 'minimumMicros' | 'maximumMicros'> | string {
  const of = (limit: OcpiLimit | undefined, name: string, none: number): number | string => {
    if (limit === undefined) return none;
    const net = limit.before_taxes ?? limit.excl_vat;
    const gross = limit.after_taxes ?? limit.incl_vat;
    const own = included ? (gross ?? (millionths === 0 ? net : undefined)) : (net ?? (millionths === 0 ? gross : undefined));
    return own ?? `${name}: expected an amount ${included ? 'with' : 'without'} taxes, as the prices are`;
  };
  const minimum = of(ocpi.min_price, 'min_price', 0);
  if (typeof minimum === 'string') return minimum;
  const maximum = of(ocpi.max_price, 'max_price', MAX_AMOUNT_MICROS);
  if (typeof maximum === 'string') return maximum;
  if (minimum > maximum) return 'min_price: expected at most max_price';
  return { minimumMicros: minimum as Micros, maximumMicros: maximum as Micros };
}

function validityOf({ start_date_time, end_date_time }: OcpiTariff): Parts['validity'] | string {
  // OCPI's times are UTC, with or without saying so, and may have milliseconds.
  const secondsOf = (text: string): number | undefined => momentOf(`${text.replace(/(?:\.\d+)?Z?$/, '')}Z`, 'UTC');
  const from = start_date_time === undefined ? 0 : secondsOf(start_date_time);
  if (from === undefined) return `start_date_time: expected a moment, got ${start_date_time}`;
  const until = end_date_time === undefined ? FAR_SECONDS : secondsOf(end_date_time);
  if (until === undefined) return `end_date_time: expected a moment, got ${end_date_time}`;
  if (until <= from) return 'end_date_time: expected a moment after start_date_time';
  return { validFromSeconds: from, validUntilSeconds: until };
}

function altTexts({ tariff_alt_text }: OcpiTariff): RichTariff['texts'] | string {
  const languages = tariff_alt_text.map(({ language }) => language);
  const twice = languages.find((language, i) => languages.indexOf(language) !== i);
  if (twice !== undefined) return `tariff_alt_text: expected each language once, got ${twice} twice`;
  return textsOf(Object.fromEntries(tariff_alt_text.map(({ language, text }) => [language, text])));
}
