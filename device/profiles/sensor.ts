// A sensor that pays per message. In: `tallystick.use('request')` from the board's own program before it sends a message; or, where another controller sends,
// a pulse on the meter's pin per message. Out: a unit per message, and an output that is on while messages may be sent. It must never
// allow a message that it does not count.

import type { Profile, Service } from '../profile.ts';
import { enablingOutput, switchOutput } from '../profile.ts';

export function createProfile(service: Service): Profile {
  return {
    start: function () {
      switchOutput(service, false);
    },
    /** The other controller has sent: it is owed, whatever the output said. */
    reading: function (units) {
      service.count(units);
    },
    refresh: enablingOutput(service),
    use: function (event) {
      if (event !== 'request' || service.whyNot(1) !== '') return false;
      service.count(1);
      return true;
    },
  };
}
