// A charging point: an S0 meter counts Wh, a relay or contactor switches the current. In: S0 pulses, a button or `tallystick.use('request' | 'stop')`. Out: Wh,
// and the relay. Without a button the point charges whenever it may. A charge that had to stop goes on when it may again (a top-up, the hub's
// word); one that the user stopped waits for the user. The relay must never be on while `whyNot` gives a reason.

import type { Profile, Service } from '../profile.ts';
import { switchOutput } from '../profile.ts';

export function createProfile(service: Service): Profile {
  const button = service.config.button;
  let wanted = button === undefined;
  let on = false;
  let chargedUnits = 0;

  /** Called with every pulse: the relay opens with the Wh that reaches the limit. */
  function refresh(): void {
    const whyNot = wanted ? service.whyNot(1) : 'user';
    const may = whyNot === '';
    if (may === on) return;
    on = may;
    switchOutput(service, on);
    service.board.log(on ? 'charging' : 'charging stopped (' + whyNot + ') after ' + chargedUnits + ' Wh');
    if (on) chargedUnits = 0;
  }

  function want(isWanted: boolean): boolean {
    wanted = isWanted;
    refresh();
    return on === isWanted;
  }

  return {
    start: function () {
      switchOutput(service, false);
      if (button === undefined) return;
      service.board.watchPulses(button, function () {
        want(!wanted);
      });
    },
    reading: function (units) {
      chargedUnits += units;
      service.count(units);
    },
    refresh: refresh,
    use: function (event) {
      if (event === 'busy') return on && button !== undefined; // without one it goes on by itself
      return event === 'request' ? want(true) : event === 'stop' && want(false);
    },
  };
}
