// Updates on a board whose power may go at any write to flash: whatever happens, the old firmware or the new one runs, whole; and what the hub has not signed, or what
// is older, of another build, or damaged, never runs.

import { createPrivateKey, sign, verify, createPublicKey } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { slotFile, updatable } from '../../device/build/board-files.ts';
import type { Board } from '../../device/board.ts';
import type { Update } from '../../device/update.ts';
import {
  createUpdate,
  DAMAGED,
  hearUpdate,
  LOADING,
  nextReport,
  NO_ROOM,
  NOT_SIGNED,
  ON_TRIAL,
  ROLLED_BACK,
  RUNNING,
  WAITING,
  workOnUpdate,
} from '../../device/update.ts';
import type { Bytes } from '../../shared/bytes.ts';
import type { Downlink } from '../../shared/downlink.ts';
import { fromHex } from '../../shared/bytes.ts';
import type { HubId } from '../../shared/identity.ts';
import type { HeardOffer, Offer, OfferTerms } from '../../shared/offer.ts';
import { fileDigest, offerPayload, offerSignedBytes, offerTerms, PIECE_BYTES, readOffer } from '../../shared/offer.ts';
import type { Report } from '../../shared/report.ts';
import { readReport } from '../../shared/report.ts';
import type { ChannelNumber, Units } from '../../shared/units.ts';
import { createFakeBoard } from './fake-board.ts';
import { sha256 } from './node-board.ts';
import type { Boot, Left, SlotStore } from './slot-store.ts';
import { boot, createSlotStore, LEFT, PowerCut, slotsOf } from './slot-store.ts';

const HUB = fromHex('24f6ed6acbfe1009') as HubId;
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const keyOf = (byte: number): ReturnType<typeof createPrivateKey> =>
  createPrivateKey({ key: Buffer.concat([PKCS8, Buffer.alloc(32, byte)]), format: 'der', type: 'pkcs8' });
const HUB_KEY = keyOf(1);
const HUB_PUBLIC = createPublicKey(HUB_KEY);

/** Firmware that says who it is, of some pieces' length. */
const codeOf = (name: string, more = ''): string => `global.ran='${name}';global.tallystick={};${more}/*${'.'.repeat(700)}*/`;
const NEW = updatable(codeOf('new'));

/** As the board reads it. */
function heard(offer: Offer): HeardOffer {
  const read = readOffer(offerPayload(offer));
  return typeof read === 'string' ? expect.fail(read) : read;
}

function offerOf(file: Bytes, changes: Partial<OfferTerms> = {}, key = HUB_KEY): HeardOffer {
  const terms = { version: 2, build: 'vending', fileBytes: file.length, digest: fileDigest(file, sha256), ...changes };
  const signature = sign(null, Buffer.from(offerSignedBytes(offerTerms(terms), HUB), 'latin1'), key).toString('latin1');
  return heard({ kind: 'offer', ...terms, signature });
}

/** Any word of the hub. */
const RECEIPT: Downlink = { kind: 'receipt', channel: 1 as ChannelNumber, acceptedUnits: 0 as Units, closed: false };

interface Running {
  readonly store: SlotStore;
  readonly booted: Boot;
  readonly update: Update;
  readonly say: (said: Downlink) => void;
}

function start(store: SlotStore): Running {
  const booted = boot(store);
  const board: Board = {
    ...createFakeBoard(),
    slots: slotsOf(store, booted.slot, () => undefined),
    beginVerification(_board, message, signature) {
      let slices = 0;
      return () =>
        ++slices < 3 ? undefined : verify(null, Buffer.from(message, 'latin1'), HUB_PUBLIC, Buffer.from(signature, 'latin1'));
    },
  };
  const update = createUpdate(board) ?? expect.fail();
  const say = (said: Downlink): void => hearUpdate(update, said, HUB);
  return { store, booted, update, say };
}

/** A board whose firmware came by cable. */
function flashed(version = 1): SlotStore {
  const store = createSlotStore();
  const { name, bytes } = slotFile(codeOf('old'), 'vending', version);
  store.files.set(name, Buffer.from(bytes, 'latin1'));
  return store;
}

function reportOf(u: Update): Report | undefined {
  const message = nextReport(u);
  if (message === '') return undefined;
  const report = readReport(message);
  return typeof report === 'string' ? expect.fail(report) : report;
}

/** The hub's part: the offer, then whatever piece is asked for. Ends when the board asks for nothing any more; the number of pieces sent. */
function serve(
  { store, update: u, say }: Running,
  offer: HeardOffer,
  file: Bytes,
  spoil: (piece: Bytes, at: number) => Bytes = (piece) => piece,
): number {
  let pieces = 0;
  say(offer);
  for (;;) {
    while (workOnUpdate(u));
    if (store.off) throw new PowerCut(); // whatever the firmware makes of a write that never ended
    const report = reportOf(u);
    if (report?.state !== 'loading') return pieces;
    say({ kind: 'piece', at: report.at, bytes: spoil(file.substring(report.at, report.at + PIECE_BYTES), report.at) });
    if (++pieces > 50) expect.fail('it never ends');
  }
}

/** From power on until nothing happens any more: the firmware proves itself if it is good. Whatever runs at any start is noted. */
function live(store: SlotStore, offer: HeardOffer, file: Bytes, isGood: boolean, ran: unknown[]): Update {
  for (let starts = 0; starts < 12; starts++) {
    try {
      const running = start(store);
      const { booted, update } = running;
      ran.push(booted.ran);
      if (update.code === ON_TRIAL && !isGood) continue; // hangs, or restarts itself
      serve(running, offer, file);
      if (update.code !== WAITING) return update;
    } catch (error) {
      if (!(error instanceof PowerCut)) throw error;
    }
  }
  return expect.fail('it restarts for ever');
}

describe('an update', () => {
  test('is loaded, checked, started on trial, and proven by the hub', () => {
    const store = flashed();
    const first = start(store);
    expect([first.booted.slot, first.booted.ran, first.booted.look]).toEqual([0, 'old', undefined]);
    expect(reportOf(first.update)).toMatchObject({ version: 1, build: 'vending', state: 'running', offered: 0 });
    expect(serve(first, offerOf(NEW), NEW)).toBe(Math.ceil(NEW.length / PIECE_BYTES));
    expect(first.update).toMatchObject({ code: WAITING, offered: 2 });

    const second = start(store);
    expect([second.booted.slot, second.booted.ran]).toEqual([1, 'new']);
    expect(reportOf(second.update)).toMatchObject({ version: 2, state: 'trial', offered: 0 });
    second.booted.look?.();
    expect(second.booted.world.loads).toBe(0);
    second.say(RECEIPT);
    expect(reportOf(second.update)).toMatchObject({ version: 2, state: 'running' });
    second.booted.look?.();

    const third = start(store);
    expect([third.booted.slot, third.booted.look]).toEqual([1, undefined]);
    expect(third.update.code).toBe(RUNNING);
  });

  test('goes into the other slot each time', () => {
    const store = flashed();
    for (let version = 2; version < 7; version++) {
      const file = updatable(codeOf(`v${version}`));
      const update = live(store, offerOf(file, { version }), file, true, []);
      expect(update).toMatchObject({ version, code: RUNNING });
      expect(start(store).booted).toMatchObject({ slot: (version + 1) % 2, ran: `v${version}` });
    }
  });

  test('that starts and stays silent is started three times, then the old one says so and takes it no more', () => {
    const store = flashed();
    const ran: unknown[] = [];
    const update = live(store, offerOf(NEW), NEW, false, ran);
    expect(ran).toEqual(['old', 'new', 'new', 'new', 'old']);
    expect(update).toMatchObject({ version: 1, code: ROLLED_BACK, offered: 2 });
    expect(serve(start(store), offerOf(NEW), NEW)).toBe(0);
    const better = updatable(codeOf('better'));
    const after = live(store, offerOf(better, { version: 3 }), better, true, ran);
    expect(after).toMatchObject({ version: 3, code: RUNNING });
  });

  test.each([
    ['throws', 'throw new Error("bad");'],
    ['does not parse', 'var = 3;'],
    ['never makes its face', ''],
  ])('that %s is started again by the loader', (_name, code) => {
    const file = updatable(code + `/*${'.'.repeat(700)}*/`);
    const store = flashed();
    serve(start(store), offerOf(file), file);
    for (let trial = 0; trial < 3; trial++) {
      const { booted } = start(store);
      expect(booted.slot).toBe(1);
      booted.look?.();
      expect(booted.world.loads).toBe(1);
    }
    expect(start(store).booted).toMatchObject({ slot: 0, ran: 'old' });
  });

  test('that runs and never hears the hub is started again after ten minutes', () => {
    const store = flashed();
    serve(start(store), offerOf(NEW), NEW);
    const { booted } = start(store);
    for (let look = 0; look < 60; look++) booted.look?.();
    expect(booted.world.loads).toBe(0);
    booted.look?.();
    expect(booted.world.loads).toBe(1);
  });
});

describe('is refused', () => {
  const untouched = (store: SlotStore): void => expect([...store.files.keys()]).toEqual(['ts.fw0']);

  test.each([
    ['another key', offerOf(NEW, {}, keyOf(2)), NOT_SIGNED],
    ['another digest', heard({ ...offerOf(NEW), digest: '\0'.repeat(32) }), NOT_SIGNED],
    ['another version', heard({ ...offerOf(NEW), version: 3 }), NOT_SIGNED],
    ['another length', heard({ ...offerOf(NEW), fileBytes: 4 }), NOT_SIGNED],
    ['a signature of zeros', heard({ ...offerOf(NEW), signature: '\0'.repeat(64) }), NOT_SIGNED],
    ['another build', offerOf(NEW, { build: 'charging' }), RUNNING],
    ['the version that runs', offerOf(NEW, { version: 1 }), RUNNING],
  ])('%s', (_name, offer, code) => {
    const store = flashed();
    const running = start(store);
    const { update } = running;
    expect(serve(running, offer, NEW)).toBe(0);
    expect(update.code).toBe(code);
    untouched(store);
  });

  test('an older version, however well it is signed', () => {
    const store = flashed(7);
    const running = start(store);
    const { update } = running;
    for (let version = 1; version <= 7; version++) expect(serve(running, offerOf(NEW, { version }), NEW)).toBe(0);
    untouched(store);
    expect(update.code).toBe(RUNNING);
  });

  test('what does not fit into Storage as it is', () => {
    const store = flashed();
    store.freeBytes = NEW.length + 16_000;
    const running = start(store);
    const { update } = running;
    expect(serve(running, offerOf(NEW), NEW)).toBe(0);
    expect(update.code).toBe(NO_ROOM);
    untouched(store);
    store.freeBytes = 100_000;
    serve(running, offerOf(NEW), NEW);
    expect(update.code).toBe(WAITING);
  });

  test('flash that takes nothing any more', () => {
    const store = flashed();
    const running = start(store);
    const { update } = running;
    store.worn = true;
    serve(running, offerOf(NEW), NEW);
    expect(update.code).toBe(NO_ROOM);
  });

  test('a file with any piece changed; ordered again, it is loaded from its beginning', () => {
    for (let bad = 0; bad < NEW.length; bad += PIECE_BYTES) {
      const store = flashed();
      const running = start(store);
      const { update } = running;
      const flip = (piece: Bytes, at: number): Bytes =>
        at === bad ? String.fromCharCode(piece.charCodeAt(0) ^ 1) + piece.slice(1) : piece;
      serve(running, offerOf(NEW), NEW, flip);
      expect(update.code).toBe(DAMAGED);
      expect(start(store).booted).toMatchObject({ slot: 0, ran: 'old' });
      const again = start(store);
      expect(serve(again, offerOf(NEW), NEW)).toBe(Math.ceil(NEW.length / PIECE_BYTES));
      expect(again.update.code).toBe(WAITING);
    }
  });

  test('pieces that were not asked for, of other lengths, or without an offer', () => {
    const store = flashed();
    const { update, say } = start(store);
    const piece = (at: number, bytes: Bytes): void => say({ kind: 'piece', at, bytes });
    piece(0, NEW.slice(0, 256));
    say(offerOf(NEW));
    piece(0, NEW.slice(0, 256));
    while (workOnUpdate(update));
    piece(256, NEW.slice(256, 512));
    piece(0, NEW.slice(0, 252));
    piece(0, NEW.slice(0, 260));
    untouched(store);
    piece(0, NEW.slice(0, 256));
    piece(0, NEW.slice(0, 256));
    expect(update).toMatchObject({ code: LOADING, at: 256 });
  });

  test('an offer while the new one cannot be proven: the old one is still needed', () => {
    const store = flashed();
    serve(start(store), offerOf(NEW), NEW);
    const running = start(store);
    store.worn = true;
    expect(serve(running, offerOf(NEW, { version: 3 }), NEW)).toBe(0);
    expect(running.update.code).toBe(ON_TRIAL);
  });
});

describe('a link that is lost, a power cut', () => {
  test('goes on where it was, from the piece that was written last', () => {
    const store = flashed();
    const first = start(store);
    first.say(offerOf(NEW));
    while (workOnUpdate(first.update));
    for (const at of [0, 256]) first.say({ kind: 'piece', at, bytes: NEW.slice(at, at + 256) });
    const again = start(store);
    const all = Math.ceil(NEW.length / PIECE_BYTES);
    expect(serve(again, offerOf(NEW), NEW)).toBe(all - 1);
    expect(again.update.code).toBe(WAITING);
  });

  const untilCut = (isGood: boolean): number => {
    const store = flashed();
    live(store, offerOf(NEW), NEW, isGood, []);
    return store.operations;
  };

  test.each(LEFT)('at every write, with %s of it done: the old or the new one runs, and at the end the new one', (left: Left) => {
    const writes = untilCut(true);
    expect(writes).toBeGreaterThan(8);
    for (let before = 1; before <= writes; before++) {
      const store = flashed();
      store.cut = { before, left };
      const ran: unknown[] = [];
      const update = live(store, offerOf(NEW), NEW, true, ran);
      expect(store.cut).toBeUndefined();
      expect(ran.filter((one) => one !== 'old' && one !== 'new')).toEqual([]);
      expect(update).toMatchObject({ version: 2, code: RUNNING });
      expect(start(store).booted).toMatchObject({ ran: 'new', look: undefined });
    }
  });

  test.each(LEFT)(
    'at every write of an update that is no good, with %s of it done: at the end the old one runs',
    (left: Left) => {
      const writes = untilCut(false);
      for (let before = 1; before <= writes; before++) {
        const store = flashed();
        store.cut = { before, left };
        const ran: unknown[] = [];
        const update = live(store, offerOf(NEW), NEW, false, ran);
        expect(ran.filter((one) => one !== 'old' && one !== 'new')).toEqual([]);
        expect(update).toMatchObject({ version: 1, code: ROLLED_BACK });
        expect(start(store).booted).toMatchObject({ slot: 0, ran: 'old' });
      }
    },
  );

  test('twice, at every pair of writes', () => {
    const writes = untilCut(true);
    for (let first = 1; first <= writes; first++) {
      for (let second = 1; second <= 6; second++) {
        const store = flashed();
        store.cut = { before: first, left: 'bits' };
        const ran: unknown[] = [];
        for (let starts = 0; starts < 2; starts++) {
          try {
            serve(start(store), offerOf(NEW), NEW);
          } catch (error) {
            if (!(error instanceof PowerCut)) throw error;
            store.cut = { before: store.operations + second, left: 'part' };
          }
        }
        expect(live(store, offerOf(NEW), NEW, true, ran)).toMatchObject({ version: 2, code: RUNNING });
        expect(ran.filter((one) => one !== 'old' && one !== 'new')).toEqual([]);
      }
    }
  });
});
