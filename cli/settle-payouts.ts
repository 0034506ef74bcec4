// `tallystick settle approve|withhold|send|reply`: what people and counterparts say of batches and payouts. In: the hub's folder and their word. Out: what followed from it.

import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import type { Command } from 'commander';
import { readReplyFile } from '../hub/reply.ts';
import { sendAlone } from '../hub/send.ts';
import type { Store } from '../hub/store.ts';
import { openStore } from '../hub/store.ts';
import { withhold } from '../hub/withhold.ts';
import { CommandFailed, EXIT } from './exit.ts';
import type { DataOption } from './options.ts';
import { printJson, withData, withJson } from './options.ts';
import { printFiles, printFollowed, printSent, sentJson } from './settle-sent.ts';
import { railIn, railNamed, termsIn } from './settle-terms.ts';

interface Options extends DataOption {
  readonly json?: boolean;
  readonly by?: string;
}

export function addSettlePayoutCommands(settle: Command): void {
  withBy(settle.command('approve'))
    .argument('<batch>', 'the id of a prepared batch')
    .description('let a prepared batch be settled and sent')
    .action((batch: string, options: Options) => inStore(options, (store) => approve(store, batch, options)));
  withBy(settle.command('withhold'))
    .argument('<payout>', 'the id of a payout that is not sent yet')
    .description('keep a payout back; its amount goes into a later one')
    .action((payout: string, options: Options) => inStore(options, (store) => keepBack(store, payout, options)));
  withJson(withData(settle.command('send')))
    .alias('run')
    .description('hand over what is prepared, and ask what has become of what is under way')
    .action((options: Options) => inStore(options, (store) => send(store, options)));
  withJson(withData(settle.command('reply')))
    .argument('<rail>', 'the rail whose counterpart has answered', railNamed)
    .argument('<file>', 'its file')
    .description("read a counterpart's file: what it says of payouts goes into the books, once")
    .action((rail: string, file: string, options: Options) => inStore(options, (store) => reply(store, rail, file, options)));
}

function withBy(command: Command): Command {
  return withJson(withData(command)).option('--by <name>', 'who says so', userInfo().username);
}

async function inStore({ data }: Options, work: (store: Store) => Promise<void> | void): Promise<void> {
  const store = openStore(data);
  try {
    await work(store);
  } finally {
    store.close();
  }
}

const now = (): number => Math.floor(Date.now() / 1000);

function approve(store: Store, batch: string, { by = '', json }: Options): void {
  const fault = store.atomically(() => {
    const found = store.batches.head(batch);
    if (found === undefined) return `batch: expected the id of a batch, got "${batch}"; see tallystick settle status`;
    if (found.state !== 'prepared') return `batch: expected one that is prepared, got one that is ${found.state}`;
    if (store.routes.approvalOf(batch) === undefined) store.routes.approve(batch, by, now());
    return undefined;
  });
  if (fault !== undefined) throw new CommandFailed(EXIT.refused, fault);
  if (json === true) printJson({ batch, approvedBy: by });
  else process.stdout.write(`batch ${batch} is approved by ${by}; tallystick settle sends it\n`);
}

function keepBack(store: Store, payout: string, { by = '', json }: Options): void {
  const fault = withhold(store, payout, by, now());
  if (fault !== undefined) throw new CommandFailed(EXIT.refused, fault);
  if (json === true) printJson({ payout, withheldBy: by });
  else process.stdout.write(`payout ${payout} is withheld by ${by}; its amount goes into a later one\n`);
}

async function send(store: Store, { data, json }: Options): Promise<void> {
  const terms = await termsIn(data);
  const sent = await sendAlone(store, terms, now());
  if (sent === undefined) throw new CommandFailed(EXIT.refused, 'another process is sending payouts; wait until it is done');
  if (json === true) return printJson(sentJson(sent));
  if (sent.followed.length === 0 && !isUnderWay(store)) process.stdout.write('no payout is under way\n');
  printSent(store, sent);
  printFiles(store, terms);
}

function isUnderWay({ payouts }: Store): boolean {
  return (['prepared', 'sent', 'accepted'] as const).some((state) => payouts.inState(state).length > 0);
}

async function reply(store: Store, name: string, file: string, { data, json }: Options): Promise<void> {
  const rail = railIn(await termsIn(data), railNamed(name));
  const read = readReplyFile(store, rail, bytesIn(file), now());
  if (typeof read === 'string') throw new CommandFailed(EXIT.data, read);
  if (json === true) return printJson(read);
  printFollowed(store, read.followed);
  for (const remark of read.remarks) process.stdout.write(`${remark}\n`);
  const news = read.followed.filter(({ kind }) => kind === 'moved').length;
  process.stdout.write(`${read.followed.length} answers, ${news} of them news\n`);
}

function bytesIn(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new CommandFailed(EXIT.data, `file: expected one that can be read, got ${path} (${(error as Error).message})`);
  }
}
