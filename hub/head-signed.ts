// Signing a batch's head. In: the tree of a batch that is being prepared. Out: its head, written with the batch or not at all: it must run in the transaction that
// prepares it.

import type { BatchTree } from './batch-tree.ts';
import { headBytes } from './head.ts';
import { signAsHub } from './key.ts';
import { sealerOf } from './seal.ts';
import type { Store } from './store.ts';

export function writeHead(store: Store, { id: batch, count: lines, root, chunks }: BatchTree, preparedAtSeconds: number): void {
  const { entry, hash } = store.books.head();
  const ledger = sealerOf(store.dataDir)(entry, hash);
  const head = { batch, number: store.heads.count() + 1, lines, root, preparedAtSeconds, entry, ledger };
  store.heads.add({ ...head, signature: signAsHub(store.dataDir, headBytes(store.hub, head)) }, chunks);
}
