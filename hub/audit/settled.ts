// Channels against the lines of batches: a channel's lines follow each other without gap or overlap, never pass what is claimed, and what the channel says is settled is where its moved lines
// end. In: the tables. Out: faults. Channels and lines must have been audited before.

import type { RawChannel } from './channels.ts';
import type { Fault, Faults, Ground } from './fault.ts';
import type { RawLine } from './line.ts';
import type { Peekable } from './peekable.ts';
import { peekable } from './peekable.ts';

/** With whether its money has moved. */
interface LineInBatch extends RawLine {
  readonly moved: number;
}

/** Channels beside their lines, both in the order of channels. */
export function* faultsOfSettled(ground: Ground): Faults {
  const lines = peekable(ground.tables.each<LineInBatch>('linesByChannel'));
  try {
    for (const channel of ground.tables.each<RawChannel>('channels')) {
      yield* withoutChannel(lines, channel);
      yield* faultsOfChannel(channel, lines);
    }
    yield* withoutChannel(lines, undefined);
  } finally {
    lines.close();
  }
}

function isBefore(line: RawLine, channel: RawChannel): boolean {
  if (line.device !== channel.device) return Buffer.compare(Buffer.from(line.device), Buffer.from(channel.device)) < 0;
  return line.number < channel.number;
}

function* withoutChannel(lines: Peekable<LineInBatch>, channel: RawChannel | undefined): Faults {
  for (let line = lines.peek(); line !== undefined && (channel === undefined || isBefore(line, channel)); line = lines.peek()) {
    yield faultAt(line, `there is no channel ${line.device}/${line.number}`);
    lines.next();
  }
}

function faultAt({ batch, line }: RawLine, what: string): Fault {
  return { table: 'batch_lines', row: `${batch}/${line}`, what };
}

function* faultsOfChannel(channel: RawChannel, lines: Peekable<LineInBatch>): Faults {
  const at = { table: 'channels', row: `${channel.device}/${channel.number}` };
  let reached = { units: 0, micros: 0 };
  let settled: typeof reached | undefined;
  for (let line = lines.peek(); line?.device === channel.device && line.number === channel.number; line = lines.peek()) {
    lines.next();
    yield* faultsOfLine(line, reached);
    // A line counts as settled only when all before it do.
    if (line.moved !== 1) settled ??= reached;
    reached = { units: line.to_units, micros: line.to_micros };
  }
  settled ??= reached;
  if (reached.units > channel.claimed_units || reached.micros > channel.claimed_micros)
    yield { ...at, what: `its lines reach ${reached.units} units, the row says that ${channel.claimed_units} are claimed` };
  if (settled.units === channel.settled_units && settled.micros === channel.settled_micros) return;
  const said = `${channel.settled_units} and ${channel.settled_micros}`;
  yield {
    ...at,
    what: `the money of its lines has moved for ${settled.units} units and ${settled.micros} micros, the row says ${said}`,
  };
}

function* faultsOfLine(line: RawLine, at: { readonly units: number; readonly micros: number }): Faults {
  const { from_units: units, from_micros: micros } = line;
  if (units !== at.units || micros !== at.micros)
    yield faultAt(line, `expected a line from ${at.units} units and ${at.micros} micros, got one from ${units} and ${micros}`);
  if (line.to_units <= units || line.to_micros < micros)
    yield faultAt(line, `expected a line to more than ${units} units, got ${line.to_units}`);
}
