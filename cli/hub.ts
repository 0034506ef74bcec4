// `tallystick hub`: the operator's hub in the foreground, until it is told to stop. In: where it listens and keeps its data. Out: a line when it
// is ready (with --json one JSON object), then its log on the error stream.

import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import type { Logger } from 'pino';
import type { Hub } from '../hub/hub.ts';
import { openHub } from '../hub/hub.ts';
import { BooksDisagree } from '../hub/disagree.ts';
import { keepHeadroom } from '../hub/headroom.ts';
import { CLAIM_EVERY_MS } from '../hub/rounds.ts';
import { isStorageFault } from '../hub/storage-fault.ts';
import { toHex } from '../shared/bytes.ts';
import { parseDurationMs } from './duration.ts';
import type { ListenOptions } from './options.ts';
import { listenOf, loggerOf, printJson, withJson, withListen } from './options.ts';
import type { SelfAudits } from './self-audit.ts';
import { auditRegularly } from './self-audit.ts';
import { termsIn } from './settle-terms.ts';
import { stopAfter } from './stop.ts';

interface HubCommandOptions extends ListenOptions {
  readonly json?: boolean;
  readonly claimEvery: number;
  readonly settleEvery?: number;
  readonly auditEvery: number | 'off';
}

const DAY_MS = 86_400_000;
/** Less would be one round after the other. */
const LEAST_EVERY_MS = 1000;

export function addHubCommand(program: Command): void {
  withJson(withListen(program.command('hub')))
    .description('run the hub: broker, verification, books')
    .addOption(
      new Option('--claim-every <duration>', 'draw claims into the books; seldom is kinder to an SD card')
        .argParser((text) => everyOf(text, '1s or more'))
        .default(CLAIM_EVERY_MS, '5s'),
    )
    .option('--settle-every <duration>', 'settle claims on a timer (off unless given)', parseDurationMs)
    .addOption(
      new Option('--audit-every <duration>', 'have the books audited by a process of its own, or off')
        .argParser(parseAuditEvery)
        .default(DAY_MS, '24h'),
    )
    .action(runHub);
}

function parseAuditEvery(text: string): number | 'off' {
  return text === 'off' ? 'off' : everyOf(text, '1s or more, or off');
}

function everyOf(text: string, expected: string): number {
  const everyMs = parseDurationMs(text);
  if (everyMs < LEAST_EVERY_MS) throw new InvalidArgumentError(`expected ${expected}, got "${text}"`);
  return everyMs;
}

async function runHub(options: HubCommandOptions): Promise<void> {
  const log = loggerOf(options.logLevel);
  const stopped = stopAfter(undefined);
  keepHeadroom();
  const hub = await openHub({ ...listenOf(options), log, claimEveryMs: options.claimEvery, terms: await termsIn(options.data) });
  const timer =
    options.settleEvery === undefined ? undefined : setInterval(() => void settleOrWait(hub, log), options.settleEvery);
  const tls = hub.tlsPort === undefined ? {} : { tlsPort: hub.tlsPort };
  const ready = { hub: toHex(hub.id), host: options.host, port: hub.port, ...tls, data: options.data };
  if (options.json === true) printJson(ready);
  else {
    const withTls = hub.tlsPort === undefined ? '' : ` and with TLS on port ${hub.tlsPort}`;
    process.stdout.write(
      `hub ${ready.hub} listens on ${ready.host}:${ready.port}${withTls}, data in ${ready.data}; Ctrl-C stops it\n`,
    );
  }
  const audits = auditsOf(options, log);
  const fault = await Promise.race([stopped.then(() => undefined), ...(audits === undefined ? [] : [audits.unsound])]);
  audits?.stop();
  clearInterval(timer);
  await hub.close();
  if (fault !== undefined) throw new BooksDisagree(`${fault}; see tallystick audit --all`);
}

function auditsOf({ auditEvery, data }: HubCommandOptions, log: Logger): SelfAudits | undefined {
  return auditEvery === 'off' ? undefined : auditRegularly({ dataDir: data, everyMs: auditEvery, log });
}

/** What cannot be stored now is settled at a later tick: a batch under way is finished first, and payouts under way are asked for again. */
async function settleOrWait(hub: Hub, log: Logger): Promise<void> {
  try {
    const { waiting, held } = hub.settle({ dryRun: false });
    if (waiting !== undefined) log.warn({ batch: waiting }, 'a batch waits for approval');
    if (held.length > 0) log.info({ held: held.length }, 'some of what is due is held back; see tallystick settle --dry-run');
    const sent = await hub.send();
    for (const { rail, why } of sent?.unavailable ?? []) log.warn({ rail, why }, 'nothing is known yet of payouts');
  } catch (error) {
    if (!isStorageFault(error)) throw error;
    log.error({ err: error }, 'claims could not be settled');
  }
}
