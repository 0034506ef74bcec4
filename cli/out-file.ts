// The files that people ask a command for. In: where to write, and what; a missing path means standard output. Out: the file, or one sentence with the option, the path and why not. What holds secrets or
// personal data is readable by its owner only, also where the file was there before.

import { accessSync, closeSync, constants, existsSync, fchmodSync, fstatSync, openSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { CommandFailed, EXIT } from './exit.ts';

export interface OutFile {
  /** As the user knows it: `-o`, `--html`, or the argument's name. */
  readonly option: string;
  readonly path: string;
  readonly ownerOnly?: boolean;
}

/** To standard output if no file was asked for. */
export function writeAnswer(out: Omit<OutFile, 'path'> & { readonly path: string | undefined }, text: string): void {
  const { path } = out;
  if (path === undefined) process.stdout.write(text);
  else writeOut({ ...out, path }, text);
}

export function writeOut(out: OutFile, text: string): void {
  orSentence(out, () => {
    const file = openSync(out.path, 'w', out.ownerOnly === true ? 0o600 : 0o666);
    try {
      if (out.ownerOnly === true && fstatSync(file).isFile()) fchmodSync(file, 0o600);
      writeFileSync(file, text);
    } finally {
      closeSync(file);
    }
  });
}

/** Before work that takes long: nobody shall wait for an answer that then has no place to go. Makes nothing. */
export function expectWritable(out: OutFile): void {
  orSentence(out, () => {
    const isThere = existsSync(out.path);
    if (isThere && statSync(out.path).isDirectory()) throw new Error('it is a folder');
    accessSync(isThere ? out.path : dirname(out.path), constants.W_OK);
  });
}

function orSentence(out: OutFile, write: () => void): void {
  try {
    write();
  } catch (error) {
    const why = (error as Error).message;
    throw new CommandFailed(EXIT.data, `${out.option}: expected a file that can be written, got ${out.path} (${why})`);
  }
}
