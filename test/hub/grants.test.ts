// Prepaid devices at the hub: ceilings that only rise, told to the device after each subscription and each top-up, also one made by another process;
// what the hub accepts does not depend on them.

import { expect, test } from 'vitest';
import { enrol } from '../../hub/enrol.ts';
import { openStore } from '../../hub/store.ts';
import { topUp, topUpTo } from '../../hub/topup.ts';
import type { DeviceId } from '../../shared/identity.ts';
import { enrolAt, freshFolder, payAt, requestOf, startHub, startStore } from './fixture.ts';
import { connectPayer } from './payer.ts';

const granted = (ceilingUnits: number) => (answer: { readonly kind: string; readonly ceilingUnits?: number }) =>
  answer.kind === 'grant' && answer.ceilingUnits === ceilingUnits;

test('a prepaid device hears its ceiling after subscribing, after a top-up, and after the hub has restarted', async () => {
  const dataDir = freshFolder();
  const hub = await startHub({ dataDir });
  const payer = await payAt(hub, { prepaidUnits: 5 });
  expect(payer.config.prepaid).toBe(true);
  await payer.hears(granted(5));
  expect(hub.topUp(payer.config.device, 10)).toEqual({ kind: 'raised', ceilingUnits: 15 });
  await payer.hears(granted(15));
  expect(payer.heard).toHaveLength(2);
  await hub.close();
  const again = await startHub({ dataDir });
  const back = await connectPayer({ ...payer.config, port: again.port });
  await back.hears(granted(15));
  await back.end();
});

test('a top-up by another process is told within a look', async () => {
  const dataDir = freshFolder();
  const hub = await startHub({ dataDir, grantEveryMs: 5 });
  const payer = await payAt(hub, { prepaidUnits: 0 });
  await payer.hears(granted(0));
  const other = openStore(dataDir);
  expect(topUp(other, payer.config.device, 7)).toEqual({ kind: 'raised', ceilingUnits: 7 });
  other.close();
  await payer.hears(granted(7));
});

test('a post-paid device hears no grant, and the hub refuses to top it up', async () => {
  const hub = await startHub();
  const payer = await payAt(hub);
  expect(hub.topUp(payer.config.device, 10)).toMatchObject({
    kind: 'refused',
    why: expect.stringContaining('post-paid') as string,
  });
  await payer.send(payer.commitment(1));
  await payer.hears((answer) => answer.kind === 'receipt');
  expect(payer.heard.filter((answer) => answer.kind === 'grant')).toEqual([]);
  expect(hub.status().devices[0]).toMatchObject({ ceilingUnits: null, balanceUnits: null });
});

test('what the hub accepts does not depend on the ceiling; the balance shows what is left', async () => {
  const hub = await startHub();
  const payer = await payAt(hub, { prepaidUnits: 5 });
  await payer.send(payer.commitment(1));
  await payer.send(payer.payword(1, 3));
  await payer.hears((answer) => answer.kind === 'receipt' && answer.acceptedUnits === 3);
  expect(hub.status().devices[0]).toMatchObject({ ceilingUnits: 5, balanceUnits: 2 });
  await payer.send(payer.payword(1, 9));
  await payer.hears((answer) => answer.kind === 'receipt' && answer.acceptedUnits === 9);
  expect(hub.status()).toMatchObject({ balanced: true, devices: [{ ceilingUnits: 5, balanceUnits: 0, totalUnits: 9 }] });
});

test('only whole units within bounds, for an enrolled device that is not revoked', async () => {
  const hub = await startHub();
  const { device } = enrolAt(hub, { prepaidUnits: 1 });
  for (const units of [0, -1, 1.5, Number.NaN, Number.MAX_SAFE_INTEGER]) {
    expect(hub.topUp(device, units)).toMatchObject({
      kind: 'refused',
      why: expect.stringMatching(/^expected a top-up of 1 to/) as string,
    });
  }
  expect(hub.topUp(device, Number.MAX_SAFE_INTEGER - 1)).toEqual({ kind: 'raised', ceilingUnits: Number.MAX_SAFE_INTEGER });
  expect(hub.topUp('AAAAAAAAAAA' as DeviceId, 1)).toMatchObject({ kind: 'refused' });
  hub.store.devices.revoke(device, 1);
  expect(hub.topUp(device, 1)).toMatchObject({ kind: 'refused', why: expect.stringContaining('revoked') as string });
});

test('a top-up to a ceiling counts once, however often and in whatever order it is asked for', async () => {
  const hub = await startHub();
  const { device } = enrolAt(hub, { prepaidUnits: 5 });
  expect(topUpTo(hub.store, device, 20)).toEqual({ kind: 'raised', ceilingUnits: 20 });
  for (const ceilingUnits of [20, 12, 1])
    expect(topUpTo(hub.store, device, ceilingUnits)).toEqual({ kind: 'kept', ceilingUnits: 20 });
  for (const ceilingUnits of [0, 1.5, Number.NaN, Number.MAX_SAFE_INTEGER + 1]) {
    expect(topUpTo(hub.store, device, ceilingUnits)).toMatchObject({ kind: 'refused' });
  }
  expect(topUpTo(hub.store, enrolAt(hub).device, 5)).toMatchObject({
    kind: 'refused',
    why: expect.stringContaining('post-paid') as string,
  });
});

test('the database refuses a ceiling that does not rise', () => {
  const store = startStore();
  const { device } = enrol(store, requestOf(1883, { prepaidUnits: 5 }));
  expect(() => store.grants.raise(device, 5, 1)).toThrow("a device's ceiling only rises");
  expect(() => store.grants.raise(device, 4, 1)).toThrow("a device's ceiling only rises");
  store.grants.raise(device, 6, 1);
  expect(store.grants.ceilingUnits(device)).toBe(6);
  expect(store.grants.ceilings()).toEqual(new Map([[device, 6]]));
});

test.each([
  [{ profile: 'sensor', meter: vendMeter() }, 'meter: expected a vend meter only with profile vending, got sensor'],
  [{ meter: vendMeter(), output: undefined }, 'output: expected a pin that approves vends, got none'],
  [{ meter: vendMeter(), output: { pin: 'D18', activeLow: false } }, 'pins: expected each pin once, got D18 twice'],
  [{ button: { pin: 'D2', debounceMs: 20 } }, 'button: expected one only with profile charging, got vending'],
  [{ output: { pin: '4', activeLow: false } }, 'output.pin: expected a pin such as D4'],
])('wiring that cannot be is refused: %j', (changes, sentence) => {
  const { output, ...rest } = { ...requestOf(1883), output: { pin: 'D5', activeLow: false }, ...changes };
  const request = output === undefined ? rest : { ...rest, output };
  expect(() => enrol(startStore(), request)).toThrow(sentence);
});

function vendMeter(): {
  kind: 'vend';
  requestPin: string;
  successPin: string;
  debounceMs: number;
  timeoutMs: number;
  unitsPerVend: number;
} {
  return { kind: 'vend', requestPin: 'D4', successPin: 'D18', debounceMs: 20, timeoutMs: 1000, unitsPerVend: 1 };
}
