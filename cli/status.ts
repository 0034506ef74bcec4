// `tallystick status`: where the hub's books stand. In: the hub's folder; the hub may run meanwhile. Out: devices, money, batches.

import type { Command } from 'commander';
import type { AuditNote } from '../hub/audit/note.ts';
import type { DeviceStatus } from '../hub/status.ts';
import { hubStatus } from '../hub/status.ts';
import { openStore } from '../hub/store.ts';
import { CommandFailed, EXIT } from './exit.ts';
import { formatMicros } from './money.ts';
import type { DataOption } from './options.ts';
import { printJson, withData, withJson } from './options.ts';

export function addStatusCommand(program: Command): void {
  withJson(withData(program.command('status')))
    .description(
      'devices, money and batches; exit code 5 when the books do not balance or the last audit has found a fault, 3 when nothing can be stored',
    )
    .action(showStatus);
}

function showStatus(options: DataOption & { readonly json?: boolean }): void {
  const store = openStore(options.data, { readonly: true });
  try {
    const status = hubStatus(store);
    if (options.json === true) printJson(status);
    else {
      process.stdout.write(
        `hub ${status.hub}: ${devicesWords(status.devices)}, ${status.units.accepted} units accepted, ${status.units.settled} settled\n`,
      );
      for (const amount of status.amounts) {
        const rest = `${formatMicros(amount.settledMicros)} settled, ${formatMicros(amount.unsettledMicros)} unsettled`;
        process.stdout.write(`${formatMicros(amount.chargedMicros)} ${amount.currency} charged, ${rest}\n`);
      }
      if (status.refusedMessages > 0) {
        process.stdout.write(`${status.refusedMessages} messages refused; see tallystick quarantine list\n`);
      }
      process.stdout.write(`signatures are judged by ${status.signaturesJudgedBy}\n`);
      process.stdout.write(`${auditWords(status.lastAudit)}\n`);
      process.stdout.write(
        `${counted(status.batches.length, 'batch', 'batches')}; books ${status.balanced ? 'balanced' : 'NOT BALANCED'}\n`,
      );
    }
    if (status.storage.kind === 'failing') throw new CommandFailed(EXIT.data, `the hub stores nothing: ${status.storage.why}`);
    if (!status.balanced) throw new CommandFailed(EXIT.mismatch, 'the books do not balance');
    if (status.lastAudit?.kind === 'unsound')
      throw new CommandFailed(EXIT.mismatch, `the last audit has found: ${status.lastAudit.fault}`);
  } finally {
    store.close();
  }
}

const counted = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

/** What devices last said of themselves, such as `3 devices (2 serving, 1 never seen)`. */
function devicesWords(devices: readonly DeviceStatus[]): string {
  const counts = new Map<string, number>();
  for (const { state, revoked, conflicted } of devices) {
    const words = [revoked ? 'revoked' : state, ...(conflicted ? ['CONFLICTED'] : [])];
    for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const parts = [...counts].map(([word, count]) => `${count} ${word}`);
  return `${counted(devices.length, 'device', 'devices')}${parts.length === 0 ? '' : ` (${parts.join(', ')})`}`;
}

function auditWords(note: AuditNote | null): string {
  if (note === null) return 'not audited yet; see tallystick audit, and hub --audit-every';
  const when = `last audit ended ${new Date(note.endedAtSeconds * 1000).toISOString()}, after ${note.endedAtSeconds - note.startedAtSeconds} s`;
  switch (note.kind) {
    case 'sound':
      return `${when}: sound`;
    case 'unsound':
      return `${when}: THE BOOKS DO NOT FIT: ${note.fault}`;
    case 'broken-off':
      return `${when}: it did not come to an end: ${note.why}`;
  }
}
