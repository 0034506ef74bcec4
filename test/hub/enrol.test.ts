// Enrolment: what it makes, what it keeps, and what it refuses, field by field.

import { createPrivateKey, sign } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Bytes } from '../../shared/bytes.ts';
import { fromHex, toHex } from '../../shared/bytes.ts';
import { enrol, EnrolmentRefused, listDevices, revoke } from '../../hub/enrol.ts';
import { keyFault } from '../../hub/key-rule.ts';
import { possessionBytes, possessionFault } from '../../hub/possession.ts';
import { deviceIdOf, tariffIdOf } from '../../hub/ids.ts';
import type { DeviceId } from '../../shared/identity.ts';
import { parseDeviceId } from '../../shared/identity.ts';
import { requestOf, startStore } from './fixture.ts';
import { payerOf } from './payer.ts';

test('a device gets keys of its own, and the hub keeps neither seed nor password', () => {
  const store = startStore();
  const configs = [enrol(store, requestOf(1883)), enrol(store, requestOf(1883))];
  const [config, other] = configs as [(typeof configs)[0], (typeof configs)[0]];
  for (const field of ['seed', 'publicKey', 'macKey', 'password', 'device'] as const)
    expect(config[field]).not.toBe(other[field]);
  expect(parseDeviceId(config.device)).toBe(config.device);
  expect(deviceIdOf(fromHex(config.publicKey) as Bytes)).toBe(config.device);
  expect(config).toMatchObject({ hub: toHex(store.hub), root: 't', port: 1883, tariff: toHex(tariffIdOf(requestOf(1).tariff)) });
  const payer = payerOf(config); // signs with the seed, so it must belong to the public key
  expect(payer.commitment(1)).not.toBe(payerOf(other).commitment(1));
  const files = readdirSync(store.dataDir).map((name) => readFileSync(join(store.dataDir, name)));
  for (const secret of [Buffer.from(config.seed, 'hex'), Buffer.from(config.seed), Buffer.from(config.password)]) {
    expect(files.some((file) => file.includes(secret))).toBe(false);
  }
});

test('a device is revoked once and stays so; a stranger cannot be', () => {
  const store = startStore();
  const { device } = enrol(store, requestOf(1883));
  expect(revoke(store, device, 5)).toBe(true);
  expect(revoke(store, device, 9)).toBe(true);
  expect(listDevices(store)).toMatchObject([{ device, revoked: true }]);
  expect(revoke(store, 'AAAAAAAAAAA' as DeviceId)).toBe(false);
});

const tariff = requestOf(1).tariff;

describe('refusals name the field', () => {
  test.each<[string, object, string]>([
    [
      'currency in small letters',
      { tariff: { ...tariff, currency: 'eur' } },
      'tariff.currency: expected a currency as three capital letters',
    ],
    ['a negative price', { tariff: { ...tariff, priceMicros: -1 } }, 'tariff.priceMicros: '],
    ['a price with a fraction', { tariff: { ...tariff, priceMicros: 0.5 } }, 'tariff.priceMicros: '],
    ['a price per nothing', { tariff: { ...tariff, perUnits: 0 } }, 'tariff.perUnits: '],
    [
      'a tariff that ends first',
      { tariff: { ...tariff, validFromSeconds: 9, validUntilSeconds: 9 } },
      'tariff.validUntilSeconds: expected a time after',
    ],
    ['a unit name too long', { tariff: { ...tariff, unit: 'x'.repeat(17) } }, 'tariff.unit: expected 1 to 16 printable ASCII'],
    ['no limit', { limitUnits: 0 }, 'limitUnits: '],
    ['a limit above what can be counted', { limitUnits: 2 ** 32 }, 'limitUnits: '],
    [
      'a limit that costs too much',
      { limitUnits: 4_000_000_000 },
      'limitUnits: expected a limit that costs at most 1000000000000 micros',
    ],
    [
      'a limit above the credit',
      { creditMicros: 9_999_999 },
      'limitUnits: expected a limit within the credit of 9999999 micros, got 1000 units for 10000000',
    ],
    ['a chain above the limit', { limitUnits: 10, chainUnits: 11 }, 'chainUnits: expected at most the unit limit 10, got 11'],
    ['a chain too long', { limitUnits: 70_000, chainUnits: 65_536 }, 'chainUnits: '],
    ['a payer who pays himself', { payee: 'alice' }, 'payee: expected another account'],
    ['a name with an umlaut', { payer: 'älice' }, 'payer: expected 1 to 64 printable ASCII characters'],
    ['no name', { payee: '' }, 'payee: expected 1 to 64 printable ASCII characters'],
    ['no port', { port: 0 }, 'port: '],
    ['a keepalive too long', { keepaliveSeconds: 3601 }, 'keepaliveSeconds: '],
    ['a meter of no kind', { meter: { kind: 'guess' } }, 'meter'],
    ['a timer that never ticks', { meter: { kind: 'timer', everyMs: 0, units: 1 } }, 'meter.everyMs: '],
    ['a field too many', { colour: 'red' }, 'colour'],
  ])('%s', (_name, changes, sentence) => {
    const store = startStore();
    const attempt = (): unknown => enrol(store, { ...requestOf(1883), ...changes });
    expect(attempt).toThrow(EnrolmentRefused);
    expect(attempt).toThrow(sentence);
    expect(listDevices(store)).toEqual([]);
  });
});

describe('keys', () => {
  const B = '5866666666666666666666666666666666666666666666666666666666666666';

  test.each([
    ['the base point', B, undefined],
    ['too short', B.slice(2), 'expected a public key of 32 bytes, got 31'],
    ['no point of the curve', '02' + '00'.repeat(31), 'expected a canonical point'],
    ['above the field', 'ee' + 'ff'.repeat(30) + '7f', 'expected a canonical point'],
    ['the neutral element', '01' + '00'.repeat(31), 'the key is of small order'],
    ['order 4', '00'.repeat(32), 'the key is of small order'],
    ['order 2', 'ec' + 'ff'.repeat(30) + '7f', 'the key is of small order'],
    ['order 8', 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a', 'the key is of small order'],
    ['a point with torsion', torsioned(), 'outside the prime-order group'],
  ])('%s', (_name, hex, fault) => {
    const found = keyFault(fromHex(hex) as Bytes);
    if (fault === undefined) expect(found).toBeUndefined();
    else expect(found).toContain(fault);
  });

  /** The base point plus the point of order 2, (0, -1): negates both coordinates. */
  function torsioned(): string {
    const p = 2n ** 255n - 19n;
    const y = BigInt('0x' + Buffer.from(B, 'hex').reverse().toString('hex'));
    const negated = p - y; // -y; x is negated too, and -x of the base point is odd
    const bytes = Buffer.from(negated.toString(16).padStart(64, '0'), 'hex').reverse();
    bytes[31] = (bytes[31] ?? 0) | 0x80;
    return bytes.toString('hex');
  }

  test('possession is proven by this key, for this hub and device', () => {
    const store = startStore();
    const { device, publicKey, seed } = enrol(store, requestOf(1883));
    const key = fromHex(publicKey) as Bytes;
    const context = { hub: store.hub, device };
    const x = Buffer.from(publicKey, 'hex').toString('base64url');
    const d = Buffer.from(seed, 'hex').toString('base64url');
    const owner = createPrivateKey({ key: { kty: 'OKP', crv: 'Ed25519', d, x }, format: 'jwk' });
    const proof = sign(null, Buffer.from(possessionBytes(context, key), 'latin1'), owner).toString('latin1');
    expect(possessionFault(context, key, proof)).toBeUndefined();
    expect(possessionFault({ ...context, device: 'AAAAAAAAAAA' as DeviceId }, key, proof)).toContain(
      'was not made with this key',
    );
    expect(possessionFault(context, key, '\x00'.repeat(64))).toContain('was not made with this key');
  });
});
