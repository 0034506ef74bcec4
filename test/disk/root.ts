// Where the project is, from its sources and from what they are compiled to. In: nothing. Out: the folder of package.json.

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

function rootAbove(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : rootAbove(dirname(folder));
}

export const ROOT = rootAbove(import.meta.dirname);
