// What a profile is: the part of the firmware that knows the machine around the board. In: readings of the meter, requests of people, and whether
// the machine may be used. Out: an output that is on while it may, and units that are owed. One profile goes into a firmware file, chosen by the
// build. A profile must never serve while `whyNot` gives a reason, nor count what was not delivered.

import type { Board } from './board.ts';
import type { StopReason } from './serving.ts';
import type { PlainSettings } from './settings.ts';

/** What the firmware does for a profile. */
export interface Service {
  readonly board: Board;
  readonly config: PlainSettings;
  /** Why so many more units may not be served now; '' when they may. */
  readonly whyNot: (units: number) => StopReason;
  /** So many units were delivered: they are owed from here on. */
  readonly count: (units: number) => void;
}

/** Asking for a use, how a vend ended, the end of a charge; and `busy` asks whether a restart now would break off a use. */
export type UseEvent = 'request' | 'success' | 'failure' | 'stop' | 'busy';

/** What a profile does for the firmware. */
export interface Profile {
  /** At power-on: wires the pins, with the output off. */
  readonly start: () => void;
  /** The meter has counted so many units. */
  readonly reading: (units: number) => void;
  /** What may be served may have changed. */
  readonly refresh: () => void;
  /** An event from the board's own program or console; true if it was granted, or had its effect. */
  readonly use: (event: UseEvent) => boolean;
}

export type MakeProfile = (service: Service) => Profile;

export function switchOutput(service: Service, on: boolean): void {
  const output = service.config.output;
  if (output !== undefined) service.board.setOutput(output.pin, on !== output.activeLow);
}

/** A `refresh` whose output is on while another unit may be served: an empty balance switches it off with the pulse that used it up. */
export function enablingOutput(service: Service): () => void {
  let on = false;
  return function () {
    const may = service.whyNot(1) === '';
    if (may === on) return;
    on = may;
    switchOutput(service, on);
  };
}
