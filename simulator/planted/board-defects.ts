// Defects of the board: what its hardware or a part of its firmware could do wrong. In: the virtual board. Out: the same board with one function exchanged.

import { macOf } from '../../device/mac.ts';
import { PUBLISH, readPublish, takePacket } from '../../device/mqtt.ts';
import type { PageFlash } from '../../device/pages.ts';
import { sha256 } from '../../hub/proofs.ts';
import type { Bytes } from '../../shared/bytes.ts';
import { fromHex } from '../../shared/bytes.ts';
import { readerOf } from '../../shared/cbor.ts';
import type { DeviceConfig } from '../../shared/config.ts';
import type { Context, Purpose } from '../../shared/cose.ts';
import { macBytes, PURPOSE_GRANT, PURPOSE_RECEIPT, PURPOSE_REJECT, readMac0, writeMac0 } from '../../shared/cose.ts';
import type { HubId } from '../../shared/identity.ts';
import type { VirtualBoard } from '../world/board.ts';
import type { Defect } from './defect.ts';
import { everyNth, onBoard } from './defect.ts';

/** Reads give what was last said to be written; after a power cut nothing of it is there. */
function forgetful(flash: PageFlash): PageFlash {
  const shadow = new Map<number, Buffer>();
  const pageOf = (page: number): Buffer => {
    const known = shadow.get(page) ?? Buffer.from(flash.read(page, 0, flash.pageBytes), 'latin1');
    shadow.set(page, known);
    return known;
  };
  return {
    ...flash,
    read: (page, at, length) => pageOf(page).toString('latin1', at, at + length),
    isBlank: (page, at, length) =>
      pageOf(page)
        .subarray(at, at + length)
        .every((one) => one === 255),
    write: (page, at, bytes) => void pageOf(page).write(bytes, at, 'latin1'),
    erase: (page) => void pageOf(page).fill(255),
  };
}

const HEADS: Readonly<Record<number, Purpose>> = { 0x83: PURPOSE_RECEIPT, 0x84: PURPOSE_REJECT, 0x81: PURPOSE_GRANT };

/** A board that does not look at the tag is one whose every message carries a good one. */
function retagged(bytes: Bytes, config: DeviceConfig, only: Purpose | undefined): Bytes {
  const packet = takePacket({ held: bytes });
  if (typeof packet === 'string' || packet.type !== PUBLISH) return bytes;
  const publish = readPublish(packet);
  if (publish === undefined) return bytes;
  const r = readerOf(publish.payload);
  const { payload } = readMac0(r);
  const purpose = HEADS[payload.charCodeAt(0)];
  if (r.fault !== '' || purpose === undefined || (only !== undefined && purpose !== only)) return bytes;
  const context: Context = { hub: fromHex(config.hub) as HubId, device: config.device };
  const mac = macOf(fromHex(config.macKey) as Bytes, sha256);
  return bytes.substring(0, bytes.length - publish.payload.length) + writeMac0(payload, mac(macBytes(purpose, context, payload)));
}

function gullible(board: VirtualBoard, config: DeviceConfig, only?: Purpose): VirtualBoard {
  return {
    ...board,
    connect: (host, port, events) =>
      board.connect(host, port, {
        onOpen: () => events.onOpen(),
        onClose: () => events.onClose(),
        onData: (bytes) => events.onData(retagged(bytes, config, only)),
      }),
  };
}

/** The pin of the meter, not those on which people press something. */
function counting(board: VirtualBoard, onPulse: (count: () => void) => void): VirtualBoard {
  return { ...board, watchPulses: (input, count) => board.watchPulses(input, () => onPulse(count)) };
}

export const BOARD_DEFECTS: readonly Defect[] = [
  onBoard({ id: 'lease-not-persisted', room: 'board', what: 'The record is kept in memory and never reaches flash.' }, (board) =>
    board.pageFlash === undefined ? board : { ...board, pageFlash: forgetful(board.pageFlash) },
  ),
  onBoard({ id: 'mac-not-checked', room: 'board', what: 'Whatever comes on `down` is believed.' }, (board, config) =>
    gullible(board, config),
  ),
  onBoard(
    {
      id: 'watermark-unsigned',
      room: 'board',
      what: 'A reject, with the next channel number in it, is believed without its tag.',
    },
    (board, config) => gullible(board, config, PURPOSE_REJECT),
  ),
  onBoard({ id: 'receipt-unsigned', room: 'board', what: 'A receipt is believed without its tag.' }, (board, config) =>
    gullible(board, config, PURPOSE_RECEIPT),
  ),
  onBoard({ id: 'grant-unsigned', room: 'board', what: 'A grant is believed without its tag.' }, (board, config) =>
    gullible(board, config, PURPOSE_GRANT),
  ),
  onBoard(
    {
      id: 'signature-damaged',
      room: 'board',
      what: 'A third of all signatures are wrong and leave the board, as with a damaged table.',
    },
    (board) => {
      const { signNatively } = board;
      if (signNatively === undefined) return board;
      return {
        ...board,
        signNatively(seed, message) {
          const signature = signNatively(seed, message);
          return signature.charCodeAt(40) % 3 === 0
            ? signature.substring(0, 63) + String.fromCharCode(signature.charCodeAt(63) ^ 1)
            : signature;
        },
      };
    },
  ),
  onBoard({ id: 'pulse-counted-twice', room: 'board', what: 'The meter bounces: every ninth pulse counts twice.' }, (board) => {
    const bounces = everyNth(9);
    return counting(board, (count) => {
      count();
      if (bounces()) count();
    });
  }),
  onBoard({ id: 'pulse-lost', room: 'board', what: 'Every ninth pulse of the meter is not counted.' }, (board) => {
    const misses = everyNth(9);
    return counting(board, (count) => (misses() ? undefined : count()));
  }),
  onBoard({ id: 'relay-stuck', room: 'board', what: 'The output stays on when it shall be off.' }, (board, config) => ({
    ...board,
    setOutput: (pin) => board.setOutput(pin, config.output?.activeLow !== true),
  })),
  onBoard({ id: 'checksum-ignored', room: 'board', what: 'A torn record is taken for a whole one.' }, (board, config) => ({
    ...board,
    sha256: (data) => (data.startsWith(config.device) ? '\x2a'.repeat(32) : board.sha256(data)),
  })),
];
