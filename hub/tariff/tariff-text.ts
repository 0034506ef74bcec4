// A tariff as plain values: what `tariff show` prints as JSON, and what its lines are made of. In: a tariff. Out: JSON with amounts as decimal texts. It changes nothing.

import { toHex } from '../../shared/bytes.ts';
import type { RichTariff, TariffText, Tier } from '../../shared/rich-tariff.ts';
import type { Tariff } from '../../shared/tariff.ts';
import { MAX_AMOUNT_MICROS } from '../../shared/units.ts';
import { tariffIdOf } from '../ids.ts';
import { decimalText } from './decimal.ts';
import { timesText } from './local-times.ts';
import { momentText } from './moment.ts';

export interface TierView {
  readonly from: number;
  readonly to: number | null;
  readonly price: string;
}

export interface TariffView {
  readonly id: string;
  readonly currency: string;
  readonly unit: string;
  readonly per: number;
  readonly prices: readonly { readonly times: string; readonly tiers: readonly TierView[] }[];
  readonly by: 'tier' | 'volume';
  readonly zone: string | null;
  readonly step: number;
  readonly free: number;
  readonly base: string;
  readonly minimum: string;
  readonly maximum: string | null;
  readonly tax: { readonly percent: string; readonly included: boolean } | null;
  readonly validFrom: string;
  readonly validUntil: string;
  readonly replaces: string | null;
  readonly texts: Readonly<Record<string, string>>;
}

export function tariffView(tariff: Tariff): TariffView {
  const { currency, unit, perUnits, validFromSeconds, validUntilSeconds } = tariff;
  return {
    ...{ id: toHex(tariffIdOf(tariff)), currency, unit, per: perUnits },
    ...(tariff.kind === 'rich' ? richView(tariff) : flatView(tariff.priceMicros)),
    validFrom: momentText(validFromSeconds),
    validUntil: momentText(validUntilSeconds),
  };
}

type Rest = Omit<TariffView, 'id' | 'currency' | 'unit' | 'per' | 'validFrom' | 'validUntil'>;

function flatView(priceMicros: number): Rest {
  const price = decimalText(priceMicros);
  return {
    prices: [{ times: 'at all times', tiers: [{ from: 0, to: null, price }] }],
    ...{ by: 'tier', zone: null, step: 1, free: 0, base: '0.00', minimum: '0.00', maximum: null },
    ...{ tax: null, replaces: null, texts: {} },
  };
}

function richView(tariff: RichTariff): Rest {
  const { elements, byVolume, zone, stepUnits, freeUnits, baseMicros, minimumMicros, maximumMicros, taxMillionths } = tariff;
  return {
    prices: elements.map(({ tiers, ...times }) => {
      return { times: elements.length === 1 ? 'at all times' : timesText(times), tiers: tiersView(tiers) };
    }),
    by: byVolume ? 'volume' : 'tier',
    ...{ zone: zone === '' ? null : zone, step: stepUnits, free: freeUnits },
    ...{ base: decimalText(baseMicros), minimum: decimalText(minimumMicros) },
    maximum: maximumMicros === MAX_AMOUNT_MICROS ? null : decimalText(maximumMicros),
    tax: taxMillionths === 0 ? null : { percent: decimalText(taxMillionths * 100), included: tariff.taxIncluded },
    replaces: tariff.replaces === '' ? null : toHex(tariff.replaces),
    texts: Object.fromEntries(tariff.texts.map((one) => [one.language, textIn(one)])),
  };
}

function tiersView(tiers: readonly Tier[]): TierView[] {
  return tiers.map(({ fromUnits, priceMicros }, i) => {
    return { from: fromUnits, to: tiers[i + 1]?.fromUnits ?? null, price: decimalText(priceMicros) };
  });
}

function textIn({ text }: TariffText): string {
  return Buffer.from(text, 'latin1').toString('utf8');
}
