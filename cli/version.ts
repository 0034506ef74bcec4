// Which tallystick this is, for whoever reports what it did. In: the package's own description, one folder up from the sources and two from what was compiled. Out: its version.

import { existsSync, readFileSync } from 'node:fs';

export function ownVersion(): string {
  const places = ['../package.json', '../../package.json'].map((path) => new URL(path, import.meta.url));
  const place = places.find((path) => existsSync(path));
  if (place === undefined) throw new Error(`expected package.json above ${import.meta.url}, found none`);
  return (JSON.parse(readFileSync(place, 'utf8')) as { readonly version: string }).version;
}
