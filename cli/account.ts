// `tallystick account`: who pays and who is paid, on which terms, and where their money stands. In: the hub's folder; the hub may run meanwhile. Out: accounts, or what
// was changed. Money itself moves in account-money.ts.

import type { Command } from 'commander';
import type { Store } from '../hub/store.ts';
import type { WalletTerms } from '../hub/store-wallets.ts';
import { addAccount, giveTerms, setBudget } from '../hub/wallet-terms.ts';
import type { AccountView } from '../hub/wallet-view.ts';
import { accountView, accountViews } from '../hub/wallet-view.ts';
import { addMoneyCommands } from './account-money.ts';
import { addRelease } from './release.ts';
import { CommandFailed, EXIT } from './exit.ts';
import { formatMicros, parseMicros } from './money.ts';
import type { DataOption } from './options.ts';
import { nowInSeconds, printJson, withData, withJson, withStore } from './options.ts';

interface JsonOption extends DataOption {
  readonly json?: boolean;
}

export function addAccountCommands(program: Command): void {
  const account = program
    .command('account')
    .description('accounts: terms, budgets, wallets, promotions, rewards, refunds and disputes');
  withJson(withData(account.command('add <name>')))
    .description('make an account; enrolling a device makes those that it names')
    .action(add);
  withJson(withData(account.command('list')))
    .description('all accounts with their terms and where they stand')
    .action(list);
  withJson(withData(account.command('show <name>')))
    .description('an account: terms, wallet, budgets, promotions, open channels and disputes')
    .action(show);
  addTerms(account);
  addBudget(account);
  addMoneyCommands(account);
  addRelease(account);
}

function addTerms(account: Command): void {
  withJson(withData(account.command('terms <name>')))
    .description('how the account pays from now on; without options, how it pays now')
    .option('--prepaid', 'from its wallet: no channel opens that the wallet could not pay')
    .option('--post-paid', 'later, up to --credit')
    .option('--credit <amount>', 'how far below zero a post-paid account may go', parseMicros)
    .option('--currency <code>', 'ISO 4217; the first terms settle it for good')
    .action(terms);
}

function addBudget(account: Command): void {
  withJson(withData(account.command('budget <name>')))
    .description(
      "bound what the account's channels may cost; an open channel counts with its limit, a closed one with its charge",
    )
    .option('--device <device>', 'only channels of this device')
    .option('--payee <account>', 'only channels to this account')
    .option('--per-day', 'per day of the hub, at the opening; without it, for all time')
    .option('--zone <name>', 'whose days, such as Europe/Berlin', 'UTC')
    .option('--currency <code>', "the account's, unless given")
    .option('--limit <amount>', 'at most so much', parseMicros)
    .option('--lift', 'no such budget any more')
    .action(budget);
}

function add(name: string, options: JsonOption): void {
  withStore(options.data, (store) => {
    const added = addAccount(store, name, nowInSeconds());
    if (options.json === true) printJson({ account: name, added });
    else process.stdout.write(`${name} ${added ? 'is an account now' : 'was an account already'}\n`);
  });
}

function list(options: JsonOption): void {
  withStore(options.data, (store) => {
    const views = accountViews(store, nowInSeconds());
    if (options.json === true) return printJson(views);
    if (views.length === 0) process.stdout.write('no accounts yet; enrol a device, or: tallystick account add <name>\n');
    for (const view of views) process.stdout.write(`${view.account}  ${wordsOf(view)}\n`);
  });
}

function wordsOf({ terms, wallet, balances }: AccountView): string {
  const stands = balances.map(({ currency, amountMicros }) => `${formatMicros(amountMicros)} ${currency}`).join(', ');
  if (terms === null || wallet === null) return `no terms  balance ${stands === '' ? '0.00' : stands}`;
  const credit = terms.kind === 'prepaid' ? '' : ` credit ${formatMicros(terms.creditMicros)}`;
  return `${terms.kind}${credit}  wallet ${formatMicros(wallet.heldMicros)} ${terms.currency}, ${formatMicros(wallet.availableMicros)} free for new channels`;
}

function show(name: string, options: JsonOption): void {
  withStore(options.data, (store) => {
    const view = accountView(store, name, nowInSeconds());
    if (options.json === true) return printJson(view);
    process.stdout.write(
      `${view.account}  ${wordsOf(view)}\n${linesOf(view)
        .map((line) => `  ${line}\n`)
        .join('')}`,
    );
  });
}

function linesOf(view: AccountView): string[] {
  const { wallet, terms } = view;
  const money = (micros: number, currency: string): string => `${formatMicros(micros)} ${currency}`;
  const held =
    wallet === null || terms === null
      ? []
      : [
          `held ${money(wallet.heldMicros, terms.currency)}, of it promotions ${money(wallet.promotionsMicros, terms.currency)}`,
          `open channels may still cost ${money(wallet.outstandingMicros, terms.currency)}; ${money(wallet.withdrawableMicros, terms.currency)} can be withdrawn`,
        ];
  return [
    ...held,
    ...view.lots.map(
      (lot) =>
        `promotion of entry ${lot.entry}: ${money(lot.leftMicros, lot.currency)} left of ${money(lot.amountMicros, lot.currency)}, priority ${lot.priority}, until ${lot.expiresAt}`,
    ),
    ...view.budgets.map(
      (one) =>
        `budget ${one.scope}, ${one.period}: ${money(one.countedMicros, one.currency)} of ${money(one.limitMicros, one.currency)} counted`,
    ),
    ...view.channels.map(
      (one) => `channel ${one.channel} to ${one.payee} may cost ${money(one.limitMicros, one.currency)}, opened ${one.openedAt}`,
    ),
    ...view.disputes.map(
      (one) =>
        `dispute ${one.id} about ${money(one.amountMicros, one.currency)} on ${one.channel}, ${one.winner === null ? 'open' : `resolved for the ${one.winner}`}`,
    ),
  ];
}

interface TermsOptions extends JsonOption {
  readonly prepaid?: boolean;
  readonly postPaid?: boolean;
  readonly credit?: number;
  readonly currency?: string;
}

function terms(name: string, options: TermsOptions): void {
  const { prepaid = false, postPaid = false } = options;
  withStore(options.data, (store) => {
    if (prepaid || postPaid || options.credit !== undefined || options.currency !== undefined) {
      if (prepaid === postPaid) throw new CommandFailed(EXIT.usage, 'expected either --prepaid or --post-paid');
      giveTerms(store, name, wantedTerms(store, name, options), nowInSeconds());
    }
    const view = accountView(store, name, nowInSeconds());
    if (options.json === true) printJson(view.terms);
    else process.stdout.write(`${name}  ${wordsOf(view)}\n`);
  });
}

function wantedTerms(store: Store, name: string, { prepaid, credit, currency }: TermsOptions): WalletTerms {
  const known = currency ?? accountView(store, name, nowInSeconds()).terms?.currency;
  if (known === undefined)
    throw new CommandFailed(EXIT.usage, `--currency: expected one such as EUR, because ${name} has no terms yet`);
  if (prepaid === true) {
    if (credit !== undefined) throw new CommandFailed(EXIT.usage, '--credit: expected with --post-paid only');
    return { kind: 'prepaid', currency: known, creditMicros: 0 };
  }
  if (credit === undefined) throw new CommandFailed(EXIT.usage, '--credit: expected an amount such as 50.00 with --post-paid');
  return { kind: 'post-paid', currency: known, creditMicros: credit };
}

interface BudgetOptions extends JsonOption {
  readonly device?: string;
  readonly payee?: string;
  readonly perDay?: boolean;
  readonly zone: string;
  readonly currency?: string;
  readonly limit?: number;
  readonly lift?: boolean;
}

function budget(name: string, options: BudgetOptions): void {
  const { device, payee, perDay, zone, currency, limit, lift = false } = options;
  if ((limit === undefined) !== lift) throw new CommandFailed(EXIT.usage, 'expected either --limit or --lift');
  withStore(options.data, (store) => {
    const scope = { ...(device === undefined ? {} : { device }), ...(payee === undefined ? {} : { payee }) };
    const rest = { ...(perDay === true ? { dayZone: zone } : {}), ...(currency === undefined ? {} : { currency }) };
    setBudget(store, name, { ...scope, ...rest, limitMicros: limit }, nowInSeconds());
    const { budgets } = accountView(store, name, nowInSeconds());
    if (options.json === true) return printJson(budgets);
    if (budgets.length === 0) process.stdout.write(`${name} has no budgets\n`);
    for (const one of budgets) {
      process.stdout.write(
        `${name}  ${one.scope}, ${one.period}: ${formatMicros(one.countedMicros)} of ${formatMicros(one.limitMicros)} ${one.currency} counted\n`,
      );
    }
  });
}
