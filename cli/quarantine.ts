// `tallystick quarantine`: what the hub refused, why, and whether it would be refused again. In: the hub's folder; the hub may run meanwhile. Out: counts, samples,
// and the judgement of samples that are replayed through the hub's own intake. It must never judge by itself.

import type { Command } from 'commander';
import { Option } from 'commander';
import { openStore } from '../hub/store.ts';
import type { Store } from '../hub/store.ts';
import type { KeptSample } from '../hub/store-quarantine.ts';
import type { DeviceId } from '../shared/identity.ts';
import type { Reason } from '../shared/reject.ts';
import { actionOf, REASONS } from '../shared/reject.ts';
import { toHex } from '../shared/bytes.ts';
import { decodeUplink } from '../shared/uplink.ts';
import { wholeNumber } from './duration.ts';
import { CommandFailed, EXIT } from './exit.ts';
import type { DataOption } from './options.ts';
import { printJson, withData, withJson } from './options.ts';
import { deviceNamed } from './provisioned-device.ts';
import { replaySamples } from './replay.ts';

interface Wanted extends DataOption {
  readonly json?: boolean;
  readonly device?: DeviceId;
  readonly reason?: Reason;
}

const HIGHEST = Number.MAX_SAFE_INTEGER;

export function addQuarantineCommands(program: Command): void {
  const quarantine = program.command('quarantine').description('refused messages: list, show and replay them');
  withWanted(quarantine.command('list'))
    .description('how many messages were refused, by device and reason, with the numbers of their samples')
    .action(list);
  withJson(withData(quarantine.command('show')))
    .argument('<sample>', 'the number of a sample', wholeNumber(1, HIGHEST))
    .description('a sample: its bytes, what they say and why they were refused')
    .action(show);
  withWanted(quarantine.command('replay'))
    .argument('[samples...]', 'numbers of samples')
    .option('--all', 'every sample, or those that --device and --reason leave')
    .description(
      'have samples judged again, by the running hub or by one that starts for it; exit code 6 when any is refused again',
    )
    .action(replay);
}

function withWanted(command: Command): Command {
  return withJson(withData(command))
    .option('--device <device>', 'only of this device', deviceNamed)
    .addOption(new Option('--reason <reason>', 'only for this reason').choices(REASONS));
}

function isWanted({ device, reason }: Wanted, row: { readonly device: DeviceId; readonly reason: Reason }): boolean {
  return (device === undefined || row.device === device) && (reason === undefined || row.reason === reason);
}

function list(options: Wanted): void {
  const store = openStore(options.data, { readonly: true });
  try {
    const samples = store.quarantine.samples();
    const rows = store.quarantine.counts().filter((row) => isWanted(options, row));
    const listed = rows.map((row) => ({ ...row, action: actionOf(row.reason), samples: numbersOf(samples, row) }));
    if (options.json === true) return printJson(listed);
    if (listed.length === 0) process.stdout.write('no message was refused\n');
    for (const { device, reason, messages, lastAtSeconds, samples: numbers } of listed) {
      const shown = numbers.length === 0 ? 'no samples left' : `samples ${numbers.join(' ')}`;
      process.stdout.write(`${device}  ${reason}  ${messages} messages, last ${timeOf(lastAtSeconds)}  ${shown}\n`);
    }
  } finally {
    store.close();
  }
}

function numbersOf(samples: readonly KeptSample[], row: { readonly device: DeviceId; readonly reason: Reason }): number[] {
  return samples.filter((kept) => kept.device === row.device && kept.reason === row.reason).map((kept) => kept.sample);
}

function show(number: number, options: DataOption & { readonly json?: boolean }): void {
  const store = openStore(options.data, { readonly: true });
  try {
    const { message, ...kept } = sampleNumbered(store, number);
    const said = saidBy(message);
    if (options.json === true) return printJson({ ...kept, messageHex: toHex(message), says: said });
    const lines = [
      `sample ${kept.sample} of ${kept.device}, refused as ${kept.reason}${kept.detail === '' ? '' : `: ${kept.detail}`}`,
      `came ${kept.times} times, first ${timeOf(kept.firstAtSeconds)}, last ${timeOf(kept.lastAtSeconds)}`,
      `says: ${said}; the device was told to ${actionOf(kept.reason)}`,
      `bytes: ${toHex(message)}`,
    ];
    process.stdout.write(`${lines.join('\n')}\n`);
  } finally {
    store.close();
  }
}

function sampleNumbered(store: Store, number: number): KeptSample {
  const kept = store.quarantine.find(number);
  if (kept === undefined)
    throw new CommandFailed(EXIT.data, `no sample ${number} is kept; see tallystick quarantine list for those that are`);
  return kept;
}

function saidBy(message: string): string {
  const uplink = decodeUplink(message);
  switch (uplink.kind) {
    case 'malformed':
      return `nothing that can be read, ${uplink.detail}`;
    case 'commitment':
      return `a commitment that opens channel ${uplink.terms.channel} for at most ${uplink.terms.limitUnits} units`;
    case 'payword':
    case 'signed':
      return `a ${uplink.kind} voucher for ${uplink.units} units on channel ${uplink.channel}`;
  }
}

function timeOf(atSeconds: number): string {
  return new Date(atSeconds * 1000).toISOString();
}

async function replay(names: readonly string[], options: Wanted & { readonly all?: boolean }): Promise<void> {
  const asksForAll = options.all === true || options.device !== undefined || options.reason !== undefined;
  if (asksForAll === names.length > 0)
    throw new CommandFailed(EXIT.usage, 'expected numbers of samples, or --all, --device or --reason, and not both');
  const numbers = names.map(wholeNumber(1, HIGHEST));
  const store = openStore(options.data);
  try {
    const chosen = asksForAll
      ? store.quarantine.samples().filter((row) => isWanted(options, row))
      : numbers.map((number) => sampleNumbered(store, number));
    const replayed = await replaySamples(store, chosen);
    if (options.json === true) printJson(replayed);
    else if (replayed.length === 0) process.stdout.write('nothing to replay\n');
    else for (const one of replayed) process.stdout.write(`${sentenceOf(one)}\n`);
    const refused = replayed.filter(({ outcome }) => outcome.kind === 'rejected').length;
    if (refused > 0) throw new CommandFailed(EXIT.refused, `${refused} of ${replayed.length} samples were refused again`);
  } finally {
    store.close();
  }
}

function sentenceOf({ sample, device, outcome }: Awaited<ReturnType<typeof replaySamples>>[number]): string {
  return outcome.kind === 'rejected'
    ? `sample ${sample} of ${device}: refused again, ${outcome.reason}`
    : `sample ${sample} of ${device}: good; channel ${outcome.channel} is accepted up to ${outcome.acceptedUnits} units`;
}
