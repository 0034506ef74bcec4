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

export function liveCast(scenario: Scenario, { host, port, enrol, atomically }: LiveHub): FleetMember[] {
  const startSeconds = Date.parse(scenario.start) / 1000;
  return atomically(() =>
    scenario.groups.flatMap((group) =>
      Array.from({ length: group.count }, (_, ordinal): FleetMember => {
        const request = requestOf(group, ordinal, { host, port });
        return { label: request.label, profile: group.profile, config: enrol(request), behaviour: group.behaviour, startSeconds };
      }),
    ),
  );
}
