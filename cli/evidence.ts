// `tallystick evidence` writes what proves a channel, or all of an account's, to an outsider; `tallystick verify FILE` checks it with no hub and no database. In: a
// channel or an account, or a file. Out: a file, or yes, or no and why.

import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { Evidence, EvidenceVerdict } from '../hub/evidence.ts';
import { accountEvidenceOf, evidenceOf, evidenceText, verifyEvidenceText } from '../hub/evidence.ts';
import { openingFault, openingOf, parseOpening } from '../hub/opening.ts';
import type { Store } from '../hub/store.ts';
import { openStore } from '../hub/store.ts';
import { toHex } from '../shared/bytes.ts';
import { parseDeviceId } from '../shared/identity.ts';
import type { ChannelNumber } from '../shared/units.ts';
import { MAX_CHANNEL_NUMBER } from '../shared/units.ts';
import { wholeNumber } from './duration.ts';
import { CommandFailed, EXIT } from './exit.ts';
import { hubKeyFrom } from './hub-key.ts';
import { formatMicros } from './money.ts';
import type { DataOption } from './options.ts';
import { printJson, withData, withJson } from './options.ts';
import { writeAnswer } from './out-file.ts';
import { verifyPage } from './verify-page.ts';

/** A string in Node holds half as much again. */
const MAX_FILE_BYTES = 350_000_000;

interface EvidenceOptions extends DataOption {
  readonly account?: string;
  readonly key?: boolean;
  readonly open?: number;
  readonly output?: string;
}

interface VerifyOptions {
  readonly hubKey?: string;
  readonly json?: boolean;
  readonly opening?: string;
  readonly page?: boolean;
  readonly output?: string;
}

export function addEvidenceCommands(program: Command): void {
  withData(program.command('evidence [channel]'))
    .description('write what proves a channel, <device>/<number>, or all channels of an account, to anybody')
    .option('--account <name>', 'all channels on which this account pays or is paid, and nothing of others')
    .option('--key', "only the hub's public key: publish it where people can find it without you")
    .option(
      '--open <entry>',
      "an entry of the books with the nonce of its seal: for an auditor, as it shows everybody's part in it",
      wholeNumber(1, Number.MAX_SAFE_INTEGER),
    )
    .option('-o, --output <file>', 'where to write it (default: standard output)')
    .action(writeEvidence);
  withJson(program.command('verify [file]'))
    .description('check a file of evidence offline; exit code 5 and the reason when it proves nothing')
    .option('--hub-key <key>', "the hub's public key as you have it from elsewhere: 64 hex digits, or a file with them")
    .option('--opening <file>', 'also see that an entry, as `evidence --open` has written it, is the one that the file holds')
    .option('--page', 'instead write the page that checks evidence in a browser, with no server')
    .option('-o, --output <file>', 'where to write the page (default: standard output)')
    .action(verify);
}

function writeEvidence(name: string | undefined, options: EvidenceOptions): void {
  const asked = [name, options.account, options.key, options.open].filter((one) => one !== undefined);
  if (asked.length !== 1) {
    throw new CommandFailed(EXIT.usage, `expected one of a channel, --account, --key and --open, got ${asked.length} of them`);
  }
  const store = openStore(options.data, { readonly: true });
  try {
    writeTo(options.output, textOf(store, name, options));
  } finally {
    store.close();
  }
}

function textOf(store: Store, name: string | undefined, options: EvidenceOptions): string {
  if (options.key === true) return `${toHex(store.hubKey)}\n`;
  if (options.open === undefined) return evidenceText(gathered(store, name, options));
  const opening = store.atOneMoment(() => openingOf(store, options.open ?? 0));
  if (opening === undefined)
    throw new CommandFailed(EXIT.data, `--open: expected an entry of 1 to ${store.books.head().entry}, got ${options.open}`);
  return `${JSON.stringify(opening, undefined, 2)}\n`;
}

function gathered(store: Store, name: string | undefined, { account, data }: EvidenceOptions): Evidence {
  if (account !== undefined) {
    const evidence = accountEvidenceOf(store, account);
    if (evidence !== undefined) return evidence;
    throw new CommandFailed(EXIT.data, `--account: the hub in ${data} knows no channel on which "${account}" pays or is paid`);
  }
  const { device, channel } = channelOf(name ?? '');
  const evidence = evidenceOf(store, device, channel);
  if (evidence === undefined) throw new CommandFailed(EXIT.data, `the hub in ${data} knows no channel ${name}`);
  return evidence;
}

async function verify(path: string | undefined, options: VerifyOptions): Promise<void> {
  if ((path !== undefined) === (options.page === true)) {
    throw new CommandFailed(EXIT.usage, 'expected either a file of evidence or --page');
  }
  if (path === undefined) writeTo(options.output, await verifyPage());
  else verifyFile(path, options);
}

function writeTo(path: string | undefined, text: string): void {
  writeAnswer({ option: '-o', path }, text);
}

function verifyFile(path: string, options: VerifyOptions): void {
  const hubKey = options.hubKey === undefined ? undefined : hubKeyFrom(options.hubKey);
  const text = textIn(path, 'file of evidence');
  const verdict = orNoJson(path, 'file of evidence', () => verifyEvidenceText(text, hubKey));
  const isValid = verdict.kind === 'valid';
  const opened = isValid && options.opening !== undefined ? openedBy(options.opening, text) : undefined;
  if (options.json === true) printJson(opened === undefined ? verdict : { ...verdict, opened });
  if (!isValid) throw new CommandFailed(EXIT.mismatch, `${path} proves nothing: ${verdict.why}`);
  if (!verdict.vouched) process.stderr.write(warningOf(verdict.hubKey));
  if (options.json === true) return;
  process.stdout.write(`${linesOf(verdict).join('\n')}\n`);
  if (opened !== undefined) process.stdout.write(`opened: entry ${opened} of the books is the one that the file holds\n`);
}

/** The number of the entry that the file, which was seen to be valid, holds as this opening has it. */
function openedBy(path: string, text: string): number {
  const written = textIn(path, 'opening');
  const opening = orNoJson(path, 'opening', () => parseOpening(JSON.parse(written)));
  if (typeof opening === 'string') throw new CommandFailed(EXIT.data, `${path}: ${opening}`);
  const fault = openingFault(JSON.parse(text) as Evidence, opening);
  if (fault !== undefined) throw new CommandFailed(EXIT.mismatch, `${path} opens nothing: ${fault}`);
  return opening.entry;
}

function warningOf(hubKey: string): string {
  return (
    `NOBODY HAS VOUCHED FOR THE HUB'S KEY. What payers have signed is proven; that this hub is the one you mean is not.\n` +
    `Get the key from its operator, and check again with --hub-key. This file says ${hubKey}\n`
  );
}

function linesOf(verdict: Extract<EvidenceVerdict, { kind: 'valid' }>): string[] {
  const channels = verdict.channels.map(
    ({ device, channel, payer, payee, units, unit, amountMicros, settledMicros, currency }) => {
      const owed = `${device}/${channel}: ${payer} owes ${payee} ${units} ${unit}, ${formatMicros(amountMicros)} ${currency}`;
      return `valid: ${owed}, of which ${formatMicros(settledMicros)} ${currency} are settled`;
    },
  );
  const old = verdict.withoutHead.map(
    (batch) => `batch ${batch} is from before heads were signed: when it was closed, only this file says`,
  );
  return [...channels, ...old];
}

function textIn(path: string, what: string): string {
  return orNoJson(path, what, () => {
    const bytes = readFileSync(path);
    if (bytes.length > MAX_FILE_BYTES) throw new Error(`expected at most ${MAX_FILE_BYTES} bytes, got ${bytes.length}`);
    return bytes.toString('utf8');
  });
}

function orNoJson<T>(path: string, what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new CommandFailed(EXIT.data, `${path}: expected a JSON ${what}: ${(error as Error).message}`);
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
