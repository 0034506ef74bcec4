// `tallystick account top-up|withdraw|promote|reward|refund|dispute`: money that comes, goes and comes back. In: the hub's folder, an amount, and an id of the operator's own,
// under which an event happens once however often it is asked for. Out: the number of its entry in the books.

import type { Command } from 'commander';
import { Option } from 'commander';
import type { Posted } from '../hub/money-door.ts';
import { openDispute, refund, resolveDispute } from '../hub/returns.ts';
import type { Store } from '../hub/store.ts';
import { promote, reward, topUpWallet, withdraw } from '../hub/wallet-events.ts';
import { parseTime, wholeNumber } from './duration.ts';
import { parseMicros } from './money.ts';
import type { DataOption } from './options.ts';
import { nowInSeconds, printJson, withData, withJson, withStore } from './options.ts';

interface EventOptions extends DataOption {
  readonly json?: boolean;
  readonly id: string;
  readonly text?: string;
  readonly reason?: string;
  readonly expires?: number;
  readonly priority?: number;
  readonly for?: 'payer' | 'payee';
}

/** A command's subject is an account, a device or a channel; its event is posted once. */
type Post = (store: Store, subject: string, amountMicros: number, options: EventOptions) => Posted;

export function addMoneyCommands(account: Command): void {
  withText(event(account, 'top-up <account>', asEvent(topUpWallet))).description('money has come in for the account');
  withText(event(account, 'withdraw <account>', asEvent(withdraw))).description(
    "pay the account's own money out: no credit, no promotion, nothing that open channels may cost",
  );
  withText(event(account, 'promote <account>', promoteBy))
    .description('give credit for a time')
    .requiredOption('--expires <time>', 'until when it can be used, such as 2027-01-31 or 2027-01-31T12:00:00Z', parseTime)
    .option('--priority <number>', "lower is used first; below 100 before the account's own money", wholeNumber(0, 1000), 50);
  withText(event(account, 'reward <device>', asEvent(reward))).description(
    'give money to the account that pays for a device, for what the device has done',
  );
  withReason(event(account, 'refund <channel>', asReturn(refund))).description(
    'give back what a channel was charged, from payee to payer; <channel> is <device>/<number>',
  );
  const dispute = account.command('dispute').description('hold an amount until it is known whose it is');
  withReason(event(dispute, 'open <channel>', asReturn(openDispute))).description(
    "hold what a channel was charged, from the payee's account",
  );
  withJson(withData(dispute.command('resolve <id>')))
    .description('give what is held to the payer or back to the payee')
    .addOption(new Option('--for <winner>', 'whose it is').choices(['payer', 'payee']).makeOptionMandatory())
    .action(resolve);
}

function event(parent: Command, words: string, post: Post): Command {
  return withJson(withData(parent.command(words)))
    .argument('<amount>', 'such as 2.50', parseMicros)
    .requiredOption('--id <id>', 'your own name for this event: asked for twice, it happens once')
    .action((subject: string, amountMicros: number, options: EventOptions) => {
      withStore(options.data, (store) => say(post(store, subject, amountMicros, options), options));
    });
}

function withText(command: Command): Command {
  return command.option('--text <words>', 'for the statement');
}

function withReason(command: Command): Command {
  return command.requiredOption('--reason <words>', 'why, for the statement');
}

function asEvent(post: typeof topUpWallet): Post {
  return (store, subject, amountMicros, options) => post(store, subject, eventOf(amountMicros, options));
}

function eventOf(amountMicros: number, { id, text }: EventOptions): Parameters<typeof topUpWallet>[2] {
  return { id, amountMicros, ...(text === undefined ? {} : { text }), nowSeconds: nowInSeconds() };
}

function asReturn(post: typeof refund): Post {
  return (store, channel, amountMicros, { id, reason = '' }) =>
    post(store, channel, { id, amountMicros, reason, nowSeconds: nowInSeconds() });
}

function promoteBy(store: Store, name: string, amountMicros: number, options: EventOptions): Posted {
  const { expires: expiresAtSeconds = 0, priority = 0 } = options;
  return promote(store, name, { ...eventOf(amountMicros, options), expiresAtSeconds, priority });
}

function resolve(id: string, options: EventOptions): void {
  withStore(options.data, (store) => say(resolveDispute(store, id, options.for ?? 'payee', nowInSeconds()), options));
}

function say({ entry, repeated }: Posted, options: EventOptions): void {
  if (options.json === true) printJson({ entry, repeated });
  else
    process.stdout.write(
      repeated ? `entry ${entry} has it already, word for word; nothing changed\n` : `posted as entry ${entry}\n`,
    );
}
