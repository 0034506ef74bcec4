// What is kept of the last audit that the hub has made of itself: when it ended, and how. In: an outcome. Out: a small file in the data folder, and back, for whoever asks for the status. It proves
// nothing: who can edit the database can edit the file, and an audit of one's own is what counts.

import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const took = { startedAtSeconds: z.int(), endedAtSeconds: z.int() };
const noteSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('sound'), ...took, checked: z.record(z.string(), z.int()) }),
  /** The row, and the two things that disagree. */
  z.object({ kind: z.literal('unsound'), ...took, fault: z.string() }),
  /** It did not come to an end. */
  z.object({ kind: z.literal('broken-off'), ...took, why: z.string() }),
]);

export type AuditNote = z.infer<typeof noteSchema>;

const AUDIT_FILE = 'hub.audit';

/** `undefined` while there was none, or where the file is none of ours. */
export function readAuditNote(dataDir: string): AuditNote | undefined {
  try {
    return noteSchema.safeParse(JSON.parse(readFileSync(join(dataDir, AUDIT_FILE), 'utf8'))).data;
  } catch {
    return undefined; // never written, or not readable: the next audit writes it anew
  }
}

/** False when the system lets nothing be written: an audit is not worth less then. */
export function writeAuditNote(dataDir: string, note: AuditNote): boolean {
  const path = join(dataDir, AUDIT_FILE);
  try {
    writeFileSync(`${path}.part`, `${JSON.stringify(note)}\n`, { mode: 0o600 });
    renameSync(`${path}.part`, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall !== undefined) return false;
    throw error;
  }
}
