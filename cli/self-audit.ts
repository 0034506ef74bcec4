// The hub audits itself: now and then the command `audit`, in a process of its own with the lowest priority, on a snapshot that other processes go on from. In: the data folder, and how often. Out: a note of how each ended, in
// the folder and in the log; and a promise that comes true when the books do not fit, for then the hub must not go on.

import { spawn } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import type { Logger } from 'pino';
import { z } from 'zod';
import { sentenceOf } from '../hub/audit/fault.ts';
import type { AuditNote } from '../hub/audit/note.ts';
import { readAuditNote, writeAuditNote } from '../hub/audit/note.ts';
import { EXIT } from './exit.ts';
import { nowInSeconds } from './options.ts';

/** A hub that has never been audited is, so long after its start. */
const FIRST_AFTER_MS = 600_000;
const LOOK_EVERY_MS = 10_000;
const SAID_CHARACTERS = 300;

export interface SelfAudits {
  /** The row and the two things that disagree, once an audit has found such. */
  readonly unsound: Promise<string>;
  stop(): void;
}

interface Asked {
  readonly dataDir: string;
  readonly everyMs: number;
  readonly log: Logger;
}

export function auditRegularly({ dataDir, everyMs, log }: Asked): SelfAudits {
  const startedAtSeconds = nowInSeconds();
  const abort = new AbortController();
  let running = false;
  let found: (fault: string) => void;
  const unsound = new Promise<string>((resolve) => (found = resolve));
  sayBefore(readAuditNote(dataDir), log);

  async function look(): Promise<void> {
    if (running || nowInSeconds() < dueAt(readAuditNote(dataDir), startedAtSeconds, everyMs)) return;
    running = true;
    const end = await auditOnce(dataDir, abort.signal).finally(() => (running = false));
    if (abort.signal.aborted) return;
    if (!writeAuditNote(dataDir, end.note)) log.error('the end of the audit could not be noted in the data folder');
    say(end, log);
    if (end.note.kind === 'unsound' && end.stops) found(end.note.fault);
  }

  const timer = setInterval(() => void look(), Math.min(everyMs, LOOK_EVERY_MS));
  return {
    unsound,
    stop() {
      clearInterval(timer);
      abort.abort();
    },
  };
}

function dueAt(last: AuditNote | undefined, startedAtSeconds: number, everyMs: number): number {
  if (last === undefined) return startedAtSeconds + Math.min(everyMs, FIRST_AFTER_MS) / 1000;
  // A clock that was set back must not put it off for years.
  return Math.min(last.endedAtSeconds, nowInSeconds()) + everyMs / 1000;
}

interface End {
  readonly note: AuditNote;
  /** Books that do not fit; what only insight counts stops nothing. */
  readonly stops: boolean;
}

const reportSchema = z.object({
  sound: z.boolean(),
  faults: z.array(z.object({ table: z.string(), row: z.string(), what: z.string() })),
  checked: z.record(z.string(), z.int()),
});

async function auditOnce(dataDir: string, signal: AbortSignal): Promise<End> {
  const startedAtSeconds = nowInSeconds();
  const { code, stdout, stderr } = await audited(dataDir, signal);
  const took = { startedAtSeconds, endedAtSeconds: nowInSeconds() };
  const report = reportSchema.safeParse(jsonOf(stdout)).data;
  if (report === undefined || (code !== EXIT.ok && code !== EXIT.mismatch)) {
    const why = `exit code ${code}: ${stderr.trim().slice(-SAID_CHARACTERS)}`;
    return { note: { kind: 'broken-off', ...took, why }, stops: false };
  }
  const [fault] = report.faults;
  if (fault === undefined) return { note: { kind: 'sound', ...took, checked: report.checked }, stops: false };
  return { note: { kind: 'unsound', ...took, fault: sentenceOf(fault) }, stops: fault.table !== 'sales' };
}

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function audited(dataDir: string, signal: AbortSignal): Promise<Ended> {
  return new Promise((ended) => {
    const words = [...process.execArgv, process.argv[1] ?? '', 'audit', '--json', '--data', dataDir];
    const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'pipe'], signal });
    const said = { stdout: '', stderr: '' };
    child.stdout.on('data', (chunk: Buffer) => (said.stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (said.stderr += chunk.toString()));
    child.once('spawn', () => lower(child.pid));
    child.once('error', (error) => ended({ ...said, code: null, stderr: error.message }));
    child.once('close', (code) => ended({ ...said, code }));
  });
}

/** It is no harm where the system does not let us, or it has ended by now. */
function lower(pid: number | undefined): void {
  try {
    if (pid !== undefined) setPriority(pid, constants.priority.PRIORITY_LOW);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_SYSTEM_ERROR') throw error;
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function sayBefore(note: AuditNote | undefined, log: Logger): void {
  if (note?.kind !== 'unsound') return;
  log.error(
    { fault: note.fault, endedAt: new Date(note.endedAtSeconds * 1000).toISOString() },
    'the last audit has found a fault',
  );
}

function say({ note }: End, log: Logger): void {
  const seconds = note.endedAtSeconds - note.startedAtSeconds;
  if (note.kind === 'sound') log.info({ seconds, checked: note.checked }, 'audited: the books are sound');
  else if (note.kind === 'unsound') log.fatal({ seconds, fault: note.fault }, 'audited: the books do not fit');
  else log.warn({ seconds, why: note.why }, 'the audit did not come to an end; it is tried again');
}
