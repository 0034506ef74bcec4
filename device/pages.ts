// Records in raw flash pages, outside the file store: a log that goes round a few pages. In: records. Out: the newest whole one, and where the next
// goes. Appending only clears bits that are still set; a page is erased when the log comes round to it. A record that was torn closes
// its page. It must never write where it has not seen erased flash, nor call a write good before it has read it back.

import type { Bytes } from '../shared/bytes.ts';

/** Raw NOR flash: writing clears bits, erasing sets those of a whole page. Offsets and lengths of writes are multiples of four. */
export interface PageFlash {
  readonly pageBytes: number;
  readonly pages: number;
  read(page: number, at: number, length: number): Bytes;
  /** Every bit of it is set; asked for apart, because a board sees that without making a string to compare with. */
  isBlank(page: number, at: number, length: number): boolean;
  write(page: number, at: number, bytes: Bytes): void;
  erase(page: number): void;
}

export interface Log {
  readonly flash: PageFlash;
  readonly firstPage: number;
  readonly pages: number;
  /** Of the newest whole record; -1 before there is one. */
  page: number;
  /** Where the next record goes in the page; its end when nothing more may be written there. */
  at: number;
  /** What was written last is no whole record. */
  damaged: boolean;
}

/** The rank of a whole record, 1 or more, by which the newest is known; 0 for any other bytes. */
export type Rank = (record: Bytes) => number;

const HEAD_BYTES = 4;
const MARK = 'TS';
const BLANK = '\xff\xff\xff\xff';
const CHUNK_BYTES = 256;

export function createLog(flash: PageFlash, firstPage: number, pages: number): Log {
  return { flash: flash, firstPage: firstPage, pages: pages, page: -1, at: flash.pageBytes, damaged: false };
}

/** Head, record, and blanks up to a multiple of four. */
function slotOf(record: Bytes): Bytes {
  const slot = MARK + String.fromCharCode(record.length >> 8, record.length & 255) + record;
  return slot + BLANK.substring(0, (4 - (slot.length % 4)) % 4);
}

/** The length of the record whose head lies here, 0 when none does. */
function lengthAt(log: Log, page: number, at: number): number {
  if (at + HEAD_BYTES > log.flash.pageBytes) return 0;
  const head = log.flash.read(page, at, HEAD_BYTES);
  if (head.substring(0, 2) !== MARK) return 0;
  const length = head.charCodeAt(2) * 256 + head.charCodeAt(3);
  return at + HEAD_BYTES + length <= log.flash.pageBytes ? length : 0;
}

function slotBytes(length: number): number {
  return (HEAD_BYTES + length + 3) & ~3;
}

interface Found {
  readonly page: number;
  readonly record: Bytes;
  readonly rank: number;
  /** Where the next record may go. */
  readonly at: number;
  /** Something follows that is no whole record. */
  readonly torn: boolean;
}

/** The last whole record of a page. */
function lastOf(log: Log, page: number, rank: Rank): Found | undefined {
  const starts: number[] = [];
  let at = 0;
  let length = lengthAt(log, page, at);
  while (length > 0) {
    starts.push(at);
    at += slotBytes(length);
    length = lengthAt(log, page, at);
  }
  for (let i = starts.length - 1; i >= 0; i--) {
    const start = starts[i] as number;
    const record = log.flash.read(page, start + HEAD_BYTES, lengthAt(log, page, start));
    const ranked = rank(record);
    if (ranked === 0) continue;
    const torn = i < starts.length - 1;
    return { page: page, record: record, rank: ranked, at: torn ? log.flash.pageBytes : at, torn: torn };
  }
  return undefined;
}

function isTouched(log: Log): boolean {
  for (let page = log.firstPage; page < log.firstPage + log.pages; page++) {
    if (log.flash.read(page, 0, HEAD_BYTES) !== BLANK) return true;
  }
  return false;
}

/** The newest whole record, once at boot; the log then stands behind it. */
export function newestIn(log: Log, rank: Rank): Bytes | undefined {
  let newest: Found | undefined = undefined;
  for (let page = log.firstPage; page < log.firstPage + log.pages; page++) {
    const found: Found | undefined = lastOf(log, page, rank);
    if (found !== undefined && found.rank > (newest === undefined ? 0 : newest.rank)) newest = found;
  }
  if (newest === undefined) {
    log.damaged = isTouched(log);
    return undefined;
  }
  log.page = newest.page;
  log.at = newest.at;
  log.damaged = newest.torn;
  return newest.record;
}

function isBlank(log: Log, at: number, length: number): boolean {
  for (let done = 0; done < length; done += CHUNK_BYTES) {
    const size = length - done < CHUNK_BYTES ? length - done : CHUNK_BYTES;
    if (!log.flash.isBlank(log.page, at + done, size)) return false;
  }
  return true;
}

/** Goes round to the next page and erases it, even when it looks blank: an erasure that was cut short may look so, and not last. */
function turnPage(log: Log): boolean {
  const next = log.page < 0 ? 0 : (log.page - log.firstPage + 1) % log.pages;
  log.page = log.firstPage + next;
  log.flash.erase(log.page);
  const blank = isBlank(log, 0, log.flash.pageBytes);
  log.at = blank ? 0 : log.flash.pageBytes;
  return blank;
}

/** True once the record is in flash. A page that fails is left; a second one is tried, and no more at once: each try costs an erasure. */
export function append(log: Log, record: Bytes): boolean {
  const slot = slotOf(record);
  if (slot.length > log.flash.pageBytes) return false;
  for (let turn = 0; turn < 2; turn++) {
    const fits = log.page >= 0 && log.at + slot.length <= log.flash.pageBytes && isBlank(log, log.at, slot.length);
    if (!fits && !turnPage(log)) continue;
    log.flash.write(log.page, log.at, slot);
    if (log.flash.read(log.page, log.at, slot.length) === slot) {
      log.at += slot.length;
      return true;
    }
    log.at = log.flash.pageBytes;
  }
  return false;
}
