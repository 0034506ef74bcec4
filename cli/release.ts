// `tallystick account release CHANNEL`: closes a channel that a dead device has left open, so that what it held back is free again. In: a channel and the reason. Out: the
// channel, closed at what is accepted, by the hub that runs on the folder or by one that is started for it.

import type { Command } from 'commander';
import { checkedText, knownChannel } from '../hub/money-door.ts';
import { openStore } from '../hub/store.ts';
import type { Store } from '../hub/store.ts';
import { CommandFailed, EXIT } from './exit.ts';
import type { DataOption } from './options.ts';
import { nowInSeconds, printJson, withData, withJson } from './options.ts';
import { hubUnlessRunning } from './replay.ts';

const PATIENCE_MS = 15_000;
const LOOK_EVERY_MS = 50;

interface ReleaseOptions extends DataOption {
  readonly json?: boolean;
  readonly reason: string;
}

export function addRelease(account: Command): void {
  withJson(withData(account.command('release <channel>')))
    .description(
      'close a channel that a dead device has left open; later vouchers on it are refused, and the board carries them to its next channel',
    )
    .requiredOption('--reason <words>', 'why, for the record')
    .action(release);
}

async function release(name: string, options: ReleaseOptions): Promise<void> {
  const store = openStore(options.data);
  try {
    const { device, number, closed } = knownChannel(store, name);
    if (!closed) {
      store.atomically(() => store.reservations.ask({ device, number, reason: checkedText(options.reason) }, nowInSeconds()));
      await released(store, name);
    }
    const { acceptedUnits, chargedMicros } = knownChannel(store, name);
    if (options.json === true) printJson({ channel: name, wasClosed: closed, acceptedUnits, chargedMicros });
    else process.stdout.write(`${name} ${closed ? 'was closed already' : 'is closed'} at ${acceptedUnits} units\n`);
  } finally {
    store.close();
  }
}

async function released(store: Store, name: string): Promise<void> {
  const hub = await hubUnlessRunning(store);
  try {
    const endMs = Date.now() + PATIENCE_MS;
    while (!knownChannel(store, name).closed) {
      if (Date.now() > endMs)
        throw new CommandFailed(
          EXIT.connection,
          `the hub has not released ${name} within ${PATIENCE_MS / 1000} s; it will when it can (see its log)`,
        );
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  } finally {
    await hub?.close();
  }
}
