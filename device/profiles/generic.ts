// A counter: every pulse is a unit, or as many as the configuration says. In: pulses on the meter's pin. Out: units, and an output that is on while the
// machine may be used: a water valve, a washing machine's release, a door. It must never count less than the meter: what has flowed is owed.

import type { Profile, Service } from '../profile.ts';
import { enablingOutput, switchOutput } from '../profile.ts';

export function createProfile(service: Service): Profile {
  return {
    start: function () {
      switchOutput(service, false);
    },
    reading: function (units) {
      service.count(units);
    },
    refresh: enablingOutput(service),
    /** A counter has no requests. */
    use: function () {
      return false;
    },
  };
}
