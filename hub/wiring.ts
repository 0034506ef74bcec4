// The door for how a machine is wired: its meter, its output, its button, its radio. In: JSON in any state. Out: wiring whose every field is within bounds, and
// one sentence where pins or profile do not go together. Which pins a board really has, only the board knows.

import { z } from 'zod';
import type { InputConfig, MeterConfig, OutputConfig } from '../shared/config.ts';
import { MAX_UNITS } from '../shared/units.ts';

const MAX_DEBOUNCE_MS = 10_000;
const MAX_VEND_MS = 600_000;

const pin = z.string().regex(/^[A-Za-z][A-Za-z0-9_]{0,15}$/, 'expected a pin such as D4');
const units = z.int().min(1).max(MAX_UNITS);
const debounceMs = z.int().min(0).max(MAX_DEBOUNCE_MS);

export const meterSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('timer'), everyMs: z.int().min(1), units }),
  z.strictObject({ kind: z.literal('pulse'), pin, unitsPerPulse: units, debounceMs }),
  z.strictObject({
    kind: z.literal('vend'),
    requestPin: pin,
    successPin: pin,
    failurePin: pin.optional(),
    debounceMs,
    timeoutMs: z.int().min(1).max(MAX_VEND_MS),
    unitsPerVend: units,
  }),
]);
export const outputSchema = z.strictObject({ pin, activeLow: z.boolean() });
export const inputSchema = z.strictObject({ pin, debounceMs });
export const wifiSchema = z.strictObject({
  ssid: z.string().min(1).max(32),
  password: z.string().max(63),
  sntp: z.string().min(1).max(253).optional(),
});

export interface Wiring {
  readonly profile: string;
  readonly meter: MeterConfig;
  readonly output?: OutputConfig;
  readonly button?: InputConfig;
}

function pinsOf({ meter, output, button }: Wiring): string[] {
  const own = meter.kind === 'timer' ? [] : meter.kind === 'pulse' ? [meter.pin] : [meter.requestPin, meter.successPin];
  const failure = meter.kind === 'vend' && meter.failurePin !== undefined ? [meter.failurePin] : [];
  return [...own, ...failure, ...[output?.pin, button?.pin].filter((one) => one !== undefined)];
}

/** What does not go together, beginning with the field's path; `undefined` when all does. */
export function wiringFault(wiring: Wiring): string | undefined {
  const { profile, meter, output, button } = wiring;
  if (meter.kind === 'vend' && profile !== 'vending')
    return `meter: expected a vend meter only with profile vending, got ${profile}`;
  if (meter.kind === 'vend' && output === undefined) return 'output: expected a pin that approves vends, got none';
  if (button !== undefined && profile !== 'charging') return `button: expected one only with profile charging, got ${profile}`;
  const pins = pinsOf(wiring);
  const twice = pins.find((one, i) => pins.indexOf(one) !== i);
  return twice === undefined ? undefined : `pins: expected each pin once, got ${twice} twice`;
}
