// A machine with its board in the simulated world: used by people, powered, cut off and powered again. In: its configuration and behaviour. Out: pulses, and
// the truth of what it delivered, which no board and no hub has a say in. The firmware on it is the real one.

import type { Firmware } from '../../device/firmware.ts';
import { createFirmware } from '../../device/firmware.ts';
import { settingsOf } from '../../device/settings.ts';
import type { MakeProfile } from '../../device/profile.ts';
import type { Bytes } from '../../shared/bytes.ts';
import type { DeviceConfig } from '../../shared/config.ts';
import type { Behaviour } from '../behaviour.ts';
import type { Pins, UsedMachine } from '../machine.ts';
import { usedMachine } from '../machine.ts';
import { opensslSigner } from '../openssl-signer.ts';
import type { VirtualBoard } from './board.ts';
import { virtualBoard } from './board.ts';
import type { Clock } from './clock.ts';
import type { Flash } from './flash.ts';
import { PowerCut } from './flash.ts';
import { comesUp } from './firmware-code.ts';
import { chooseSlot, codeIn, isOnTrial, slotsOn } from './slots.ts';
import type { Network } from './network.ts';

export interface StationOptions {
  readonly index: number;
  readonly label: string;
  readonly config: DeviceConfig;
  readonly makeProfile: MakeProfile;
  readonly behaviour: Behaviour;
  readonly clock: Clock;
  readonly network: Network;
  readonly flash: Flash;
  /** What a planted defect makes of the board. */
  readonly board: (board: VirtualBoard, config: DeviceConfig) => VirtualBoard;
  readonly log: (line: string) => void;
  readonly events: StationEvents;
  /** Where firmware comes over the air: how its signature is checked, and what comes by cable. */
  readonly overTheAir: OverTheAir | undefined;
}

export interface OverTheAir {
  readonly beginVerification: (message: Bytes, signature: Bytes) => () => boolean | undefined;
  /** A board whose flash holds no firmware gets some. */
  readonly provision: (flash: Flash) => void;
}

export interface StationEvents {
  /** So many units were delivered to people since the last time. */
  readonly onDelivered: (station: Station, units: number) => void;
  /** The board is without power, its flash as the cut left it. */
  readonly onOff: (station: Station) => void;
  /** The firmware runs again; its register is what flash has told it. */
  readonly onBoot: (station: Station, registerUnits: number) => void;
  /** A firmware that came over the air, or by cable, is started. */
  readonly onStart: (station: Station, code: Bytes) => void;
  /** The firmware does not start, and says why. */
  readonly onDead: (station: Station, why: string) => void;
}

export interface Station {
  readonly index: number;
  readonly label: string;
  readonly config: DeviceConfig;
  readonly flash: Flash;
  /** `undefined` while there is no power. */
  firmware(): Firmware | undefined;
  deliveredUnits(): number;
  /** The code in the slot that was started last; `undefined` where none is or nothing comes over the air. */
  runs(): Bytes | undefined;
  powerOn(): void;
  cutPower(): void;
  /** Switched off for good. */
  retire(): void;
  /** Nobody uses the machine any more. */
  stopUse(): void;
}

/** From `load()` to the firmware's first line. */
const START_MS = 300;
const LOADER_LOOK_MS = 10_000;
const TRIAL_MS = 600_000;

export function createStation(options: StationOptions): Station {
  const { clock, config, events, index, label, flash } = options;
  const sign = opensslSigner(config.publicKey);
  let board: VirtualBoard | undefined;
  let firmware: Firmware | undefined;
  let inUse = true;
  let retired = false;
  let useTimer = 0;
  let code: Bytes | undefined;
  const outlet = outletOf(config, () => board);
  const used: UsedMachine = usedMachine(outlet, config);
  let told = 0;

  function tellDelivered(): void {
    const units = used.deliveredUnits() - told;
    if (units === 0) return;
    told += units;
    events.onDelivered(station, units);
  }

  function useOn(): void {
    const use = options.behaviour();
    useTimer = clock.after(use.afterSeconds * 1000, () => {
      if (!inUse) return;
      used.use(use, (seconds, run) => {
        clock.after(seconds * 1000, () => {
          run();
          tellDelivered();
        });
      });
      tellDelivered();
      useOn();
    });
  }

  function off(): void {
    if (board === undefined) return;
    board = undefined;
    firmware = undefined;
    events.onOff(station);
  }

  /** Nothing is lost by it: the firmware asks for it when all is recorded. */
  function restart(): void {
    const halted = board;
    clock.after(0, () => {
      if (board !== halted || halted === undefined) return;
      halted.cutPower();
      board = undefined;
      firmware = undefined;
      clock.after(START_MS, () => station.powerOn());
    });
  }

  /** The slot that runs; `undefined` when nothing comes up there, and the loader looks again. */
  function load(): number | undefined {
    options.overTheAir?.provision(flash);
    const slot = chooseSlot(flash);
    code = slot < 0 ? undefined : codeIn(flash, slot);
    if (code !== undefined) events.onStart(station, code);
    if (code !== undefined && comesUp(code)) return slot;
    clock.after(LOADER_LOOK_MS, () => station.powerOn());
    return undefined;
  }

  /** The loader starts a board again whose new firmware has not proven itself in time. */
  function watchTrial(started: VirtualBoard): void {
    const own = started.slots?.own;
    if (own === undefined || !isOnTrial(flash, own)) return;
    clock.after(TRIAL_MS, () => {
      if (board === started && isOnTrial(flash, own)) station.cutPower();
    });
  }

  function boot(): void {
    const { network, overTheAir } = options;
    const common = { endpoint: index, clock, network, flash, sign, log: options.log, onPowerCut: off };
    let fresh: VirtualBoard;
    try {
      const slot = overTheAir === undefined ? 0 : load();
      if (slot === undefined) return;
      fresh = virtualBoard(
        overTheAir === undefined
          ? common
          : { ...common, slots: slotsOn(flash, slot, restart), beginVerification: overTheAir.beginVerification },
      );
    } catch (error) {
      if (!(error instanceof PowerCut)) throw error;
      return events.onOff(station); // it fell into the loader's one write
    }
    board = options.board(fresh, config);
    watchTrial(board);
    try {
      firmware = createFirmware(board, settingsOf(config), options.makeProfile);
      events.onBoot(station, firmware.snapshot().registerUnits);
      firmware.start();
    } catch (error) {
      fresh.cutPower();
      if (!(error instanceof PowerCut)) events.onDead(station, (error as Error).message);
    }
    if (fresh.hasPower()) return;
    fresh.cutPower();
    off();
  }

  const station: Station = {
    index,
    label,
    config,
    flash,
    firmware: () => firmware,
    deliveredUnits: () => used.deliveredUnits(),
    runs: () => code,
    powerOn() {
      if (board !== undefined || retired) return;
      boot();
      if (useTimer === 0) useOn();
    },
    cutPower() {
      board?.cutPower();
      off();
    },
    retire() {
      retired = true;
      station.cutPower();
    },
    stopUse() {
      inUse = false;
      used.stop();
      tellDelivered();
    },
  };
  return station;
}

/** The machine's side of the pins, whichever board is behind them now. Without power every relay is open. */
function outletOf(config: DeviceConfig, board: () => VirtualBoard | undefined): Pins {
  const openLevel = config.output?.activeLow ?? false;
  return {
    pulse: (pin) => board()?.pulse(pin),
    level: (pin) => board()?.level(pin) ?? openLevel,
  };
}
