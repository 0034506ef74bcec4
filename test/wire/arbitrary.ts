// Any message of the wire, for properties: values in their whole ranges, with the edges where encodings change length. Out: fast-check arbitraries of what
// the operations take.

import fc from 'fast-check';
import type { Fields } from './fields.ts';
import { REASON_ROWS } from './vectors-downlink.ts';
import { STATE_NAMES } from './vectors-status.ts';
import { REPORT_NAMES } from './vectors-update.ts';

const EDGES = [0, 1, 23, 24, 255, 256, 65535, 65536, 4294967295, 4294967296, Number.MAX_SAFE_INTEGER];

export function integerWithin(min: number, max: number): fc.Arbitrary<number> {
  const edges = EDGES.filter((edge) => edge >= min && edge <= max);
  return fc.oneof(
    fc.integer({ min, max: Math.min(max, 70_000) }),
    fc.maxSafeNat().map((n) => min + (n % (max - min + 1))),
    fc.constantFrom(...edges),
  );
}

export function octets(length: number): fc.Arbitrary<string> {
  return fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => Buffer.from(bytes).toString('hex'));
}

const MAX32 = 4294967295;
const channel = integerWithin(1, MAX32);
const units = integerWithin(0, MAX32);
const register = integerWithin(0, Number.MAX_SAFE_INTEGER);

export const payword: fc.Arbitrary<Fields> = fc.record({
  kind: fc.constant('payword'),
  channel,
  units: integerWithin(1, 65535),
  link: octets(16),
});

export const signed: fc.Arbitrary<Fields> = fc
  .record({ kind: fc.constant('signed'), channel, units, closing: fc.boolean(), signature: octets(64) })
  .map((voucher) => (voucher.units === 0 ? { ...voucher, closing: true } : voucher));

export const commitment: fc.Arbitrary<Fields> = fc
  .record({
    kind: fc.constant('commitment'),
    channel,
    payee: octets(8),
    tariff: octets(16),
    limitUnits: integerWithin(1, MAX32),
    anchor: octets(16),
    chainUnits: integerWithin(0, 65535),
    openedRegisterUnits: register,
    signature: octets(64),
  })
  .map((terms) => ({ ...terms, chainUnits: Math.min(terms.chainUnits, terms.limitUnits) }))
  .map((terms) => (terms.chainUnits === 0 ? { ...terms, anchor: '00'.repeat(16) } : terms));

export const receipt: fc.Arbitrary<Fields> = fc.record({
  kind: fc.constant('receipt'),
  channel,
  acceptedUnits: units,
  closed: fc.boolean(),
});

export const reject: fc.Arbitrary<Fields> = fc.record({
  kind: fc.constant('reject'),
  channel: integerWithin(0, MAX32),
  units,
  reason: fc.constantFrom(...REASON_ROWS.map(([reason]) => reason)),
  nextChannel: channel,
});

export const grant: fc.Arbitrary<Fields> = fc.record({ kind: fc.constant('grant'), ceilingUnits: register });

const build = fc.uint8Array({ minLength: 1, maxLength: 16 }).map((bytes) => Buffer.from(bytes).toString('hex'));

export const offer: fc.Arbitrary<Fields> = fc.record({
  kind: fc.constant('offer'),
  version: integerWithin(1, 99_999_999),
  build,
  fileBytes: integerWithin(1, 16_383).map((words) => words * 4),
  digest: octets(32),
  signature: octets(64),
});

export const piece: fc.Arbitrary<Fields> = fc.record({
  kind: fc.constant('piece'),
  at: integerWithin(0, 65_528),
  bytes: fc.uint8Array({ minLength: 4, maxLength: 256 }).map((bytes) => Buffer.from(bytes).toString('hex')),
});

export const report: fc.Arbitrary<Fields> = fc.record({
  kind: fc.constant('report'),
  version: integerWithin(0, 99_999_999),
  build,
  state: fc.constantFrom(...REPORT_NAMES),
  offered: integerWithin(0, 99_999_999),
  at: integerWithin(0, 65_532),
});

export const status: fc.Arbitrary<Fields> = fc.record({
  kind: fc.constant('status'),
  state: fc.constantFrom(...STATE_NAMES),
  channel: integerWithin(0, MAX32),
  registerUnits: register,
});

const letter = fc.integer({ min: 65, max: 90 }).map((code) => String.fromCharCode(code));
const printable = fc.integer({ min: 32, max: 126 }).map((code) => String.fromCharCode(code));

export const tariff: fc.Arbitrary<Fields> = fc
  .record({
    currency: fc.string({ unit: letter, minLength: 3, maxLength: 3 }),
    unit: fc.string({ unit: printable, minLength: 1, maxLength: 16 }),
    priceMicros: integerWithin(0, 1_000_000_000),
    perUnits: integerWithin(1, 1_000_000),
    validFromSeconds: integerWithin(0, Number.MAX_SAFE_INTEGER - 1),
    validUntilSeconds: register,
  })
  .map((row) => (row.validUntilSeconds > row.validFromSeconds ? row : { ...row, validUntilSeconds: row.validFromSeconds + 1 }));
