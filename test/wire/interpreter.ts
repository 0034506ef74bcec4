// The real interpreter as an implementation of the wire: shared/ bundled for it, one process per list of steps. In: steps. Out: its answers. Each process
// has its own folder, because the interpreter keeps its flash in the current one, and an idle pipe for input.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Implementation, Step } from './conformance.ts';
import type { Fields } from './fields.ts';

const ENTRY = fileURLToPath(new URL('./interpreter-entry.ts', import.meta.url));
const MARK = '@@';

/** The bundle for the interpreter: what esbuild can refuse of what the interpreter lacks, it refuses. */
async function bundle(): Promise<string> {
  const result = await build({
    entryPoints: [ENTRY],
    bundle: true,
    write: false,
    format: 'cjs',
    platform: 'node',
    target: 'es2015',
    supported: {
      generator: false,
      'default-argument': false,
      destructuring: false,
      'rest-argument': false,
      'array-spread': false,
    },
    external: ['crypto'],
    charset: 'ascii',
    minify: true,
    legalComments: 'none',
  });
  return result.outputFiles[0]?.text ?? '';
}

function answersIn(console: string): Fields[] {
  const lines = console.split(/\r?\n/).map((line) => line.slice(Math.max(0, line.indexOf(MARK))));
  const marked = lines.filter((line) => line.startsWith(MARK) && line !== `${MARK}end`);
  return marked.map((line) => JSON.parse(line.slice(MARK.length)) as Fields);
}

/** Runs a script until it prints the end mark or stops; its whole console either way. */
function runScript(interpreter: string, script: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'wire-'));
  writeFileSync(join(folder, 'wire.js'), script);
  return new Promise((resolve, reject) => {
    const child = spawn(interpreter, ['wire.js'], { cwd: folder, stdio: ['pipe', 'pipe', 'ignore'] });
    let console = '';
    child.stdout.setEncoding('latin1').on('data', (text: string) => {
      console += text;
      if (console.includes(`${MARK}end`)) child.kill('SIGKILL');
    });
    child.on('error', reject);
    child.on('close', () => {
      rmSync(folder, { recursive: true });
      resolve(console);
    });
  });
}

export function onInterpreter(interpreter: string): Implementation {
  let code: Promise<string> | undefined;
  return {
    async run(steps: readonly Step[]) {
      code ??= bundle();
      const console = await runScript(interpreter, `var STEPS=${JSON.stringify(steps)};\n${await code}`);
      const answers = answersIn(console);
      if (answers.length !== steps.length) {
        throw new Error(
          `expected ${steps.length} answers of the interpreter, got ${answers.length}; its console: ${console.slice(-2000)}`,
        );
      }
      return answers;
    },
  };
}
