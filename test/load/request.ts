// What a device under load is enrolled with: a long chain at a low price. In: a number and how many units it may pay. Out: a request for enrolment.

import type { EnrolRequest } from '../../hub/enrol-request.ts';
import { flatTariff, profileTerms } from '../../hub/profiles.ts';

export function loadRequest(ordinal: number, chainUnits: number): EnrolRequest {
  return {
    profile: 'sensor',
    label: `load-${ordinal}`,
    payer: `payer-${ordinal % 3}`,
    payee: `payee-${ordinal % 2}`,
    tariff: flatTariff(profileTerms('sensor')),
    limitUnits: chainUnits,
    chainUnits,
    meter: { kind: 'timer', everyMs: 1000, units: 1 },
    host: '127.0.0.1',
    port: 1883,
    issueEveryMs: 0,
    keepaliveSeconds: 60,
  };
}
