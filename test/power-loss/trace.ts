// The record that record.c leaves, as events in their order. In: a file, and the folder whose files it speaks of. Out: events; paths are from that folder on. It must
// never guess: a record that cannot be read is an error.

import { readFileSync } from 'node:fs';

export type DiskEvent =
  | { readonly kind: 'write'; readonly path: string; readonly at: number; readonly data: Buffer }
  | { readonly kind: 'size'; readonly path: string; readonly bytes: number }
  | { readonly kind: 'create' | 'unlink' | 'folder'; readonly path: string }
  | { readonly kind: 'rename'; readonly path: string; readonly to: string }
  /** A flush covers what was written before it began; it holds from its end on. */
  | { readonly kind: 'flush-begins' | 'flushed' | 'flush-failed'; readonly path: string; readonly thread: number };

export type NetEvent =
  | { readonly kind: 'heard'; readonly socket: number; readonly data: Buffer }
  | { readonly kind: 'told'; readonly socket: number; readonly data: Buffer };

export type TraceEvent = DiskEvent | NetEvent;

const HEAD_BYTES = 24;

export function readTrace(file: string, folder: string): TraceEvent[] {
  const trace = readFileSync(file);
  const events: TraceEvent[] = [];
  for (let at = 0; at < trace.length;) {
    const head = trace.subarray(at, at + HEAD_BYTES);
    const pathEnd = at + HEAD_BYTES + head.readUInt32LE(16);
    const end = pathEnd + head.readUInt32LE(20);
    if (end > trace.length) throw new Error(`the trace ends within a record at ${at}`);
    const path = nameIn(folder, trace.toString('utf8', at + HEAD_BYTES, pathEnd));
    events.push(eventOf(head, path, trace.subarray(pathEnd, end), folder));
    at = end;
  }
  return events;
}

/** '' is the folder itself. */
function nameIn(folder: string, path: string): string {
  return path === folder ? '' : path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : path;
}

function eventOf(head: Buffer, path: string, data: Buffer, folder: string): TraceEvent {
  const code = String.fromCharCode(head.readUInt32LE(0));
  const number = head.readUInt32LE(4);
  const at = Number(head.readBigUInt64LE(8));
  switch (code) {
    case 'W':
      return { kind: 'write', path, at, data };
    case 'T':
      return { kind: 'size', path, bytes: at };
    case 'C':
      return { kind: 'create', path };
    case 'U':
      return { kind: 'unlink', path };
    case 'M':
      return { kind: 'folder', path };
    case 'R':
      return { kind: 'rename', path, to: nameIn(folder, data.toString()) };
    case 'B':
      return { kind: 'flush-begins', path, thread: number };
    case 'S':
      return { kind: 'flushed', path, thread: number };
    case 'F':
      return { kind: 'flush-failed', path, thread: number };
    case 'I':
      return { kind: 'heard', socket: number, data };
    case 'N':
      return { kind: 'told', socket: number, data };
    default:
      throw new Error(`a record of kind ${code}, which nobody writes`);
  }
}
