// A machine around a simulated board: what people do at its pins. In: uses, as its behaviour says. Out: pulses on the pins of its configuration, and the
// truth of what it delivered. It sees of the board what a machine sees: levels of pins; and where the board forbids, it delivers nothing.

import type { DeviceConfig } from '../shared/config.ts';
import type { Use } from './behaviour.ts';

/** What a machine sees of its board. */
export interface Pins {
  pulse(pin: string): void;
  level(pin: string): boolean;
}

export interface UsedMachine {
  /** Delivered since the start. */
  readonly deliveredUnits: () => number;
  /** Runs one use; a vend calls for its end after so many seconds. */
  use(use: Use, later: (seconds: number, run: () => void) => void): void;
  /** Out of order at once: a vend under way has failed. */
  stop(): void;
}

export function usedMachine(board: Pins, config: DeviceConfig): UsedMachine {
  const { meter, output } = config;
  let delivered = 0;
  let vending = false;
  const isOn = (): boolean => output === undefined || board.level(output.pin) !== output.activeLow;

  /** Each unit is delivered only while the output is on: a relay that opens in the middle ends it there. */
  function pulses(pin: string, units: number): void {
    for (let i = 0; i < units && isOn(); i++) {
      board.pulse(pin);
      delivered++;
    }
  }

  function endVend(succeeds: boolean): void {
    if (meter.kind !== 'vend' || !vending) return;
    vending = false;
    if (succeeds) {
      delivered += meter.unitsPerVend;
      board.pulse(meter.successPin);
    } else if (meter.failurePin !== undefined) board.pulse(meter.failurePin);
  }

  return {
    deliveredUnits: () => delivered,
    use(use, later) {
      if (meter.kind === 'pulse') return pulses(meter.pin, use.kind === 'vend' ? (use.succeeds ? 1 : 0) : use.units);
      if (meter.kind === 'timer' || use.kind === 'pulses' || vending) return;
      board.pulse(meter.requestPin);
      vending = isOn();
      if (vending) later(use.takesSeconds, () => endVend(use.succeeds));
    },
    stop: () => endVend(false),
  };
}
