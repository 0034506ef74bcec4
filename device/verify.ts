// Whether the hub's key has signed a message: the board's answer, in slices. In: message and signature. Out: true or false. It must never answer true
// without the hub's key in flash.

import type { Bytes } from '../shared/bytes.ts';
import type { Board } from './board.ts';
import { beginVerdict } from './ed25519.ts';
import { HUB_KEY_FILE, TABLE_FILE } from './ed25519table.ts';

const KEY_BYTES = 32;

export function beginVerification(board: Board, message: Bytes, signature: Bytes): () => boolean | undefined {
  const native = board.native!();
  const table = board.mapFlash!(TABLE_FILE);
  const hub = board.mapFlash!(HUB_KEY_FILE);
  if (table === undefined || hub === undefined) {
    board.log('cannot verify: ' + TABLE_FILE + ' or ' + HUB_KEY_FILE + ' is missing: flash the board again');
    return function () {
      return false;
    };
  }
  const means = { native: native, sha512: board.sha512, table: table };
  const entries = native.toArrayBuffer(hub.substring(KEY_BYTES));
  return beginVerdict(means, hub.substring(0, KEY_BYTES), entries, message, signature);
}
