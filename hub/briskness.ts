// Where a record of the journal is written: on this thread, where a brisk disk is done before another thread would have begun, or elsewhere, while the disk is slow. In: how large it is, and how long those took that
// were written here. Out: here, or not. What is written elsewhere says nothing of the disk: on a busy hub it waits for two turns of the event loop, and a brisk disk would be taken for a slow one for ever.

export interface Briskness {
  /** To be asked once for each record, and kept to. */
  isHere(bytes: number): boolean;
  tookHere(ms: number): void;
}

/** A disk that flushes within this is not worth the way to another thread and back ... */
const BRISK_MS = 1;
/** ... unless it is much that must reach it. A record of two thousand channels is as small as one of ten: the way to another thread and back costs more than both. */
const SMALL_BYTES = 65_536;
/** A disk that is slow each time that it is tried holds up the event loop once in so many records. */
const MOST_ELSEWHERE = 64;

export function openBriskness(): Briskness {
  /** After the last slow record so many go elsewhere: one after a hiccup, twice as many each time that the next try is slow, too. */
  let patience = 0;
  let elsewhere = 0;
  return {
    isHere(bytes) {
      if (bytes > SMALL_BYTES) return false;
      if (elsewhere === 0) return true;
      elsewhere--;
      return false;
    },
    tookHere(ms) {
      patience = ms <= BRISK_MS ? 0 : Math.min(MOST_ELSEWHERE, Math.max(1, 2 * patience));
      elsewhere = patience;
    },
  };
}
