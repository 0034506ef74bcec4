// Where a record of the journal is written: on this thread, where a brisk disk is done before another thread would have begun, or elsewhere, while the disk is slow. In: how large it is, and how long those took that
// were written here. Out: here, or not. What is written elsewhere says nothing of the disk: on a busy hub it waits for two turns of the event loop, and a brisk disk would be taken for a slow one for ever.

export interface Briskness {
  /** To be asked once for each record, and kept to. */
  isHere(bytes: number): boolean;
  tookHere(bytes: number, ms: number): void;
}

/** A disk that takes no longer for a record of a size is worth waiting for. Less so for a large one: behind it there is something to do meanwhile. Larger ones always go elsewhere. */
const SIZES = [
  { mostBytes: 4096, briskMs: 1 },
  { mostBytes: 65_536, briskMs: 0.5 },
] as const;
/** A disk that is slow each time that it is tried holds up the event loop once in so many records. */
const MOST_ELSEWHERE = 64;

export function openBriskness(): Briskness {
  const classes = SIZES.map(({ mostBytes, briskMs }) => ({ mostBytes, tries: triesOf(briskMs) }));
  const triesFor = (bytes: number): Tries | undefined => classes.find(({ mostBytes }) => bytes <= mostBytes)?.tries;
  return {
    isHere: (bytes) => triesFor(bytes)?.isDue() === true,
    tookHere: (bytes, ms) => triesFor(bytes)?.took(ms),
  };
}

/** Each size has its own: a disk may be brisk for small records and slow for large ones. */
interface Tries {
  isDue(): boolean;
  took(ms: number): void;
}

function triesOf(briskMs: number): Tries {
  /** After the last slow record so many go elsewhere: one after a hiccup, twice as many each time that the next try is slow, too. */
  let patience = 0;
  let elsewhere = 0;
  return {
    isDue() {
      if (elsewhere === 0) return true;
      elsewhere--;
      return false;
    },
    took(ms) {
      patience = ms <= briskMs ? 0 : Math.min(MOST_ELSEWHERE, Math.max(1, 2 * patience));
      elsewhere = patience;
    },
  };
}
