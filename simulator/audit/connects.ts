// How often a board was let in, within an hour of one life of the hub: two boards under one name take each other's connection, again and again, unless one of them has no network. In: welcomes, and the hub's
// beginnings. Out: the most of any hour, which says whether the hub had the chance to see that they are two.

export interface Connects {
  welcomed(atMs: number): void;
  /** A hub that starts has seen nothing. */
  forget(): void;
  /** Of any hour. */
  readonly most: number;
}

const HOUR_MS = 3_600_000;

export function connects(): Connects {
  let recent: number[] = [];
  let most = 0;
  return {
    welcomed(atMs) {
      recent = recent.filter((one) => atMs - one < HOUR_MS);
      recent.push(atMs);
      most = Math.max(most, recent.length);
    },
    forget: () => void (recent = []),
    get most() {
      return most;
    },
  };
}
