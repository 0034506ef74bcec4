// The board as one value: its parts and where it stands. In: a Board and settings. Out: the machine at boot, with the book as it was last
// recorded. Nothing here acts; firmware, work and hear do.

import type { Mac } from '../shared/downlink.ts';
import { writeBytes, writeUint } from '../shared/cbor.ts';
import type { Board } from './board.ts';
import type { Book, Channel } from './book.ts';
import { blankBook, readBook } from './book.ts';
import type { Chain } from './chain.ts';
import { buildChain, createChain, linkAt } from './chain.ts';
import { carryOver } from './issue.ts';
import { macOf } from './mac.ts';
import type { Sealer } from './seal.ts';
import { createSealer } from './seal.ts';
import type { Settings } from './settings.ts';
import type { Storage } from './storage.ts';
import { createStorage, loadNewest } from './storage.ts';
import type { Update } from './update.ts';
import { createUpdate } from './update.ts';
import { wide } from './wide.ts';

export interface Machine {
  readonly board: Board;
  readonly settings: Settings;
  readonly book: Book;
  readonly storage: Storage;
  readonly sealer: Sealer;
  readonly mac: Mac;
  /** New firmware over the air, where the board can take it. */
  readonly update: Update | undefined;
  /** The last two chains in use: the one that pays and the next one, or an old one that still has to be paid. */
  chains: Chain[];
  /** The next channel, prepared while the current one still pays. */
  ahead: Channel | undefined;
  /** Its voucher is due, and waits for the link that is being worked out. */
  waiting: Channel | undefined;
  /** The channel whose chain is walked along, and the link that is wanted, 0 for the anchor. */
  walked: Channel | undefined;
  wanted: number;
  /** Milliseconds until a word comes due, -1 for none: what the last turn has left behind. */
  waitMs: number;
  /** The book differs from the record. */
  dirty: boolean;
  closeAsked: boolean;
  /** Why the board does not serve until someone acts, '' while it does. */
  stopReason: string;
  /** What the board itself could not do, '' while all is well. */
  faultReason: string;
  sentVouchers: number;
  receipts: number;
  rejects: number;
  /** What the operator should know though the board serves, '' for nothing. */
  notice: string;
  /** A receipt or a reject has come since the watch last looked. */
  answered: boolean;
  /** Messages on the board's topic that were not the hub's voice; -1 after the first that was. */
  doubts: number;
}

const CHAINS_KEPT = 2;

export function knownChain(m: Machine, channel: Channel): Chain | undefined {
  for (const chain of m.chains) {
    if (chain.channel === channel.number && chain.units === channel.chainUnits) return chain;
  }
  return undefined;
}

export function chainOf(m: Machine, channel: Channel): Chain {
  const known = knownChain(m, channel);
  if (known !== undefined) return known;
  const made = createChain(m.settings.context.device, m.settings.seed, channel.number, channel.chainUnits, m.board.sha256);
  if (m.chains.length >= CHAINS_KEPT) m.chains.splice(0, 1);
  m.chains.push(made);
  return made;
}

/** One slice of the walk, if there is one; true when it has arrived. */
export function walk(m: Machine): boolean {
  const channel = m.walked;
  if (channel === undefined) return false;
  m.walked = undefined; // a slice that throws leaves nothing behind
  const chain = knownChain(m, channel);
  if (chain === undefined)
    chainOf(m, channel); // to make it is a slice of its own
  else if (m.wanted === 0 ? buildChain(chain) : linkAt(chain, m.wanted) !== '') return true;
  m.walked = channel;
  return false;
}

/** Channels whose terms were never fixed were never spoken of: they go back to the backlog. Those of another configuration are retired: one payee, tariff and limit stand in a row in the terms [W-12]. */
function restoreChannels(book: Book, settings: Settings): void {
  const channels = book.channels.slice(0);
  for (const channel of channels) {
    if (channel.payload === '') {
      carryOver(book, channel);
      continue;
    }
    const agreed = writeBytes(settings.payee) + writeBytes(settings.tariff) + writeUint(settings.config.limitUnits);
    channel.retired = channel.payload.indexOf(agreed) < 0 || channel.chainUnits !== settings.config.chainUnits;
  }
}

function restoreBook(storage: Storage, settings: Settings): Book {
  const bytes = loadNewest(storage);
  if (bytes === undefined) return blankBook();
  const book = readBook(bytes);
  if (typeof book === 'string')
    throw new Error('the record in flash is not readable: ' + book + '; erase it or install its firmware');
  restoreChannels(book, settings);
  return book;
}

export function createMachine(board: Board, settings: Settings): Machine {
  const storage = createStorage(board, settings.context.device);
  return {
    board: board,
    settings: settings,
    book: restoreBook(storage, settings),
    storage: storage,
    sealer: createSealer(board, settings.seed, settings.publicKey, settings.context),
    mac: macOf(settings.macKey, board.sha256),
    update: createUpdate(board),
    chains: [],
    ahead: undefined,
    waiting: undefined,
    walked: undefined,
    wanted: 0,
    waitMs: -1,
    dirty: false,
    closeAsked: false,
    stopReason: '',
    faultReason: '',
    sentVouchers: wide(0),
    receipts: wide(0),
    rejects: wide(0),
    notice: '',
    answered: false,
    doubts: 0,
  };
}

/** Metered or promised, and not yet covered by a receipt. */
export function uncoveredUnits(book: Book): number {
  let units = book.backlogUnits;
  for (const channel of book.channels) units += channel.issuedUnits - channel.acceptedUnits;
  return units;
}
