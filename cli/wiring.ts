// How a machine's wiring is typed: meter, output, button. In: words such as `pulse:D4`. Out: the configuration's own form, or what was expected
// instead. Which pins a board really has is the maker's to know.

import { InvalidArgumentError } from 'commander';
import type { InputConfig, MeterConfig, OutputConfig } from '../shared/config.ts';
import { MAX_UNITS } from '../shared/units.ts';
import { parseDurationMs, wholeNumber } from './duration.ts';

const DEBOUNCE_MS = 20;
const VEND_TIMEOUT_MS = 30_000;

const count = wholeNumber(1, MAX_UNITS);

export const METER_FORMS =
  'timer:<every>:<units>, pulse:<pin>[:<units>[:<debounce>]] or vend:<request pin>:<success pin>[:<failure pin>[:<time-out>]]';

/** What a device is enrolled with when nothing is said of its meter. */
export const STAND_IN = 'timer:1s:1';

/** Nobody shall find out from the bill that no machine was counted. */
export function standInAdvice(unit: string): string {
  return `no --meter was given, so a timer stands in for a machine: every second 1 ${unit} is counted, and owed; a real one needs its pins, such as --meter pulse:D4 (see device/README.md)\n`;
}

export function parseMeter(spec: string): MeterConfig {
  const [kind, ...rest] = spec.split(':');
  const meter = kind === 'timer' ? timerOf(rest) : kind === 'pulse' ? pulseOf(rest) : kind === 'vend' ? vendOf(rest) : undefined;
  if (meter !== undefined) return meter;
  throw new InvalidArgumentError(
    `expected timer:<every>:<units> such as timer:1s:1, pulse:<pin> such as pulse:D4, or vend:<request pin>:<success pin> such as vend:D4:D18, got "${spec}"`,
  );
}

function timerOf([every, units]: readonly string[]): MeterConfig | undefined {
  if (every === undefined || units === undefined) return undefined;
  return { kind: 'timer', everyMs: parseDurationMs(every), units: count(units) };
}

function pulseOf([pin, units, debounce]: readonly string[]): MeterConfig | undefined {
  if (pin === undefined || pin === '') return undefined;
  const debounceMs = debounce === undefined ? DEBOUNCE_MS : parseDurationMs(debounce);
  return { kind: 'pulse', pin, unitsPerPulse: units === undefined ? 1 : count(units), debounceMs };
}

function vendOf([requestPin, successPin, failurePin, timeout]: readonly string[]): MeterConfig | undefined {
  if (requestPin === undefined || requestPin === '' || successPin === undefined || successPin === '') return undefined;
  return {
    kind: 'vend',
    requestPin,
    successPin,
    ...(failurePin === undefined || failurePin === '' ? {} : { failurePin }),
    debounceMs: DEBOUNCE_MS,
    timeoutMs: timeout === undefined ? VEND_TIMEOUT_MS : parseDurationMs(timeout),
    unitsPerVend: 1,
  };
}

export function parseOutput(spec: string): OutputConfig {
  const [pin, level] = spec.split(':');
  if (pin !== undefined && pin !== '' && (level === undefined || level === 'low' || level === 'high')) {
    return { pin, activeLow: level === 'low' };
  }
  throw new InvalidArgumentError(
    `expected <pin>, or <pin>:low for a relay that is on at low level, such as D27:low, got "${spec}"`,
  );
}

export function parseButton(spec: string): InputConfig {
  const [pin, debounce] = spec.split(':');
  if (pin === undefined || pin === '') throw new InvalidArgumentError(`expected <pin>[:<debounce>] such as D21, got "${spec}"`);
  return { pin, debounceMs: debounce === undefined ? DEBOUNCE_MS : parseDurationMs(debounce) };
}
