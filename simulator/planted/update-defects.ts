// Defects of updates over the air: marks in flash that are set too early. In: the virtual board. Out: the same board, whose slots set one mark more than they were told to.

import type { Slots } from '../../device/board.ts';
import { LABEL_BYTES, MARK_BYTES, MARKS_BYTES, PROVEN, READY, SET } from '../../device/slots.ts';
import type { VirtualBoard } from '../world/board.ts';
import type { Defect } from './defect.ts';
import { onBoard } from './defect.ts';

type Write = Slots['store']['write'];

/** After each write that `when` names, the mark is set, too. */
function marking(board: VirtualBoard, mark: number, when: (...written: Parameters<Write>) => boolean): VirtualBoard {
  const { slots } = board;
  if (slots === undefined) return board;
  const placeOf = (name: string): number => (slots.store.read(name)?.length ?? 0) - MARKS_BYTES + MARK_BYTES * mark;
  const write: Write = (name, bytes, at, size) => {
    const isWritten = slots.store.write(name, bytes, at, size);
    if (when(name, bytes, at, size)) slots.store.write(name, SET, placeOf(name), 0);
    return isWritten;
  };
  return { ...board, slots: { ...slots, store: { ...slots.store, write } } };
}

export const UPDATE_DEFECTS: readonly Defect[] = [
  onBoard(
    { id: 'ready-too-early', room: 'board', what: 'New firmware is marked as whole when its first piece is there.' },
    (board) => marking(board, READY, (_name, bytes) => bytes.length === LABEL_BYTES),
  ),
  onBoard({ id: 'trial-skipped', room: 'board', what: 'New firmware is taken for proven before it has run.' }, (board) =>
    marking(board, PROVEN, (name, bytes, at) => {
      const length = board.slots?.store.read(name)?.length ?? 0;
      return bytes === SET && at === length - MARKS_BYTES + MARK_BYTES * READY;
    }),
  ),
];
