// What an audit finds, and what it works with. In: nothing. Out: the nouns of this room. A fault names the table, the row, and the two things that disagree.

import type { Sha256 } from '../../shared/bytes.ts';
import type { Verify } from '../accept.ts';
import type { HubKeys } from './keys.ts';
import type { TableRows } from '../store-tables.ts';

export interface Fault {
  readonly table: string;
  /** The row's key, its parts joined by `/`; empty when the table as a whole does not fit. */
  readonly row: string;
  /** What was expected and what is there. */
  readonly what: string;
}

export interface Ground extends HubKeys {
  readonly tables: TableRows;
  readonly sha256: Sha256;
  /** The check of signatures by a public key. */
  verifierOf(publicKey: string): Verify;
  /** Told of each thing that was checked, by what it is. */
  readonly counted: (what: string, count: number) => void;
}

export type Faults = Generator<Fault, void>;

export function sentenceOf({ table, row, what }: Fault): string {
  return row === '' ? `${table}: ${what}` : `${table} ${row}: ${what}`;
}
