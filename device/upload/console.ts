// A board's console as a stream of bytes, whatever carries it: TCP or a serial port. It must never interpret what passes: that is the dialogue's
// business.

import type { Bytes } from '../../shared/bytes.ts';

export interface Console {
  write(bytes: Bytes): void;
  /** One listener at a time; bytes that come before the first one are kept for it. */
  onData(listener: (bytes: Bytes) => void): void;
  /** Why it ended; called at once when it has ended already. */
  onClose(listener: (why: string) => void): void;
  close(): void;
}
