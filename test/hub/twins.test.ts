// Two boards under one name are marked for the operator; a board whose link dies now and then is not, nor is anybody else.

import { expect, it } from 'vitest';
import { enrol } from '../../hub/enrol.ts';
import { openTwins } from '../../hub/twins.ts';
import { requestOf, startStore } from './fixture.ts';

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

it('take-overs that lie apart are a bad link', () => {
  const store = startStore();
  const { device } = enrol(store, requestOf(1883));
  const twins = openTwins(store);
  for (let i = 0; i < 200; i++) expect(twins.takenOver(device, startMs + i * 4 * MINUTE_MS)).toBe(false);
  expect(store.devices.find(device)?.conflicted).toBe(false);
});
