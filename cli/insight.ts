// `tallystick insight ...`: what was sold, when, where and with what. In: the hub's folder, read only; the hub may run meanwhile. Out: tables with bars, JSON, CSV or a page. Currencies and units
// are never added up; every answer says what it leaves out.

import type { Command } from 'commander';
import { Option } from 'commander';
import { feesByRail } from '../hub/insight/fees.ts';
import { idleDevices } from '../hub/insight/idle.ts';
import { peaksOf } from '../hub/insight/peaks.ts';
import { priceChanges } from '../hub/insight/prices.ts';
import type { TillGroup, TimeGroup } from '../hub/insight/revenue.ts';
import { revenueBy, TILL_GROUPS, TIME_GROUPS } from '../hub/insight/revenue.ts';
import { boughtTogether } from '../hub/insight/together.ts';
import { QUARTER_SECONDS } from '../hub/till.ts';
import { zoneNamed } from '../hub/zone.ts';
import { durationOption, wholeNumber } from './duration.ts';
import { CommandFailed, EXIT } from './exit.ts';
import type { AskOptions } from './insight-question.ts';
import { printJson, withData, withJson } from './options.ts';
import { writeOut } from './out-file.ts';
import { amountText, ask, askedIn, headOf, print, read, withAsked, withForms, withQuestion } from './insight-question.ts';
import { pageOf } from './insight-page.ts';
import { feesText, idleText, peaksText, pricesText, revenueText, togetherText } from './insight-text.ts';

export function addInsightCommands(program: Command): void {
  const insight = program.command('insight').description('revenue, peak times, baskets, prices, idle devices');
  withQuestion(insight.command('revenue'))
    .description("what was sold, in units and money; times are the hub's times of acceptance")
    .addOption(new Option('--by <what>', 'one row for each').choices([...TILL_GROUPS, ...TIME_GROUPS]).default('day'))
    .option('--top <number>', 'only so many rows; with --by hour, weekday, day or month the first', wholeNumber(1, 1_000_000))
    .action(revenue);
  withQuestion(insight.command('peaks'))
    .description('how much is sold in each hour of the week, and the busiest single hours')
    .option('--top <number>', 'so many busiest hours', wholeNumber(1, 10_000), 10)
    .action(peaks);
  withQuestion(insight.command('together'))
    .description('products that are bought together: by one payer, or at one site, within one window of time')
    .addOption(new Option('--per <whom>', 'whose purchases make a basket').choices(['payer', 'site']).default('payer'))
    .addOption(durationOption('--window <duration>', 'how long a basket is open: whole quarter hours, 15m to 7d', '1h'))
    .option('--least <baskets>', 'leave out pairs that fewer baskets hold', wholeNumber(1, Number.MAX_SAFE_INTEGER), 5)
    .option('--top <number>', 'so many pairs', wholeNumber(1, 1_000_000), 50)
    .action(together);
  withQuestion(insight.command('prices'))
    .description('units per device and hour before and after a change of tariff, on the same devices')
    .option('--days <number>', 'at most so many days on each side', wholeNumber(1, 366), 28)
    .action(prices);
  withForms(insight.command('idle'))
    .description('devices that have sold nothing for some days, and whether others at their site have')
    .option('--days <number>', 'for so many days', wholeNumber(1, 3660), 7)
    .option('--site <name>', 'only this site')
    .action(idle);
  withAsked(withJson(withData(insight.command('page <file>'))))
    .description('one page with bars of what was sold by day, hour, site, product and device, the week, and idle devices')
    .option('--days <number>', 'idle for so many days', wholeNumber(1, 3660), 7)
    .action(page);
  withForms(insight.command('fees'))
    .description('what rails have kept of what they have moved, by payouts that are settled')
    .option('--from <time>', 'prepared from then on')
    .option('--to <time>', 'the last day that counts, or the first quarter hour that does not')
    .option('--zone <name>', 'the time zone of --from and --to (default: UTC)')
    .option('--currency <code>', 'only this currency')
    .action(fees);
}

interface RevenueOptions extends AskOptions {
  readonly by: TillGroup | TimeGroup;
  readonly top?: number;
}

function revenue(options: RevenueOptions): void {
  const { by, top } = options;
  ask(options, (store, scope) => {
    const { rows: all, totals, notes } = revenueBy(store, scope, by);
    const rows = top === undefined ? all : all.slice(0, top);
    print(options, {
      json: { by, ...headOf(scope), rows, totals, notes },
      csv: rows.map(({ key, label, currency, unit, units, amountMicros }) => ({
        [by]: key,
        ...(by === 'device' ? { label: label ?? '' } : {}),
        currency,
        unit,
        units,
        amount: amountText(amountMicros),
      })),
      text: () => revenueText(by, rows, totals),
      notes,
    });
  });
}

function peaks(options: AskOptions & { readonly top: number }): void {
  ask(options, (store, scope) => {
    const { peaks: all, notes } = peaksOf(store, scope, options.top);
    print(options, {
      json: { ...headOf(scope), peaks: all, notes },
      csv: all.flatMap(({ currency, unit, week }) =>
        week.flatMap((hours, weekday) =>
          hours.map(({ units, amountMicros, unitsPerHour }, hour) => {
            return { weekday: weekday + 1, hour, currency, unit, units, amount: amountText(amountMicros), unitsPerHour };
          }),
        ),
      ),
      text: () => peaksText(all),
      notes,
    });
  });
}

interface TogetherOptions extends AskOptions {
  readonly per: 'payer' | 'site';
  readonly window: number;
  readonly least: number;
  readonly top: number;
}

function together(options: TogetherOptions): void {
  const windowQuarters = options.window / 1000 / QUARTER_SECONDS;
  if (!Number.isInteger(windowQuarters) || windowQuarters < 1 || windowQuarters > 7 * 96) {
    throw new CommandFailed(
      EXIT.usage,
      `--window: expected whole quarter hours from 15m to 7d, got ${options.window / 60_000} minutes`,
    );
  }
  ask(options, (store, scope) => {
    const answer = boughtTogether(store, scope, { per: options.per, windowQuarters, leastBaskets: options.least });
    if (typeof answer === 'string') throw new CommandFailed(EXIT.refused, answer);
    const pairs = answer.pairs.slice(0, options.top);
    print(options, {
      json: { ...headOf(scope), per: options.per, windowMinutes: windowQuarters * 15, ...answer, pairs },
      csv: pairs.map((pair) => ({ ...pair })),
      text: () => togetherText({ ...answer, pairs }),
      notes: answer.notes,
    });
  });
}

function prices(options: AskOptions & { readonly days: number }): void {
  ask(options, (store, scope) => {
    const changes = priceChanges(store, scope, { days: options.days });
    print(options, {
      json: { ...headOf(scope), changes, notes: scope.notes },
      csv: changes.map(({ difference, ...rest }) => {
        return { ...rest, difference: difference.value, differenceLow: difference.low, differenceHigh: difference.high };
      }),
      text: () => pricesText(changes),
      notes: scope.notes,
    });
  });
}

function idle(options: AskOptions & { readonly days: number }): void {
  read(options, (store) => {
    const { days, site } = options;
    const nowSeconds = Math.floor(Date.now() / 1000);
    const devices = idleDevices(store, { days, nowSeconds, ...(site === undefined ? {} : { site }) });
    print(options, {
      json: { days, devices },
      csv: devices.map((one) => ({ ...one })),
      text: () => idleText(devices, days, nowSeconds),
      notes: [],
    });
  });
}

function fees(options: AskOptions): void {
  const { from, until, zone = 'UTC', currency } = askedIn(options);
  const secondsOf = (time: { readonly quarter: number }): number => zoneNamed(zone).utcOf(time.quarter) * QUARTER_SECONDS;
  read(options, (store) => {
    const rows = feesByRail(store, {
      fromSeconds: from === undefined ? 0 : secondsOf(from),
      untilSeconds: until === undefined ? Infinity : secondsOf(until),
      ...(currency === undefined ? {} : { currency }),
    });
    print(options, { json: { rails: rows }, csv: rows.map((row) => ({ ...row })), text: () => feesText(rows), notes: [] });
  });
}

function page(file: string, options: AskOptions & { readonly days: number }): void {
  const { days, site } = options;
  const html = ask(options, (store, scope) => {
    const revenues = (['day', 'hour', 'site', 'product', 'device'] as const).map(
      (by) => [by, revenueBy(store, scope, by)] as const,
    );
    const { peaks: all, notes } = peaksOf(store, scope, 0);
    const nowSeconds = Math.floor(Date.now() / 1000);
    const idle = idleDevices(store, { days, nowSeconds, ...(site === undefined ? {} : { site }) });
    const said = [...new Set([...notes, ...revenues.flatMap(([, revenue]) => revenue.notes)])];
    return pageOf({ head: headOf(scope), revenues, peaks: all, idle, idleDays: days, notes: said });
  });
  writeOut({ option: 'file', path: file }, html);
  if (options.json === true) printJson({ file });
  else process.stdout.write(`${file}\n`);
}
