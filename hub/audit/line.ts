// A batch's line as its row says it. In: a row. Out: the noun that trees are made of.

import type { AccountId, DeviceId } from '../../shared/identity.ts';
import type { ChannelNumber } from '../../shared/units.ts';
import type { BatchLine } from '../batch.ts';
import { bytesOfHex } from '../blob.ts';
import type { RawRow } from '../store-tables.ts';

export interface RawLine extends RawRow {
  readonly batch: string;
  readonly line: number;
  readonly device: string;
  readonly number: number;
  readonly payer: string;
  readonly payee: string;
  readonly currency: string;
  readonly from_units: number;
  readonly to_units: number;
  readonly from_micros: number;
  readonly to_micros: number;
}

export function lineOf(row: RawLine): BatchLine {
  return {
    device: row.device as DeviceId,
    number: row.number as ChannelNumber,
    payer: bytesOfHex(row.payer) as AccountId,
    payee: bytesOfHex(row.payee) as AccountId,
    currency: row.currency,
    fromUnits: row.from_units,
    toUnits: row.to_units,
    fromMicros: row.from_micros,
    toMicros: row.to_micros,
  };
}
