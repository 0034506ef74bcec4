// Bringing firmware to boards: versions, who is offered what and how fast, and how an order stands. The store is real; time and connections are the test's.

import { createPublicKey, verify } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { enrol, revoke } from '../../hub/enrol.ts';
import { readHubKey } from '../../hub/key.ts';
import { orderUpdate, standingOf, versionOf } from '../../hub/order.ts';
import { macOf } from '../../hub/proofs.ts';
import type { Store } from '../../hub/store.ts';
import { openStore } from '../../hub/store.ts';
import type { Updates } from '../../hub/updates.ts';
import { openUpdates } from '../../hub/updates.ts';
import type { Bytes } from '../../shared/bytes.ts';
import { toBase64url } from '../../shared/bytes.ts';
import type { Downlink } from '../../shared/downlink.ts';
import { decodeDownlink } from '../../shared/downlink.ts';
import type { DeviceId } from '../../shared/identity.ts';
import { fileDigest, offerSignedBytes, offerTerms } from '../../shared/offer.ts';
import type { Report, ReportState } from '../../shared/report.ts';
import { sha256 } from '../device/node-board.ts';
import { freshFolder, requestOf, startStore } from './fixture.ts';

const FILE = 'x'.repeat(600);
const OTHER_FILE = 'y'.repeat(600);

interface Bench {
  readonly store: Store;
  readonly updates: Updates;
  readonly device: DeviceId;
  readonly heard: (Downlink | string)[];
  say(state?: ReportState, changes?: Partial<Report>): void;
}

function openBench(): Bench {
  const store = startStore();
  const updates = openUpdates(store);
  const { device } = enrol(store, requestOf(1883));
  const heard: (Downlink | string)[] = [];
  const mac = macOf(store.devices.find(device)?.macKey ?? '');
  const connection = {
    device,
    send: (message: Bytes) => void heard.push(decodeDownlink(message, { hub: store.hub, device }, mac)),
    cut: () => undefined,
  };
  return {
    store,
    updates,
    device,
    heard,
    say(state = 'running', changes = {}) {
      updates.receive(connection, { kind: 'report', version: 0, build: 'vending', state, offered: 0, at: 0, ...changes });
    },
  };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('versions', () => {
  test('count up per build, and the same file keeps its own', () => {
    const store = startStore();
    expect(versionOf(store, 'vending', FILE)).toBe(1);
    expect(versionOf(store, 'vending', FILE)).toBe(1);
    expect(versionOf(store, 'vending', OTHER_FILE)).toBe(2);
    expect(versionOf(store, 'charging', OTHER_FILE)).toBe(1);
    expect(versionOf(store, 'vending', FILE)).toBe(3);
    expect(store.firmware.stretch('vending', 2, 512, 256)).toBe('y'.repeat(88));
  });

  test("a file is signed with the hub's key, for its build, version and bytes", () => {
    const store = startStore();
    const file = store.firmware.find('vending', versionOf(store, 'vending', FILE)) ?? expect.fail();
    const x = toBase64url(readHubKey(store.dataDir) ?? '');
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
    const isSigned = (changes: object): boolean =>
      verify(
        null,
        Buffer.from(offerSignedBytes(offerTerms({ ...file, ...changes }), store.hub), 'latin1'),
        key,
        Buffer.from(file.signature, 'latin1'),
      );
    expect(file.digest).toBe(fileDigest(FILE, sha256));
    expect(isSigned({})).toBe(true);
    for (const changes of [{ version: 2 }, { build: 'charging' }, { fileBytes: 604 }, { digest: '\0'.repeat(32) }]) {
      expect(isSigned(changes)).toBe(false);
    }
  });

  test('a version is one file for ever, and a file has whole words', () => {
    const store = startStore();
    versionOf(store, 'vending', FILE);
    const file = store.firmware.find('vending', 1) ?? expect.fail();
    expect(() => store.firmware.add(file, OTHER_FILE, 1)).toThrow(/UNIQUE/);
    expect(() => versionOf(store, 'vending', 'abc')).toThrow('whole words');
    expect(() => versionOf(store, 'vending', 'x'.repeat(65536))).toThrow('at most 65532');
  });
});

describe('offers', () => {
  test('go to a device of the build, once it has reported and something is ordered', () => {
    const b = openBench();
    b.say();
    expect(b.heard).toEqual([]);
    orderUpdate(b.store, [b.device], { build: 'vending', version: versionOf(b.store, 'vending', FILE) });
    b.updates.look();
    expect(b.heard).toMatchObject([{ kind: 'offer', version: 1, build: 'vending', fileBytes: 600 }]);
    b.updates.look();
    expect(b.heard).toHaveLength(1);
  });

  test('also when another process has ordered', () => {
    const folder = freshFolder();
    const store = openStore(folder);
    const other = openStore(folder);
    const { device } = enrol(store, requestOf(1883));
    const updates = openUpdates(store);
    const sent: Bytes[] = [];
    const connection = { device, send: (message: Bytes) => void sent.push(message), cut: () => undefined };
    updates.receive(connection, { kind: 'report', version: 0, build: 'vending', state: 'running', offered: 0, at: 0 });
    orderUpdate(other, [device], { build: 'vending', version: versionOf(other, 'vending', FILE) });
    updates.look();
    expect(sent).toHaveLength(1);
    updates.stop();
    store.close();
    other.close();
  });

  test.each([
    ['another build', { build: 'vending-low' }],
    ['that runs the version', { version: 1 }],
    ['that runs a later one', { version: 2 }],
    ['on which it failed', { state: 'rolled-back' as const, offered: 1 }],
    ['that waits for a quiet moment', { state: 'ready' as const, offered: 1 }],
  ])('do not go to a device %s', (_name, changes) => {
    const b = openBench();
    orderUpdate(b.store, [b.device], { build: 'vending', version: versionOf(b.store, 'vending', FILE) });
    b.say('running', changes);
    vi.advanceTimersByTime(60_000);
    b.updates.look();
    expect(b.heard).toEqual([]);
  });

  test('are repeated to a device that has become silent, and not to one that is gone', () => {
    const b = openBench();
    orderUpdate(b.store, [b.device], { build: 'vending', version: versionOf(b.store, 'vending', FILE) });
    b.say();
    for (let second = 0; second < 40; second++) {
      vi.advanceTimersByTime(1000);
      b.updates.look();
    }
    expect(b.heard).toHaveLength(3);
    b.updates.gone(b.device);
    vi.advanceTimersByTime(60_000);
    b.updates.look();
    expect(b.heard).toHaveLength(3);
  });

  test('prove a trial: the board is told what it runs', () => {
    const b = openBench();
    versionOf(b.store, 'vending', FILE);
    b.say('trial', { version: 1 });
    expect(b.heard).toMatchObject([{ kind: 'offer', version: 1 }]);
  });

  test('stop at an end until it is ordered again', () => {
    const b = openBench();
    const version = versionOf(b.store, 'vending', FILE);
    orderUpdate(b.store, [b.device], { build: 'vending', version });
    b.say();
    b.say('no-room', { offered: version });
    vi.advanceTimersByTime(60_000);
    b.updates.look();
    expect(b.heard).toHaveLength(1);
    orderUpdate(b.store, [b.device], { build: 'vending', version });
    b.updates.look();
    expect(b.heard).toHaveLength(2);
    b.say('no-room', { offered: version });
    vi.advanceTimersByTime(60_000);
    b.updates.look();
    expect(b.heard).toHaveLength(2);
  });

  test('do not go to a revoked device', () => {
    const b = openBench();
    orderUpdate(b.store, [b.device], { build: 'vending', version: versionOf(b.store, 'vending', FILE) });
    revoke(b.store, b.device);
    b.say();
    expect(b.heard).toEqual([]);
    expect(b.store.firmware.reports()).toEqual([]);
  });
});

test('a device that reports without end costs a bounded number of commits, and is heard again later', () => {
  const b = openBench();
  let commits = 0;
  const atomically = b.store.atomically.bind(b.store);
  Object.assign(b.store, { atomically: (write: () => unknown) => (commits++, atomically(write)) });
  for (let i = 0; i < 5000; i++) b.say(i % 2 === 0 ? 'running' : 'ready');
  expect(commits).toBe(32);
  vi.advanceTimersByTime(1000);
  b.say('damaged', { offered: 1 });
  expect(b.store.firmware.reportOf(b.device)).toMatchObject({ state: 'damaged' });
});

describe('pieces', () => {
  test('go out at most four in a second, the one that was asked for last', () => {
    const b = openBench();
    orderUpdate(b.store, [b.device], { build: 'vending', version: versionOf(b.store, 'vending', FILE) });
    const ask = (at: number): void => b.say('loading', { offered: 1, at });
    for (let i = 0; i < 100; i++) {
      ask(i % 2 === 0 ? 0 : 512);
      vi.advanceTimersByTime(20);
    }
    const pieces = b.heard.length;
    expect(pieces).toBeGreaterThan(0);
    expect(pieces).toBeLessThanOrEqual(8);
    for (const one of b.heard) expect(one).toMatchObject({ kind: 'piece' });
  });

  test('are the stretches of the file', () => {
    const b = openBench();
    const file = Array.from({ length: 150 }, (_, i) => String(i).padStart(4, '0')).join('');
    orderUpdate(b.store, [b.device], { build: 'vending', version: versionOf(b.store, 'vending', file) });
    for (const at of [0, 256, 512]) {
      b.say('loading', { offered: 1, at });
      vi.advanceTimersByTime(1000);
    }
    expect(b.heard).toEqual([0, 256, 512].map((at) => ({ kind: 'piece', at, bytes: file.slice(at, at + 256) })));
  });

  test.each([
    ['that was not ordered', 7, 0],
    ['beyond the end', 1, 600],
  ])('none %s', (_name, offered, at) => {
    const b = openBench();
    orderUpdate(b.store, [b.device], { build: 'vending', version: versionOf(b.store, 'vending', FILE) });
    b.say('loading', { offered, at });
    vi.advanceTimersByTime(1000);
    expect(b.heard.filter((one) => typeof one === 'object' && one.kind === 'piece')).toEqual([]);
  });
});

describe('how an order stands', () => {
  const order = { number: 3, device: 'AAAAAAAAAAA' as DeviceId, build: 'vending', version: 5 };
  const report = {
    device: order.device,
    version: 4,
    build: 'vending',
    state: 'running' as ReportState,
    offered: 0,
    at: 0,
    order: 3,
    reportedAtSeconds: 1,
  };

  test.each([
    [{}, 'offered', 'offered'],
    [{ state: 'loading', offered: 5, at: 256 }, 'loading', 'loading, 42 %'],
    [{ state: 'ready', offered: 5, at: 600 }, 'verified', 'quiet moment'],
    [{ state: 'trial', version: 5 }, 'on-trial', 'on trial'],
    [{ version: 5 }, 'running', 'running version 5'],
    [{ version: 6 }, 'failed', 'do not go back'],
    [{ build: 'charging' }, 'failed', 'runs the build charging, not vending'],
    [{ build: '\x00\xff' }, 'failed', 'runs the build 00ff'],
    [{ state: 'rolled-back', offered: 5 }, 'failed', 'no sign of life'],
    [{ state: 'rolled-back', offered: 4 }, 'offered', 'offered'],
    [{ state: 'rolled-back', offered: 5, order: 2 }, 'failed', 'no sign of life'],
    [{ state: 'no-room', offered: 5 }, 'failed', 'no room'],
    [{ state: 'no-room', offered: 5, order: 2 }, 'offered', 'offered'],
    [{ state: 'not-signed', offered: 5 }, 'failed', 'signature'],
    [{ state: 'damaged', offered: 5 }, 'failed', 'damaged'],
  ] as const)('%j: %s', (changes, kind, sentence) => {
    const standing = standingOf(order, { ...report, ...changes }, 600);
    expect(standing.kind).toBe(kind);
    expect(standing.sentence).toContain(sentence);
  });

  test('nobody has reported', () => {
    expect(standingOf(order, undefined, 600)).toMatchObject({ kind: 'waiting' });
  });
});
