// Runs a bundle on the real interpreter. In: an entry file that prints `#tag value` lines and ends with `#done`. Out: what it printed, by tag.
// The interpreter is found through the environment variable ESPRUINO only; it must never be left running.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const interpreter = process.env['ESPRUINO'] ?? '';

/** Runs the code with these files in the board's flash, by name. */
export async function runOnBoard(
  code: string,
  files: ReadonlyMap<string, Uint8Array>,
  timeoutMs: number,
): Promise<Map<string, string[]>> {
  const folder = mkdtempSync(join(tmpdir(), 'tallystick-sign-'));
  try {
    writeFileSync(join(folder, 'install.js'), installText(files), 'latin1');
    writeFileSync(join(folder, 'run.js'), code, 'latin1');
    await outputOf(folder, 'install.js', timeoutMs);
    return tagged(await outputOf(folder, 'run.js', timeoutMs));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Writes in pieces, one statement each, as a board is flashed: the interpreter has too few variables for the whole. */
function installText(files: ReadonlyMap<string, Uint8Array>): string {
  let text = '';
  for (const [name, bytes] of files) {
    for (let at = 0; at < bytes.length; at += 1536) {
      const piece = Buffer.from(bytes.subarray(at, at + 1536)).toString('base64');
      text += 'require("Storage").write("' + name + '",atob("' + piece + '"),' + at + ',' + bytes.length + ');\n';
    }
  }
  return text + 'console.log("#done");\n';
}

function outputOf(folder: string, file: string, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(interpreter, [file], { cwd: folder, stdio: ['pipe', 'pipe', 'inherit'] });
    let text = '';
    const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    child.stdout.setEncoding('latin1');
    child.stdout.on('data', (part: string) => {
      text += part;
      if (text.includes('#done')) child.kill('SIGKILL');
    });
    child.on('error', reject);
    child.on('close', () => {
      clearTimeout(timer);
      if (text.includes('#done')) resolve(text);
      else reject(new Error('the interpreter did not print #done; its last words: ' + text.slice(-1500)));
    });
  });
}

function tagged(text: string): Map<string, string[]> {
  const out = new Map<string, string[]>();
  for (const match of text.matchAll(/#(\w+) ([^\r\n]*)/g)) {
    const tag = match[1] ?? '';
    out.set(tag, [...(out.get(tag) ?? []), match[2] ?? '']);
  }
  return out;
}
