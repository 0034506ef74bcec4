// A vending machine. With a vend meter it speaks as MDB does: a request is approved or denied, then the machine tells success or failure; the output is the
// approval. With a pulse meter every pulse is a sale, and the output enables the machine. A unit is owed at success and not before, so that a
// failed vend costs nothing. It must never approve what it may not serve, nor two vends at once.

import type { VendMeter } from '../../shared/config.ts';
import type { Profile, Service } from '../profile.ts';
import { enablingOutput, switchOutput } from '../profile.ts';

/** `overdue`: given up on after the time-out; a product that falls all the same is paid. */
type Phase = 'idle' | 'vending' | 'overdue';

function vends(service: Service, meter: VendMeter): Profile {
  const board = service.board;
  let phase: Phase = 'idle';
  let timer = 0;

  function request(): boolean {
    const whyNot = phase === 'vending' ? 'one vend at a time' : service.whyNot(meter.unitsPerVend);
    if (whyNot !== '') {
      board.log('vend denied: ' + whyNot);
      return false;
    }
    phase = 'vending';
    timer = board.after(meter.timeoutMs, function () {
      use('overdue');
    });
    switchOutput(service, true);
    return true;
  }

  /** How a vend ended; only a success may come after its time. */
  function end(event: string): boolean {
    if (event === 'stop' || phase === 'idle' || (phase === 'overdue' && event !== 'success')) return false;
    board.cancel(timer);
    phase = event === 'overdue' ? 'overdue' : 'idle';
    switchOutput(service, false);
    if (event === 'success') service.count(meter.unitsPerVend);
    else board.log('vend failed: nothing is owed');
    return true;
  }

  function use(event: string): boolean {
    if (event === 'busy') return phase === 'vending';
    return event === 'request' ? request() : end(event);
  }

  function watch(pin: string, event: string): void {
    board.watchPulses({ pin: pin, debounceMs: meter.debounceMs }, function () {
      use(event);
    });
  }

  return {
    start: function () {
      switchOutput(service, false);
      watch(meter.requestPin, 'request');
      watch(meter.successPin, 'success');
      if (meter.failurePin !== undefined) watch(meter.failurePin, 'failure');
    },
    reading: service.count,
    /** An approval that was given stands: the machine has begun to vend. */
    refresh: function () {},
    use: use,
  };
}

function pulses(service: Service): Profile {
  return {
    start: function () {
      switchOutput(service, false);
    },
    reading: service.count,
    refresh: enablingOutput(service),
    use: function () {
      return false;
    },
  };
}

export function createProfile(service: Service): Profile {
  const meter = service.config.meter;
  return meter.kind === 'vend' ? vends(service, meter) : pulses(service);
}
