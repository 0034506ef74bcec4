// A board in virtual time: the firmware's `Board` made of the world's clock, network and flash. In: calls of the real firmware. Out: what hardware would
// do; and a power switch. A board without power does nothing: every touch throws, its timers run out unheard, and nobody is told.

import { createHash } from 'node:crypto';
import type { Board, Slots } from '../../device/board.ts';
import { sha256 } from '../../hub/proofs.ts';
import type { Bytes } from '../../shared/bytes.ts';
import type { SimulatedBoard } from '../board.ts';
import type { NativeSigner } from '../openssl-signer.ts';
import type { Clock } from './clock.ts';
import type { Flash } from './flash.ts';
import { PowerCut } from './flash.ts';
import type { Network } from './network.ts';

export interface VirtualBoard extends SimulatedBoard {
  /** The board falls silent; its flash stays as it is. */
  cutPower(): void;
  readonly hasPower: () => boolean;
}

export interface VirtualBoardOptions {
  readonly endpoint: number;
  readonly clock: Clock;
  readonly network: Network;
  readonly flash: Flash;
  readonly sign: NativeSigner;
  /** Where firmware comes over the air. */
  readonly slots?: Slots | undefined;
  readonly beginVerification?: ((message: Bytes, signature: Bytes) => () => boolean | undefined) | undefined;
  readonly log: (line: string) => void;
  /** The firmware was struck by a power cut in the middle of something. */
  readonly onPowerCut: () => void;
}

export function virtualBoard(options: VirtualBoardOptions): VirtualBoard {
  const { endpoint, clock, network, flash } = options;
  const watches = new Map<string, () => void>();
  const levels = new Map<string, boolean>();
  let power = true;

  const need = (): void => {
    if (!power) throw new PowerCut();
  };
  /** What is cut short in flash is the last that the board does: the firmware may catch the exception, and can do nothing more. */
  function touchFlash<T>(touch: () => T): T {
    need();
    try {
      return touch();
    } catch (error) {
      if (error instanceof PowerCut) power = false;
      throw error;
    }
  }
  function cutPower(): void {
    power = false;
    levels.clear();
    network.silence(endpoint);
  }
  /** Runs a piece of firmware: what a power cut throws ends here. */
  function run(piece: () => void): void {
    if (!power) return;
    try {
      piece();
    } catch (error) {
      if (!(error instanceof PowerCut)) throw error;
    }
    if (power) return;
    cutPower();
    options.onPowerCut();
  }
  const { pageFlash } = flash;
  const { slots, beginVerification } = options;
  const guardedSlots = slots && {
    ...slots,
    store: { ...slots.store, write: (...to: Parameters<Slots['store']['write']>) => touchFlash(() => slots.store.write(...to)) },
  };

  const board: Board = {
    nowMs: () => clock.nowMs,
    after(ms, piece) {
      need();
      return clock.after(ms, () => run(piece));
    },
    cancel: (timer) => {
      if (timer !== undefined) clock.cancel(timer);
    },
    sha256,
    sha512: (data) => createHash('sha512').update(data, 'latin1').digest('binary'),
    readFlash: (name) => flash.readFile(name),
    writeFlash: (name, bytes) => touchFlash(() => flash.writeFile(name, bytes)),
    pageFlash: {
      ...pageFlash,
      write: (page, at, bytes) => touchFlash(() => pageFlash.write(page, at, bytes)),
      erase: (page) => touchFlash(() => pageFlash.erase(page)),
    },
    joinNetwork: (_wifi, onJoined) => onJoined(),
    connect(_host, _port, events) {
      need();
      return network.connect(endpoint, {
        onOpen: () => run(() => events.onOpen()),
        onData: (bytes) => run(() => events.onData(bytes)),
        onClose: () => run(() => events.onClose()),
      });
    },
    watchPulses: (input, onPulse) => void watches.set(input.pin, onPulse),
    setOutput: (pin, high) => void levels.set(pin, high),
    signNatively: options.sign,
    slots: guardedSlots,
    beginVerification: beginVerification && ((_board, message, signature) => beginVerification(message, signature)),
    log(line) {
      need();
      options.log(line);
    },
  };
  return {
    ...board,
    pulse: (pin) => run(() => watches.get(pin)?.()),
    level: (pin) => levels.get(pin) ?? false,
    cutPower,
    hasPower: () => power,
  };
}
