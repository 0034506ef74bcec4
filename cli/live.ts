// The live picture of a run: one row per device, redrawn in place on a terminal; a line now and then where output is not a terminal. In: what
// the fleet and the hub say now. Out: text on the error stream, so that standard output stays for machines.

import { clearScreenDown, moveCursor } from 'node:readline';
import Table from 'cli-table3';
import type { HubStatus } from '../hub/status.ts';
import type { MachineView } from '../simulator/fleet.ts';
import type { Phase } from '../simulator/run.ts';
import { formatMicros } from './money.ts';

export interface LiveView {
  show(machines: readonly MachineView[], status: HubStatus, phase: Phase): void;
  /** Leaves the last picture standing. */
  end(): void;
}

const LINE_EVERY_MS = 2000;
const BAR_CELLS = 30;
const TABLE_COLUMNS = 104;
/** Lines around the rows: borders, head, money, phase, the cursor's own. */
const FRAME_LINES = 8;

/** A window too narrow for the table gets lines: a wrapped row could not be redrawn in place. */
export function liveView(stream: NodeJS.WriteStream): LiveView {
  return stream.isTTY && stream.columns >= TABLE_COLUMNS ? tableView(stream) : lineView(stream);
}

function tableView(stream: NodeJS.WriteStream): LiveView {
  let drawnLines = 0;
  return {
    show(machines, status, phase) {
      const room = Math.max(1, stream.rows - FRAME_LINES);
      const text = `${tableOf(machines.slice(0, room), status)}\n${moreLine(machines.length - room)}${moneyLine(status)}\n${phaseLine(phase)}\n`;
      if (drawnLines > 0) {
        moveCursor(stream, 0, -drawnLines);
        clearScreenDown(stream);
      }
      stream.write(text);
      drawnLines = text.split('\n').length - 1;
    },
    end: () => {},
  };
}

function lineView(stream: NodeJS.WriteStream): LiveView {
  let lastMs = -Infinity;
  let lastKind: Phase['kind'] | undefined;
  return {
    show(machines, status, phase) {
      const now = performance.now();
      if (phase.kind === lastKind && now - lastMs < LINE_EVERY_MS) return;
      lastMs = now;
      lastKind = phase.kind;
      const online = machines.filter((machine) => machine.snapshot.state === 'serving').length;
      const metered = machines.reduce((total, machine) => total + machine.meteredUnits, 0);
      stream.write(
        `${online}/${machines.length} serving, ${metered} units metered | ${moneyLine(status)} | ${phaseLine(phase)}\n`,
      );
    },
    end: () => {},
  };
}

function moreLine(hidden: number): string {
  return hidden > 0 ? `... and ${hidden} devices more\n` : '';
}

function tableOf(machines: readonly MachineView[], status: HubStatus): string {
  const rows = new Map(status.devices.map((row) => [row.device, row]));
  const table = new Table({
    head: ['device', 'profile', 'channel', 'units', 'amount', 'last seen', 'state'],
    colAligns: ['left', 'left', 'right', 'right', 'right', 'right', 'left'],
    style: { head: [], border: [], compact: true },
  });
  for (const machine of machines) {
    const row = rows.get(machine.device);
    table.push([
      `${machine.device} ${machine.label}`,
      machine.profile,
      row?.channel ?? '-',
      row === undefined ? '-' : `${row.totalUnits} ${row.unit}`,
      row === undefined ? '-' : `${formatMicros(row.chargedMicros)} ${row.currency}`,
      ago(row?.lastSeenSeconds ?? null),
      row?.state ?? machine.snapshot.state,
    ]);
  }
  return table.toString();
}

function ago(seenSeconds: number | null): string {
  if (seenSeconds === null) return 'never';
  const seconds = Math.max(0, Math.round(Date.now() / 1000 - seenSeconds));
  return seconds < 1 ? 'now' : `${seconds} s ago`;
}

function moneyLine(status: HubStatus): string {
  if (status.amounts.length === 0) return 'nothing charged yet';
  return status.amounts
    .map((amount) => {
      const share = amount.chargedMicros === 0 ? 1 : amount.settledMicros / amount.chargedMicros;
      const charged = `${formatMicros(amount.chargedMicros)} ${amount.currency} charged`;
      return `${charged}, settled ${bar(share)} ${formatMicros(amount.settledMicros)} in ${status.batches.length} batches`;
    })
    .join('; ');
}

function bar(share: number): string {
  const full = Math.floor(share * BAR_CELLS);
  return `[${'#'.repeat(full)}${'-'.repeat(BAR_CELLS - full)}] ${Math.floor(share * 100)} %`;
}

function phaseLine(phase: Phase): string {
  switch (phase.kind) {
    case 'running':
      return 'running; Ctrl-C closes the channels and settles';
    case 'draining':
      return `closing: ${phase.openDevices} devices open, ${phase.uncoveredUnits} units without a receipt`;
    case 'settling':
      return 'settling';
    case 'done':
      return 'done';
  }
}
