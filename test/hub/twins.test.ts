// Two boards under one name are marked for the operator; a board whose link dies now and then is not, nor is anybody else.

import { expect, it } from 'vitest';
import { enrol } from '../../hub/enrol.ts';
import { openTwins } from '../../hub/twins.ts';
import { enrolAt, requestOf, startHub, startStore } from './fixture.ts';
import { connectPayer } from './payer.ts';

const MINUTE_MS = 60_000;
const startMs = Date.UTC(2026, 2, 1);

it('twenty take-overs in an hour mark the device, once and for good', () => {
  const store = startStore();
  const { device } = enrol(store, requestOf(1883));
  const other = enrol(store, requestOf(1883)).device;
  const twins = openTwins(store);
  for (let i = 0; i < 19; i++) expect(twins.takenOver(device, startMs + i * MINUTE_MS)).toBe(false);
  expect(store.devices.find(device)?.conflicted).toBe(false);
  expect(twins.takenOver(device, startMs + 19 * MINUTE_MS)).toBe(true);
  expect(store.devices.find(device)?.conflicted).toBe(true);
  expect(openTwins(store).takenOver(device, startMs + 20 * MINUTE_MS)).toBe(false); // a hub that was started anew counts anew
  expect(store.devices.find(device)?.conflicted).toBe(true);
  expect(store.devices.find(other)?.conflicted).toBe(false);
});

it('the hub counts connections that are taken over while they are open, and shows the mark', async () => {
  const hub = await startHub();
  const config = enrolAt(hub);
  const conflicted = (): boolean | undefined => hub.status().devices[0]?.conflicted;
  const payers = [await connectPayer(config)];
  for (let i = 0; i < 19; i++) payers.push(await connectPayer(config));
  expect(conflicted()).toBe(false);
  payers.push(await connectPayer(config));
  expect(conflicted()).toBe(true);
  for (const payer of payers) await payer.end();
});

it('connections that were closed before are no take-overs', async () => {
  const hub = await startHub();
  const config = enrolAt(hub);
  for (let i = 0; i < 25; i++) await (await connectPayer(config)).end();
  expect(hub.status().devices[0]?.conflicted).toBe(false);
});

it('take-overs that lie apart are a bad link', () => {
  const store = startStore();
  const { device } = enrol(store, requestOf(1883));
  const twins = openTwins(store);
  for (let i = 0; i < 200; i++) expect(twins.takenOver(device, startMs + i * 4 * MINUTE_MS)).toBe(false);
  expect(store.devices.find(device)?.conflicted).toBe(false);
});
