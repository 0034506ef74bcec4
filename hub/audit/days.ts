// Days of claims against their channels: they sum to what is claimed, and at the end of each the claims are what the units cost. In: the tables. Out: faults. Channels must have been audited
// before: here they are believed.

import { chargeOf } from '../../shared/charge.ts';
import { readTariff } from '../../shared/tariff.ts';
import type { Tariff } from '../../shared/tariff.ts';
import type { Units } from '../../shared/units.ts';
import { bytesOf } from '../blob.ts';
import type { RawRow } from '../store-tables.ts';
import type { RawChannel } from './channels.ts';
import { segmentsOf } from './channels.ts';
import type { Fault, Faults, Ground } from './fault.ts';
import type { Peekable } from './peekable.ts';
import { peekable } from './peekable.ts';

interface RawDay extends RawRow {
  readonly device: string;
  readonly number: number;
  readonly day: number;
  readonly units: number;
  readonly micros: number;
}

/** Channels beside their days, both in the order of channels. */
export function* faultsOfDays(ground: Ground): Faults {
  const days = peekable(ground.tables.each<RawDay>('days'));
  try {
    for (const channel of ground.tables.each<RawChannel>('channels')) {
      yield* withoutChannel(days, channel);
      yield* faultsOfChannel(channel, days, ground);
    }
    yield* withoutChannel(days, undefined);
  } finally {
    days.close();
  }
}

function isBefore(day: RawDay, channel: RawChannel): boolean {
  if (day.device !== channel.device) return Buffer.compare(Buffer.from(day.device), Buffer.from(channel.device)) < 0;
  return day.number < channel.number;
}

function* withoutChannel(days: Peekable<RawDay>, channel: RawChannel | undefined): Faults {
  for (let day = days.peek(); day !== undefined && (channel === undefined || isBefore(day, channel)); day = days.peek()) {
    yield faultAt(day, `there is no channel ${day.device}/${day.number}`);
    days.next();
  }
}

function faultAt({ device, number, day }: RawDay, what: string): Fault {
  return { table: 'claim_days', row: `${device}/${number}/${day}`, what };
}

function* faultsOfChannel(channel: RawChannel, days: Peekable<RawDay>, ground: Ground): Faults {
  const tariff = channel.bytes === null ? 'none' : readTariff(bytesOf(channel.bytes));
  const segments = typeof tariff === 'string' ? [] : segmentsOf(channel, tariff, ground);
  let [units, micros] = [0, 0];
  for (let day = days.peek(); day?.device === channel.device && day.number === channel.number; day = days.peek()) {
    days.next();
    units += day.units;
    micros += day.micros;
    const due = typeof tariff === 'string' ? micros : priceOf(tariff, segments, units, channel);
    if (due !== micros) yield faultAt(day, `${units} units until then cost ${due} micros, its days sum to ${micros}`);
  }
  if (units === channel.claimed_units && micros === channel.claimed_micros) return;
  const claimed = `${channel.claimed_units} units and ${channel.claimed_micros} micros`;
  const what = `${claimed} are claimed, its days sum to ${units} and ${micros}`;
  yield { table: 'claim_days', row: `${channel.device}/${channel.number}`, what };
}

/** `undefined` for units that the channel has not. */
function priceOf(
  tariff: Tariff,
  segments: Parameters<typeof chargeOf>[1],
  units: number,
  { accepted_units: accepted }: RawChannel,
): number | undefined {
  return units >= 0 && units <= accepted ? chargeOf(tariff, segments, units as Units) : undefined;
}
