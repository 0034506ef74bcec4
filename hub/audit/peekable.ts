// Rows with a look at the next one: for walking two ordered tables side by side. In: an iterator over rows. Out: the same, one row ahead. It must be closed, also when the walk ends early:
// SQLite takes a statement that was not walked to its end for one that is still at work.

export interface Peekable<T> {
  peek(): T | undefined;
  next(): T | undefined;
  close(): void;
}

export function peekable<T>(rows: Iterator<T>): Peekable<T> {
  let ahead = rows.next();
  return {
    peek: () => (ahead.done === true ? undefined : ahead.value),
    next() {
      const value = ahead.done === true ? undefined : ahead.value;
      if (ahead.done !== true) ahead = rows.next();
      return value;
    },
    close() {
      if (ahead.done !== true) rows.return?.();
    },
  };
}
