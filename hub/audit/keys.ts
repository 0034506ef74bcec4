// What an audit needs of the hub's own key: to make batches' trees again, whose leaves are salted under it, and to check what the hub has signed. In: the data folder. Out: the means, or a refusal
// without the key. The key itself stays here.

import { join } from 'node:path';
import type { Bytes } from '../../shared/bytes.ts';
import type { HubId } from '../../shared/identity.ts';
import { hubIdOf } from '../../shared/identity.ts';
import { KEY_FILE, readHubKey } from '../key.ts';
import { sha256 } from '../proofs.ts';
import { HubRefused } from '../refused.ts';
import type { Salts } from '../salts.ts';
import { saltsOf } from '../salts.ts';
import type { SealOf } from '../seal.ts';
import { sealerOf } from '../seal.ts';

export interface HubKeys {
  readonly hub: HubId;
  readonly publicKey: Bytes;
  readonly salts: Salts;
  readonly sealOf: SealOf;
}

export function hubKeysIn(dataDir: string): HubKeys {
  const publicKey = readHubKey(dataDir);
  if (publicKey === undefined)
    throw new HubRefused(
      'foreign-key',
      `the hub's key ${join(dataDir, KEY_FILE)} is missing, and batches cannot be checked without it; restore it from a backup`,
    );
  return { hub: hubIdOf(publicKey, sha256), publicKey, salts: saltsOf(dataDir), sealOf: sealerOf(dataDir) };
}
