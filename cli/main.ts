#!/usr/bin/env node
// The one command, `tallystick`. In: words on the command line. Out: an exit code with one meaning (see exit.ts). It knows nothing of what
// the commands do; which there are is said in commands.ts.

import { Command, CommanderError } from 'commander';
import { BooksDisagree } from '../hub/disagree.ts';
import { MoneyRefused } from '../hub/money-door.ts';
import { HubRefused } from '../hub/refused.ts';
import { diskAdvice } from '../hub/storage-fault.ts';
import { ProvisionedFileRefused } from '../hub/provisioned.ts';
import { addCommands } from './commands.ts';
import { CommandFailed, EXIT } from './exit.ts';
import { ownVersion } from './version.ts';

const program = new Command('tallystick')
  .description('Machines pay machines: boards sign pay-per-use vouchers, a hub verifies, books and settles them.')
  .version(ownVersion())
  .showHelpAfterError('(add --help for the options)')
  .enablePositionalOptions() // what stands after a command's name is that command's, also where a command has commands of its own
  .exitOverride();

program.addHelpText(
  'after',
  '\nExit codes: 0 ok, 1 unexpected, 2 usage, 3 data, 4 connection, 5 mismatch, 6 refused, 130 interrupted.',
);

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage; // commander has already said it
  if (error instanceof CommandFailed) return say(error.message, error.exitCode);
  if (error instanceof HubRefused) return say(error.message, error.kind === 'port-in-use' ? EXIT.connection : EXIT.data);
  if (error instanceof BooksDisagree) return say(`stopped, because the books disagree: ${error.message}`, EXIT.mismatch);
  if (error instanceof MoneyRefused) return say(error.message, EXIT.refused);
  if (error instanceof ProvisionedFileRefused) return say(error.message, EXIT.data);
  const advice = diskAdvice(error);
  if (advice !== undefined) return say(advice, EXIT.data);
  return say(error instanceof Error ? (error.stack ?? error.message) : String(error), EXIT.unexpected);
}

function say(sentence: string, exitCode: number): number {
  process.stderr.write(`tallystick: ${sentence}\n`);
  return exitCode;
}

// What a timer or a socket brings to light: a hub whose books contradict themselves stops here.
process.on('uncaughtException', (error) => process.exit(exitCodeOf(error)));

// Who reads our answer may have had enough of it, as `head` has: no failure of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(process.exitCode ?? EXIT.ok);
});

try {
  await addCommands(program, process.argv[2]);
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
}
