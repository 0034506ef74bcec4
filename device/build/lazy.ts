// Modules that exist only while they are used: what they declare is wrapped into one function, so that on the board it is made by a call and gone when nobody
// holds what the call gave. In: the one function that such a module exports. Out: plugins for the bundler. It must never wrap a module that keeps anything
// between two calls.

import { dirname, join } from 'node:path';
import type { Plugin } from 'esbuild';
import { build } from 'esbuild';

interface LazyModule {
  /** As in the imports of those who use it. */
  readonly file: string;
  readonly exported: string;
  readonly parameters: string;
}

const LAZY: readonly LazyModule[] = [{ file: 'device/ed25519.ts', exported: 'openEd25519', parameters: 'native, sha512, table' }];

/** The small engine takes the place of the fast one. */
function smallEngine(root: string): Plugin {
  return {
    name: 'small-engine',
    setup(build) {
      build.onResolve({ filter: /^\.\/ed25519unrolled\.ts$/ }, () => ({ path: join(root, 'device', 'ed25519loops.ts') }));
    },
  };
}

/** The module and all it imports as the body of one function; its places in the sources stay known. */
async function wrapped(path: string, { exported, parameters }: LazyModule, inner: Plugin[]): Promise<string> {
  const result = await build({
    stdin: {
      contents: `import { ${exported} } from ${JSON.stringify(path)};\nlazyResult(${exported}(${parameters}));`,
      resolveDir: dirname(path),
      loader: 'ts',
    },
    bundle: true,
    write: false,
    sourcemap: 'inline',
    format: 'esm',
    target: 'es2015',
    charset: 'ascii',
    tsconfigRaw: '{}',
    logLevel: 'silent',
    banner: { js: `export function ${exported}(${parameters}) {` },
    footer: { js: '}' },
    plugins: inner,
  });
  return (result.outputFiles[0]?.text ?? '').replace(/^lazyResult\(/m, 'return (');
}

export function lazyModules(root: string, lowRam: boolean): Plugin[] {
  const inner = lowRam ? [smallEngine(root)] : [];
  const lazy: Plugin = {
    name: 'lazy-modules',
    setup(build) {
      build.onResolve({ filter: /\.ts$/ }, (at) => {
        const path = join(at.resolveDir, at.path);
        const module = LAZY.find(({ file }) => join(root, file) === path);
        return module === undefined || at.namespace === 'lazy' ? undefined : { path, namespace: 'lazy', pluginData: module };
      });
      build.onLoad({ filter: /.*/, namespace: 'lazy' }, async (at) => ({
        contents: await wrapped(at.path, at.pluginData as LazyModule, inner),
        loader: 'js',
        resolveDir: dirname(at.path),
      }));
    },
  };
  return [lazy, ...inner];
}
