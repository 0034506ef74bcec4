// How a command ends: exit codes with one meaning each, and one clear sentence on the error stream. In: what went wrong. Out: a process that
// ends. It must never end with 0 after a failure, nor print a stack trace for something that the user can mend.

export const EXIT = {
  ok: 0,
  unexpected: 1,
  usage: 2,
  data: 3,
  connection: 4,
  mismatch: 5,
  refused: 6,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Something that the user can mend: one sentence, and the code to end with. */
export class CommandFailed extends Error {
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, sentence: string) {
    super(sentence);
    this.exitCode = exitCode;
  }
}
