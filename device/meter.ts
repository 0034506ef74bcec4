// The meter: pulses become units. In: edges on a pin, or the ticks of a timer where there is no pin, or counts from outside. Out: readings for
// the profile, and the units since they were last taken. An interrupt only counts; everything else happens on the firmware's beat.

import type { MeterConfig } from '../shared/config.ts';
import type { Board } from './board.ts';

export interface Meter {
  readonly board: Board;
  readonly config: MeterConfig;
  pendingUnits: number;
  running: boolean;
  timer: number | undefined;
}

export function createMeter(board: Board, config: MeterConfig): Meter {
  return { board: board, config: config, pendingUnits: 0, running: false, timer: undefined };
}

function tick(meter: Meter, everyMs: number, onTick: () => void): void {
  meter.timer = meter.board.after(everyMs, function () {
    if (!meter.running) return;
    tick(meter, everyMs, onTick);
    onTick();
  });
}

/** A vend meter's pins are the profile's own. */
export function startMeter(meter: Meter, onReading: (units: number) => void): void {
  const config = meter.config;
  meter.running = true;
  if (config.kind === 'timer') {
    tick(meter, config.everyMs, function () {
      onReading(config.units);
    });
  }
  if (config.kind !== 'pulse') return;
  meter.board.watchPulses(config, function () {
    if (meter.running) onReading(config.unitsPerPulse);
  });
}

export function stopMeter(meter: Meter): void {
  meter.running = false;
  meter.board.cancel(meter.timer);
  meter.timer = undefined;
}

export function takeUnits(meter: Meter): number {
  const units = meter.pendingUnits;
  meter.pendingUnits = 0;
  return units;
}
