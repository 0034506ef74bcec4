// A machine with its board in the simulated world: used by people, powered, cut off and powered again. In: its configuration and behaviour. Out: pulses, and
// the truth of what it delivered, which no board and no hub has a say in. The firmware on it is the real one.

import type { Firmware } from '../../device/firmware.ts';
import { createFirmware } from '../../device/firmware.ts';
import { settingsOf } from '../../device/settings.ts';
import type { MakeProfile } from '../../device/profile.ts';
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
}

export interface StationEvents {
  /** So many units were delivered to people since the last time. */
  readonly onDelivered: (station: Station, units: number) => void;
  /** The board is without power, its flash as the cut left it. */
  readonly onOff: (station: Station) => void;
  /** The firmware runs again; its register is what flash has told it. */
  readonly onBoot: (station: Station, registerUnits: number) => void;
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
  powerOn(): void;
  cutPower(): void;
  /** Switched off for good. */
  retire(): void;
  /** Nobody uses the machine any more. */
  stopUse(): void;
}

export function createStation(options: StationOptions): Station {
  const { clock, config, events, index, label, flash } = options;
  const sign = opensslSigner(config.publicKey);
  let board: VirtualBoard | undefined;
  let firmware: Firmware | undefined;
  let inUse = true;
  let retired = false;
  let useTimer = 0;
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

  function boot(): void {
    const { network } = options;
    const fresh = virtualBoard({ endpoint: index, clock, network, flash, sign, log: options.log, onPowerCut: off });
    board = options.board(fresh, config);
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
