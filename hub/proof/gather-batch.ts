// A batch's part of evidence: its standing and signed head, and the proofs of lines in it. In: the store. Out: the batch as the file has it, and for a line its salt and path. Of a large batch only
// the lines around the asked one are read, and the newest such groups are kept, because an account's lines often stand together.

import { hash } from 'node:crypto';
import type { Bytes } from '../../shared/bytes.ts';
import { toHex } from '../../shared/bytes.ts';
import { earlierLeafOf } from '../batch.ts';
import type { ChunkProofs } from '../batch-tree.ts';
import { chunkAround, chunkProofs } from '../batch-tree.ts';
import { blobOf, bytesOf } from '../blob.ts';
import { sha256 } from '../proofs.ts';
import { saltsOf } from '../salts.ts';
import type { Store } from '../store.ts';
import type { KeptHead } from '../store-heads.ts';
import type { PlacedLine } from '../store-evidence.ts';
import { hashesBelowMeeting, rootOver } from '../tree.ts';
import { pathOver } from '../tree-paths.ts';
import type { EvidenceBatch } from './evidence-file.ts';
import type { PostedEntries } from './gather-entries.ts';

export interface LineProof {
  /** `null` in a batch from before there were salts. */
  readonly salt: Bytes | null;
  readonly path: readonly Bytes[];
}

export interface BatchGatherer {
  /** In the order of the file: a line's path ends where it meets that of the line before. */
  proofOf(line: PlacedLine): LineProof;
  /** All batches that a line was proven in, in the order of their first lines. */
  batches(): EvidenceBatch[];
}

const CHUNKS_HELD = 64;

export function batchGatherer(store: Store, posted: PostedEntries): BatchGatherer {
  const found = new Map<string, EvidenceBatch>();
  const held = new Map<string, ChunkProofs>();
  const salts = saltsOf(store.dataDir);
  /** Of each batch, where the line stands that was proven last: the next is proven up to its way. */
  const before = new Map<string, number>();

  function proofsAround({ batch, index }: PlacedLine, head: KeptHead): ChunkProofs {
    const [first, end] = chunkAround(index, head.lines);
    const name = `${batch} ${first}`;
    const proofs =
      held.get(name) ??
      chunkProofs({ count: head.lines, chunks: head.chunks }, index, store.evidence.linesBetween(batch, first, end), salts);
    held.delete(name); // and back in as the newest
    held.set(name, proofs);
    const [oldest] = held.keys();
    if (held.size > CHUNKS_HELD && oldest !== undefined) held.delete(oldest);
    return proofs;
  }

  return {
    batches: () => [...found.values()],
    proofOf(line) {
      const head = store.heads.find(line.batch);
      const proof = head === undefined ? earlierProof(store, line) : saltedProof(line, proofsAround(line, head));
      if (!found.has(line.batch)) {
        const { state, lines } = store.evidence.standing(line.batch);
        const root = head?.root ?? rootOver(earlierLeafOf(line), line.index, lines, proof.path, sha256);
        if (root === undefined) throw new Error(`batch ${line.batch}: line ${line.index} has no way to the root`);
        const settlement = posted.under(`settlement:${line.batch}`);
        const entries = settlement === null ? [] : [settlement];
        found.set(line.batch, {
          id: line.batch,
          lines,
          root: toHex(root),
          state,
          entries,
          head: head === undefined ? null : headOf(head),
        });
      }
      return belowMeeting(proof, line, found.get(line.batch)?.lines ?? 0);
    },
  };

  function belowMeeting({ salt, path }: LineProof, { batch, index }: PlacedLine, count: number): LineProof {
    const known = before.get(batch);
    before.set(batch, index);
    return { salt, path: known === undefined ? path : path.slice(0, hashesBelowMeeting(index, known, count)) };
  }
}

function saltedProof({ index }: PlacedLine, proofs: ChunkProofs): LineProof {
  return { salt: proofs.saltOf(index), path: proofs.pathOf(index) };
}

/** Such batches are small, and were never settled by anybody but those who tried an early version. */
function earlierProof(store: Store, line: PlacedLine): LineProof {
  const { lines } = store.evidence.standing(line.batch);
  const hashes = store.evidence
    .linesBetween(line.batch, 0, lines)
    .map((one) => hash('sha256', blobOf('\x00' + earlierLeafOf(one)), 'buffer'));
  return { salt: null, path: pathOver(Buffer.concat(hashes), line.index).map(bytesOf) };
}

function headOf({ number, preparedAtSeconds, entry, ledger, signature }: KeptHead): NonNullable<EvidenceBatch['head']> {
  return { number, preparedAtSeconds, entry, ledger: toHex(ledger), signature: toHex(signature) };
}
