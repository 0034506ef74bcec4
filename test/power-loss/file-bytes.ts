// The bytes of a file that grows and is written anywhere, without copying it each time. In: writes and sizes. Out: its content. Bytes that nobody has written are zero.

export interface FileBytes {
  write(at: number, data: Buffer): void;
  resize(size: number): void;
  copy(): FileBytes;
  content(): Buffer;
}

export function fileOf(bytes: Buffer): FileBytes {
  let held = Buffer.from(bytes);
  let size = bytes.length;
  const resize = (to: number): void => {
    if (to > held.length) {
      const larger = Buffer.alloc(Math.max(to, 2 * held.length));
      held.copy(larger, 0, 0, size);
      held = larger;
    }
    if (to < size) held.fill(0, to, size);
    size = to;
  };
  return {
    write(at, data) {
      if (at + data.length > size) resize(at + data.length);
      data.copy(held, at);
    },
    resize,
    copy: () => fileOf(held.subarray(0, size)),
    content: () => held.subarray(0, size),
  };
}
