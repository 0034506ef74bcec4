// `tallystick device add|list|topup|place|build|flash|monitor|bench|update|revoke`: the operator's side of a board's life. In: the hub's folder, and what the board measures and pays. Out:
// an enrolled device with its configuration file, a firmware file, a list. A seed leaves the operator's machine only inside the firmware.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { Option } from 'commander';
import { standaloneFile } from '../device/build/config-file.ts';
import { BuildRefused, buildFirmware } from '../device/build/build.ts';
import { DATABASE_FILE } from '../hub/database.ts';
import type { EnrolRequest } from '../hub/enrol.ts';
import { enrol, EnrolmentRefused, revoke } from '../hub/enrol.ts';
import { fittingLimit } from '../hub/fitting-limit.ts';
import { accountIdOf } from '../hub/ids.ts';
import type { Profile } from '../hub/profiles.ts';
import { flatTariff, PROFILES, profileTerms } from '../hub/profiles.ts';
import { saveProvisioned } from '../hub/provisioned.ts';
import type { DeviceStatus } from '../hub/status.ts';
import { hubStatus } from '../hub/status.ts';
import type { Store } from '../hub/store.ts';
import type { InputConfig, MeterConfig, OutputConfig } from '../shared/config.ts';
import type { Tariff } from '../shared/tariff.ts';
import { toHex } from '../shared/bytes.ts';
import { MAX_CHAIN_UNITS, MAX_UNITS } from '../shared/units.ts';
import { addBench } from './bench.ts';
import { parseDurationMs, wholeNumber } from './duration.ts';
import { CommandFailed, EXIT } from './exit.ts';
import { addFlash } from './flash.ts';
import { formatMicros, parseMicros } from './money.ts';
import type { LinkOptions } from './link-options.ts';
import { linkOf, withLink } from './link-options.ts';
import { addMonitor } from './monitor.ts';
import type { DataOption } from './options.ts';
import { nowInSeconds, printJson, withData, withJson, withStore } from './options.ts';
import { writeOut } from './out-file.ts';
import type { PlaceOptions } from './place.ts';
import { addPlace, placeOf, withPlace } from './place.ts';
import { deviceNamed, provisionedConfig } from './provisioned-device.ts';
import { tariffNamed } from './tariff.ts';
import { addTopUp } from './topup.ts';
import { addUpdate } from './update.ts';
import { METER_FORMS, parseButton, parseMeter, parseOutput, STAND_IN, standInAdvice } from './wiring.ts';

interface JsonOption extends DataOption {
  readonly json?: boolean;
}

interface AddOptions extends JsonOption, LinkOptions, PlaceOptions {
  readonly profile: Profile;
  readonly label: string;
  readonly payer: string;
  readonly payee: string;
  readonly currency?: string;
  readonly unit?: string;
  readonly tariff?: string;
  readonly price?: number;
  readonly per?: number;
  readonly limit?: number;
  readonly chain?: number;
  readonly credit?: number;
  readonly meter?: MeterConfig;
  readonly output?: OutputConfig;
  readonly button?: InputConfig;
  readonly prepaid?: number;
  readonly lowBalance?: number;
  readonly issueEvery?: number;
}

export function addDeviceCommands(program: Command): void {
  const device = program
    .command('device')
    .description('enrol, list, top up, place, build, flash, monitor, measure, update and revoke devices');
  addAdd(device);
  withJson(withData(device.command('list')))
    .description('the enrolled devices')
    .action(list);
  withJson(withData(device.command('build <device>')))
    .description("the device's firmware as one minified file; it holds the device's secrets")
    .option('-o, --output <file>', 'where to write it (default: <device>.js)')
    .option('--low-ram', 'a build that needs less memory, and longer for a payment')
    .action(build);
  addTopUp(device);
  addPlace(device);
  addFlash(device);
  addMonitor(device);
  addBench(device);
  addUpdate(device);
  withJson(withData(device.command('revoke <device>')))
    .description('refuse the device from now on; what it has paid stays paid')
    .action(revokeDevice);
}

function addAdd(device: Command): void {
  const command = withJson(withData(device.command('add')))
    .description('make keys for a new device on this machine and enrol it')
    .addOption(new Option('--profile <name>', 'what kind of machine').choices(PROFILES).default('generic'))
    .requiredOption('--label <text>', 'what people call it')
    .requiredOption('--payer <account>', 'who is charged')
    .requiredOption('--payee <account>', 'who is credited')
    .addOption(
      new Option('--tariff <id>', 'a tariff that was added, instead of --price').conflicts(['price', 'per', 'currency', 'unit']),
    )
    .option('--price <amount>', 'price of --per units, such as 2.50', parseMicros)
    .option('--per <units>', 'how many units the price is for', wholeNumber(1, 1_000_000))
    .option('--currency <code>', 'ISO 4217')
    .option('--unit <name>', 'what is counted')
    .option(
      '--limit <units>',
      "the most one channel may owe (the profile's, or a tenth of what the payer's wallet has free)",
      wholeNumber(1, MAX_UNITS),
    )
    .option('--chain <units>', 'length of the hash chain', wholeNumber(1, MAX_CHAIN_UNITS))
    .option('--credit <amount>', 'the most one channel may owe in money', parseMicros)
    .option('--meter <spec>', `${METER_FORMS} (default: ${STAND_IN}, which stands in for a machine)`, parseMeter)
    .option('--output <pin>', 'relay, valve or approval that the board switches; <pin>:low if low level is on', parseOutput)
    .option('--button <pin>', 'starts and stops a charge', parseButton)
    .option('--prepaid <units>', 'serve only what is granted, so many units at first', wholeNumber(0, Number.MAX_SAFE_INTEGER))
    .option('--low-balance <units>', 'warn when so little is left', wholeNumber(1, MAX_UNITS))
    .option('--issue-every <duration>', 'how long units may wait for their voucher', parseDurationMs);
  withLink(withPlace(command)).action(add);
}

function add(options: AddOptions): void {
  const isNew = !existsSync(join(options.data, DATABASE_FILE));
  withStore(options.data, (store) => {
    const tariff = options.tariff === undefined ? ownTariff(options) : tariffNamed(store, options.tariff);
    const limitUnits = limitFor(store, options, tariff);
    const config = refusedAsData(() => enrol(store, requestOf(options, tariff, limitUnits)));
    if (options.meter === undefined) process.stderr.write(standInAdvice(tariff.unit));
    if (isNew) process.stderr.write(`there was no hub in ${options.data}; a new one, ${toHex(store.hub)}, begins there\n`);
    const path = saveProvisioned(options.data, { label: options.label, config });
    if (options.json === true) printJson({ device: config.device, file: path, tariff: config.tariff });
    else process.stdout.write(`enrolled ${config.device} (${options.label}); its configuration, with its secrets: ${path}\n`);
  });
}

/** The profile's, unless the payer's wallet is too small for it. */
function limitFor(store: Store, { payer, profile, limit }: AddOptions, tariff: Tariff): number {
  const wanted = {
    payer: accountIdOf(payer),
    tariff,
    limitUnits: limit ?? profileTerms(profile).limitUnits,
    isGiven: limit !== undefined,
  };
  const { limitUnits, advice } = fittingLimit(store, wanted, nowInSeconds());
  if (advice !== undefined) process.stderr.write(`${advice}\n`);
  return limitUnits;
}

/** One price for all units. */
function ownTariff(options: AddOptions): Tariff {
  const terms = profileTerms(options.profile);
  return flatTariff({
    ...terms,
    currency: options.currency ?? terms.currency,
    unit: options.unit ?? terms.unit,
    priceMicros: options.price ?? terms.priceMicros,
    perUnits: options.per ?? (options.price === undefined ? terms.perUnits : 1),
  });
}

function requestOf(options: AddOptions, tariff: Tariff, limitUnits: number): EnrolRequest {
  const terms = profileTerms(options.profile);
  return {
    profile: options.profile,
    label: options.label,
    payer: options.payer,
    payee: options.payee,
    tariff,
    limitUnits,
    chainUnits: options.chain ?? Math.min(terms.chainUnits, limitUnits),
    ...(options.credit === undefined ? {} : { creditMicros: options.credit }),
    meter: options.meter ?? parseMeter(STAND_IN),
    ...(options.output === undefined ? {} : { output: options.output }),
    ...(options.button === undefined ? {} : { button: options.button }),
    ...(options.prepaid === undefined ? {} : { prepaidUnits: options.prepaid }),
    ...(options.lowBalance === undefined ? {} : { lowBalanceUnits: options.lowBalance }),
    ...linkOf(options),
    place: placeOf(options),
    issueEveryMs: options.issueEvery ?? terms.issueEveryMs,
    keepaliveSeconds: 60,
  };
}

function list(options: JsonOption): void {
  withStore(options.data, (store) => {
    const devices = hubStatus(store).devices;
    if (options.json === true) return printJson(devices);
    if (devices.length === 0) process.stdout.write('no devices yet; enrol one with: tallystick device add --help\n');
    for (const row of devices) {
      const charged = `${row.totalUnits} ${row.unit}, ${formatMicros(row.chargedMicros)} ${row.currency}`;
      const balance = row.balanceUnits === null ? '' : `, ${row.balanceUnits} ${row.unit} left`;
      const firmware = row.firmware === null ? '' : `  firmware ${row.firmware.version}`;
      const update = row.update === null ? '' : ` (update: ${row.update})`;
      const marks = `${row.revoked ? '  REVOKED' : ''}${row.conflicted ? '  CONFLICTED' : ''}`;
      process.stdout.write(
        `${row.device}  ${row.label}  ${row.profile}  ${row.payer} -> ${row.payee}  ${charged}${balance}${firmware}${update}  ${seenWords(row)}${marks}\n`,
      );
    }
  });
}

/** What it last said of itself, and when that was. */
function seenWords({ state, lastSeenSeconds }: DeviceStatus): string {
  return lastSeenSeconds === null ? state : `${state}, last seen ${new Date(lastSeenSeconds * 1000).toISOString()}`;
}

interface BuildCommandOptions extends JsonOption {
  readonly output?: string;
  readonly lowRam?: boolean;
}

async function build(name: string, options: BuildCommandOptions): Promise<void> {
  const config = provisionedConfig(options.data, name);
  const { device } = config;
  const output = options.output ?? `${device}.js`;
  const firmware = await buildFirmware(config.profile, { lowRam: options.lowRam === true }).catch((error: unknown) => {
    if (error instanceof BuildRefused) throw new CommandFailed(EXIT.refused, error.message);
    throw error;
  });
  writeOut({ option: '-o', path: output, ownerOnly: true }, standaloneFile(firmware.code, config));
  if (options.json === true) printJson({ device, file: output, bytes: firmware.bytes });
  else process.stdout.write(`${output}: ${firmware.bytes} bytes; it holds the secrets of ${device}\n`);
}

function revokeDevice(name: string, options: JsonOption): void {
  const device = deviceNamed(name);
  withStore(options.data, (store) => {
    if (!revoke(store, device)) throw new CommandFailed(EXIT.data, `no device ${device} is enrolled in ${options.data}`);
    if (options.json === true) printJson({ device, revoked: true });
    else process.stdout.write(`revoked ${device}\n`);
  });
}

function refusedAsData<T>(attempt: () => T): T {
  try {
    return attempt();
  } catch (error) {
    if (error instanceof EnrolmentRefused) throw new CommandFailed(EXIT.refused, error.message);
    throw error;
  }
}
