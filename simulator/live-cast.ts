// A scenario's fleet for a live run: the same groups, enrolled at a hub that is really there. In: a scenario and the hub's enrolment. Out: fleet members. Their
// keys are real ones, from the system's entropy, so two runs are never alike.

import type { EnrolRequest } from '../hub/enrol.ts';
import type { DeviceConfig } from '../shared/config.ts';
import type { FleetMember } from './fleet.ts';
import type { Scenario } from './scenario.ts';
import { requestOf } from './world/cast.ts';

export interface LiveHub {
  readonly host: string;
  readonly port: number;
  readonly enrol: (request: EnrolRequest) => DeviceConfig;
  /** All enrolments in one transaction: ten thousand one by one would each wait for the disk. */
  readonly atomically: <T>(write: () => T) => T;
}

/** On the interpreter there are no pins: a machine there is counted at the console, and so seldom by itself that it never is. */
const COUNTED: Pick<EnrolRequest, 'meter'> = { meter: { kind: 'timer', everyMs: 86_400_000, units: 1 } };

/** The first devices are to run on the interpreter; prepaid ones are not, for what stops them is a relay. */
export function liveCast(scenario: Scenario, hub: LiveHub, interpreted: number): FleetMember[] {
  const { host, port, enrol, atomically } = hub;
  let left = interpreted;
  const startSeconds = Date.parse(scenario.start) / 1000;
  return atomically(() =>
    scenario.groups.flatMap((group) =>
      Array.from({ length: group.count }, (_, ordinal): FleetMember => {
        const request = requestOf(group, ordinal, { host, port });
        const onInterpreter = left > 0 && group.wallet === undefined;
        if (onInterpreter) left--;
        const config = enrol(onInterpreter ? counted(request) : request);
        return { label: request.label, profile: group.profile, config, behaviour: group.behaviour, startSeconds, onInterpreter };
      }),
    ),
  );
}

function counted(request: EnrolRequest): EnrolRequest {
  const plain = { ...request, ...COUNTED };
  delete plain.output;
  return plain;
}
