// What every console shares: bytes and the end, handed to whoever listens. In: what the carrier delivers. Out: the same in order, none lost before
// the first listener. Flow control characters of a serial line are no content and stop here.

import type { Bytes } from '../../shared/bytes.ts';

export interface Inlet {
  take(bytes: Bytes): void;
  end(why: string): void;
  readonly onData: (listener: (bytes: Bytes) => void) => void;
  readonly onClose: (listener: (why: string) => void) => void;
}

export function createInlet(): Inlet {
  let held = '';
  let hear: ((bytes: Bytes) => void) | undefined;
  let mourn: ((why: string) => void) | undefined;
  let ended: string | undefined;
  return {
    take(bytes) {
      // eslint-disable-next-line no-control-regex -- XON and XOFF
      const content = bytes.replace(/[\x11\x13]/g, '');
      if (hear === undefined) held += content;
      else hear(content);
    },
    end(why) {
      if (ended !== undefined) return;
      ended = why;
      mourn?.(why);
    },
    onData(listener) {
      hear = listener;
      const first = held;
      held = '';
      if (first !== '') listener(first);
    },
    onClose(listener) {
      mourn = listener;
      if (ended !== undefined) listener(ended);
    },
  };
}
