// `tallystick evidence CHANNEL` writes what proves a channel to an outsider; `tallystick verify FILE` checks it with no hub and no database. In: a
// channel, or a file. Out: a file, or yes, or no and why.

import { readFileSync, writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { evidenceOf, verifyEvidence } from '../hub/evidence.ts';
import { openStore } from '../hub/store.ts';
import { parseDeviceId } from '../shared/identity.ts';
import type { ChannelNumber } from '../shared/units.ts';
import { MAX_CHANNEL_NUMBER } from '../shared/units.ts';
import { CommandFailed, EXIT } from './exit.ts';
import { formatMicros } from './money.ts';
import type { DataOption } from './options.ts';
import { printJson, withData, withJson } from './options.ts';

const MAX_FILE_BYTES = 1_000_000;

export function addEvidenceCommands(program: Command): void {
  withData(program.command('evidence <channel>'))
    .description('write the evidence of a channel, <device>/<number>: commitment, last voucher, key, tariff')
    .option('-o, --output <file>', 'where to write it (default: standard output)')
    .action(writeEvidence);
  withJson(program.command('verify <file>'))
    .description('check a file of evidence offline; exit code 5 and the reason when it proves nothing')
    .action(verifyFile);
}

function writeEvidence(name: string, options: DataOption & { readonly output?: string }): void {
  const { device, channel } = channelOf(name);
  const store = openStore(options.data, { readonly: true });
  try {
    const evidence = evidenceOf(store, device, channel);
    if (evidence === undefined) throw new CommandFailed(EXIT.data, `the hub in ${options.data} knows no channel ${name}`);
    const text = `${JSON.stringify(evidence, undefined, 2)}\n`;
    if (options.output === undefined) process.stdout.write(text);
    else writeFileSync(options.output, text);
  } finally {
    store.close();
  }
}

function verifyFile(path: string, options: { readonly json?: boolean }): void {
  const verdict = verifyEvidence(readEvidence(path));
  if (options.json === true) printJson(verdict);
  if (verdict.kind === 'invalid') throw new CommandFailed(EXIT.mismatch, `${path} proves nothing: ${verdict.why}`);
  if (options.json === true) return;
  const amount = `${formatMicros(verdict.amountMicros)} ${verdict.currency}`;
  process.stdout.write(
    `valid: ${verdict.device} owes ${verdict.units} ${verdict.unit}, ${amount}, on channel ${verdict.channel}\n`,
  );
}

function readEvidence(path: string): unknown {
  try {
    const text = readFileSync(path, 'utf8');
    if (text.length > MAX_FILE_BYTES) throw new Error(`expected at most ${MAX_FILE_BYTES} characters, got ${text.length}`);
    return JSON.parse(text);
  } catch (error) {
    throw new CommandFailed(EXIT.data, `${path}: expected a JSON file of evidence: ${(error as Error).message}`);
  }
}

function channelOf(name: string): { device: NonNullable<ReturnType<typeof parseDeviceId>>; channel: ChannelNumber } {
  const [deviceText, numberText, ...rest] = name.split('/');
  const device = parseDeviceId(deviceText ?? '');
  const channel = Number(numberText);
  if (device === undefined || rest.length > 0 || !Number.isInteger(channel) || channel < 1 || channel > MAX_CHANNEL_NUMBER) {
    throw new CommandFailed(EXIT.usage, `expected a channel as <device>/<number>, such as dQw4w9WgXcQ/1, got "${name}"`);
  }
  return { device, channel: channel as ChannelNumber };
}
