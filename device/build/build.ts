// The build: device/main.ts and a profile become the one file that every board of that profile gets. In: the profile's name. Out: the program as
// minified ASCII and as the interpreter's tokens; bundled by esbuild, which refuses syntax that Espruino has not, and passed by the gate, which
// refuses the rest. It must never let out a file that only fails when the board runs it, nor anything that one board may know alone.

import { existsSync, readFileSync } from 'node:fs';
import type { SourceMapPayload } from 'node:module';
import { SourceMap } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BuildFailure, Message, Plugin, TransformOptions } from 'esbuild';
import { build, transform } from 'esbuild';
import type { Bytes } from '../../shared/bytes.ts';
import { gate } from './gate.ts';
import { SHORT_NAMES } from './names.ts';
import type { Resident } from './on-demand.ts';
import { onDemand } from './on-demand.ts';
import { withOneBoard } from './one-board.ts';
import type { Finding } from './refused.ts';
import { BuildRefused } from './refused.ts';
import { shrunk } from './shrink.ts';

export { BuildRefused } from './refused.ts';

export interface ProgramFile {
  /** Printable ASCII. */
  readonly code: string;
  readonly bytes: number;
}

export interface FirmwareFile {
  /** What the board gets: a byte string of tokens. */
  readonly code: Bytes;
  readonly bytes: number;
  /** The same program before it became tokens. */
  readonly text: string;
}

/** What runs 42 times a signature or more: made anew at each call it takes a fifth of the signature's time. */
const TURNS_OF_SIGNATURE = ['sumSlice', 'addDigit', 'beginAddition', 'joinAddition', 'endAddition'];
/** Parts of a signature that are called one at a time: put where they are called, all of them would be in memory and read with each. */
const PARTS_OF_SIGNATURE = [...['prepareSum', 'turnColumn', 'prepareDoubling', 'beginDoubling'], ...['invert', 'encodePoint']];

/** What runs at every payment, from the vend to the receipt, stays in memory; and what is small and called in so many places that the calls take more of the file. */
const RESIDENT: Resident = {
  from: [
    'pump',
    'setBeat',
    'collect',
    'turn',
    'sendUp',
    'refresh',
    'countUnits',
    'stopAckTimer',
    'work',
    'digest',
    'newestNumber',
    ...['readHead', 'readUint', 'readerOf', 'readEnd', 'readArray', 'readBytesWithin'],
    ...['turned', 'fail', 'mark', 'tell'],
    ...TURNS_OF_SIGNATURE,
  ],
  without: [
    ...['openNext', 'newChannel', 'chainSalt', 'buildChain', 'createChain', 'endSession', 'turnPage', 'closeAll'],
    ...['announce', 'showCode', 'workOnce', 'verifyOffer', 'compute', 'cannotSign', 'carryOver', 'nextReport', 'nextDueMs'],
    ...['restartWhenQuiet', 'isClosed', 'standingOf', 'hear'],
    ...PARTS_OF_SIGNATURE,
  ],
};

/** The low-RAM build keeps only what is called again and again while a word is read, written, or walked to: each payment makes the rest, and takes longer. */
const RESIDENT_LOW_RAM: Resident = {
  from: ['readUint', 'writeUint', 'linkBefore', 'digest', 'turned'],
  without: [...TURNS_OF_SIGNATURE, ...PARTS_OF_SIGNATURE],
};

export interface BuildOptions {
  readonly profile?: string;
  /** Reads what comes without sentences about what is wrong with it. */
  readonly terse?: boolean;
  /** Has a board to itself: its names may be global ones, and these functions stay in memory. */
  readonly resident?: Resident;
}

/** What Espruino has no syntax for, and esbuild would have to leave as it is. */
const MISSING = [
  ...['array-spread', 'async-await', 'async-generator', 'bigint', 'class', 'default-argument', 'destructuring', 'dynamic-import'],
  ...['for-await', 'generator', 'import-meta', 'new-target', 'nested-rest-binding', 'object-extensions', 'object-rest-spread'],
  ...[
    'rest-argument',
    'regexp-dot-all-flag',
    'regexp-lookbehind-assertions',
    'regexp-match-indices',
    'regexp-named-capture-groups',
  ],
  ...[
    'regexp-set-notation',
    'regexp-sticky-and-unicode-flags',
    'regexp-unicode-property-escapes',
    'top-level-await',
    'unicode-escapes',
  ],
  ...['exponent-operator', 'logical-assignment', 'nullish-coalescing', 'optional-chain', 'template-literal', 'using'],
];

/** Espruino's own modules stay as `require`. */
const BUILT_IN = ['crypto', 'Flash', 'net', 'Storage', 'tls', 'Wifi'];

/** The sources lie in the package, wherever this file was compiled to. */
function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'device', 'main.ts'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error('the firmware sources are missing: expected device/main.ts above ' + import.meta.url);
    folder = parent;
  }
  return folder;
}

/** Where names lie that mean something outside the bundle: Espruino's own, what the file of settings says, and what people type at the console. */
const SPOKEN_OUTSIDE: ReadonlyArray<readonly [string, RegExp]> = [
  ['shared/config.ts', /[^]*/],
  ['device/espruino.d.ts', /[^]*/],
  ['device/firmware.ts', /interface Face \{[^}]*\}/],
];

/** A member's name at the beginning of a line or of an object, and not a parameter's. */
const MEMBER = /(?:^ *|[{;] )(?:readonly |declare const |declare function )?([A-Za-z_]\w*)\??[:(<]/gm;

/** Every other property gets a short name: above four characters a name costs memory in each object that has it. */
function keptNames(root: string): RegExp {
  const words = new Set<string>();
  for (const [file, part] of SPOKEN_OUTSIDE) {
    const text = part.exec(readFileSync(join(root, file), 'utf8'))?.[0] ?? '';
    for (const match of text.matchAll(MEMBER)) words.add(match[1] as string);
  }
  for (const name of Object.keys(SHORT_NAMES)) words.delete(name);
  return new RegExp(`^(?:${[...words].join('|')})$`);
}

function findingOf(message: Message): Finding {
  const { file, line, column } = message.location ?? { file: 'device/main.ts', line: 1, column: 0 };
  return { file, line, column, sentence: message.text };
}

/** The one profile that goes into the file takes the place of the generic one, which main.ts names. */
function chosenProfile(root: string, profile: string): Plugin {
  const path = join(root, 'device', 'profiles', `${profile}.ts`);
  if (!/^[a-z][a-z0-9-]*$/.test(profile) || !existsSync(path)) {
    const sentence = `expected a profile of which device/profiles has a file, got ${JSON.stringify(profile)}`;
    throw new BuildRefused([{ file: 'device/main.ts', line: 1, column: 0, sentence }]);
  }
  return {
    name: 'chosen-profile',
    setup(build) {
      build.onResolve({ filter: /^\.\/profiles\/generic\.ts$/ }, () => ({ path }));
    },
  };
}

/** The board's own CBOR takes the place of the one that can explain itself. */
function terseCbor(root: string): Plugin {
  return {
    name: 'terse-cbor',
    setup(build) {
      build.onResolve({ filter: /\/cbor\.ts$/ }, () => ({ path: join(root, 'device', 'terse-cbor.ts') }));
    },
  };
}

interface Bundle {
  readonly code: string;
  readonly map: string;
}

interface BundleOptions {
  readonly define: Record<string, string>;
  readonly plugins: Plugin[];
  /** For the minifier, not for people. */
  readonly syntax?: Syntax;
}

type Syntax = Pick<TransformOptions, 'minifySyntax' | 'mangleProps' | 'mangleCache' | 'reserveProps'>;

const OUTPUT = {
  target: 'es2015',
  supported: Object.fromEntries(MISSING.map((feature) => [feature, false])),
  charset: 'ascii',
  legalComments: 'none',
  tsconfigRaw: '{}',
  logLevel: 'silent',
} as const;

/** One readable script. */
async function bundle(entry: string, root: string, { define, plugins, syntax = {} }: BundleOptions): Promise<Bundle> {
  try {
    const result = await build({
      absWorkingDir: root,
      entryPoints: [entry],
      outfile: join(root, 'firmware.js'), // names the parts of the answer; nothing is written
      bundle: true,
      write: false,
      sourcemap: 'external',
      format: 'cjs',
      platform: 'node',
      ...OUTPUT,
      ...syntax,
      external: BUILT_IN,
      define,
      plugins,
      banner: { js: '(function(){' },
      footer: { js: '})();' },
    });
    if (result.warnings.length > 0) throw new BuildRefused(result.warnings.map(findingOf));
    const textOf = (ending: string): string => result.outputFiles.find((file) => file.path.endsWith(ending))?.text ?? '';
    return { code: textOf('.js'), map: textOf('.map') };
  } catch (error) {
    if (error instanceof BuildRefused) throw error;
    throw new BuildRefused((error as BuildFailure).errors.map(findingOf));
  }
}

/** What the minifier gets: properties have short names, all but those in quotes, and what has a board to itself has no Board. */
async function shortBundle(entry: string, root: string, options: BundleOptions, hasOneBoard: boolean): Promise<string> {
  const names = { mangleProps: /./, mangleCache: { ...SHORT_NAMES }, reserveProps: keptNames(root) };
  const minifySyntax = true;
  if (!hasOneBoard) return (await bundle(entry, root, { ...options, syntax: { ...names, minifySyntax } })).code;
  const { code } = await bundle(entry, root, { ...options, syntax: { minifySyntax } });
  return (await transform(withOneBoard(code), { ...OUTPUT, ...names })).code;
}

/** A finding in the readable bundle, told as a place in the sources. */
function inSources(finding: Finding, map: string): Finding {
  const entry = new SourceMap(JSON.parse(map) as SourceMapPayload).findEntry(finding.line - 1, finding.column);
  if (!('originalSource' in entry)) return finding;
  return { ...finding, file: entry.originalSource, line: entry.originalLine + 1, column: entry.originalColumn };
}

/** A control character in a string literal would be a command on a board's console: it is written as its escape. */
function printable(code: string): string {
  // eslint-disable-next-line no-control-regex -- they are what is looked for
  return code.replace(/[\x00-\x09\x0b-\x1f\x7f]/g, (character) => '\\x' + character.charCodeAt(0).toString(16).padStart(2, '0'));
}

/** Any entry of the subset: the readable bundle is judged first, for its positions, and the minified one again. */
export async function buildFile(
  entry: string,
  define: Record<string, string> = {},
  options: BuildOptions = {},
): Promise<ProgramFile> {
  const root = packageRoot();
  const plugins = [chosenProfile(root, options.profile ?? 'generic'), ...(options.terse === true ? [terseCbor(root)] : [])];
  const readable = await bundle(entry, root, { define, plugins });
  const findings = gate(readable.code, { file: 'the bundle', library: true });
  if (findings.length > 0) throw new BuildRefused(findings.map((finding) => inSources(finding, readable.map)));
  const short = await shortBundle(entry, root, { define, plugins }, options.resident !== undefined);
  const code = printable(await shrunk(short, options.resident));
  const minified = gate(code, { file: 'the minified bundle', library: false });
  if (minified.length > 0) throw new BuildRefused(minified);
  return { code, bytes: code.length };
}

export interface FirmwareOptions {
  /** Keeps less in memory. */
  readonly lowRam?: boolean;
}

const SMALL = '-small';

/** A build's name says its profile and whether it is the one for little memory. */
export function buildName(profile: string, { lowRam = false }: FirmwareOptions = {}): string {
  return lowRam ? profile + SMALL : profile;
}

/** The firmware of a build by its name, as updates know it. */
export async function buildNamed(build: string): Promise<FirmwareFile> {
  return build.endsWith(SMALL) ? buildFirmware(build.slice(0, -SMALL.length), { lowRam: true }) : buildFirmware(build);
}

export async function buildFirmware(profile: string, { lowRam = false }: FirmwareOptions = {}): Promise<FirmwareFile> {
  const resident = lowRam ? RESIDENT_LOW_RAM : RESIDENT;
  const { code: text } = await buildFile('device/main.ts', {}, { terse: true, resident, profile });
  const code = onDemand(text);
  return { code, bytes: code.length, text };
}
