// What the commands that talk to a board share: the port as typed, and a board's failure as an exit code. In: text, errors. Out: a port, a failed command.

import type { FailureKind } from '../device/upload/failed.ts';
import { BoardFailed } from '../device/upload/failed.ts';
import type { Port } from '../device/upload/port.ts';
import { parsePort } from '../device/upload/port.ts';
import type { ExitCode } from './exit.ts';
import { CommandFailed, EXIT } from './exit.ts';

export function portOf(text: string): Port {
  const port = parsePort(text);
  if (typeof port === 'string') throw new CommandFailed(EXIT.usage, `--port: ${port}`);
  return port;
}

const REFUSED: readonly FailureKind[] = [
  ...(['board-refused', 'too-old', 'no-crypto', 'not-enough-storage', 'firmware-stopped', 'board-fault'] as const),
  ...(['credentials-refused', 'wrong-secrets', 'hub-refuses'] as const),
];

function exitOf(kind: FailureKind): ExitCode {
  if (kind === 'mismatch') return EXIT.mismatch;
  return REFUSED.includes(kind) ? EXIT.refused : EXIT.connection;
}

export function asCommandFailure(error: unknown): never {
  if (error instanceof BoardFailed) throw new CommandFailed(exitOf(error.kind), error.message);
  throw error;
}
