// The book as a whole, against a model of the hub: whatever order of metering, issuing, power cuts and answers, no unit is lost and none is paid twice.

import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Book } from '../../device/book.ts';
import { blankBook, readBook, writeBook } from '../../device/book.ts';
import {
  carryOver,
  currentChannel,
  issueUnits,
  meterUnits,
  openChannel,
  promisedUnits,
  takeReceipt,
} from '../../device/issue.ts';
import { macOf } from '../../device/mac.ts';
import { uncoveredUnits } from '../../device/machine.ts';
import type { Units } from '../../shared/units.ts';
import { sha256 } from './node-board.ts';

const CHAIN_UNITS = 10;

/** What a hub would have: the greatest units it was shown, per channel. */
type Hub = Map<number, { acceptedUnits: number; closed: boolean }>;

function restored(book: Book): Book {
  const read = readBook(writeBook(book));
  if (typeof read === 'string') throw new Error(read);
  return read;
}

function issueAll(book: Book): void {
  do issueUnits(book);
  while (currentChannel(book) === undefined && openChannel(book, CHAIN_UNITS) !== undefined);
}

/** The newest voucher of one channel reaches the hub; its receipt may be lost. */
function deliver(book: Book, hub: Hub, pick: number, isAnswered: boolean): void {
  const channel = book.channels[pick % book.channels.length];
  if (channel === undefined) return;
  const known = hub.get(channel.number) ?? { acceptedUnits: 0, closed: false };
  hub.set(channel.number, known);
  // After a boot the first word is the commitment, which promises nothing.
  if (channel.agreed && !known.closed) known.acceptedUnits = Math.max(known.acceptedUnits, channel.issuedUnits);
  if (isAnswered)
    takeReceipt(book, channel, {
      kind: 'receipt',
      channel: channel.number,
      acceptedUnits: known.acceptedUnits as Units,
      closed: known.closed,
    });
}

type Event =
  | { readonly kind: 'meter'; readonly units: number }
  | { readonly kind: 'deliver'; readonly pick: number; readonly isAnswered: boolean }
  | { readonly kind: 'reboot' }
  | { readonly kind: 'hub-closes'; readonly pick: number };

const event: fc.Arbitrary<Event> = fc.oneof(
  fc.record({ kind: fc.constant('meter' as const), units: fc.integer({ min: 1, max: 25 }) }),
  fc.record({ kind: fc.constant('deliver' as const), pick: fc.nat(3), isAnswered: fc.boolean() }),
  fc.record({ kind: fc.constant('reboot' as const) }),
  fc.record({ kind: fc.constant('hub-closes' as const), pick: fc.nat(3) }),
);

function live(events: readonly Event[], hub: Hub, counted: { units: number }, start = blankBook()): Book {
  let book = start;
  issueAll(book);
  for (const one of events) {
    if (one.kind === 'meter') {
      counted.units += one.units;
      meterUnits(book, one.units);
    }
    if (one.kind === 'deliver') deliver(book, hub, one.pick, one.isAnswered);
    if (one.kind === 'reboot') book = restored(book);
    const closed = one.kind === 'hub-closes' ? hub.get(book.channels[one.pick % book.channels.length]?.number ?? 0) : undefined;
    if (closed !== undefined) closed.closed = true;
    issueAll(book);
    expect(promisedUnits(book)).toBeGreaterThanOrEqual(0);
    expect(book.channels.length).toBeLessThanOrEqual(4);
  }
  return book;
}

function drain(book: Book, hub: Hub): void {
  for (let turn = 0; turn < 500 && uncoveredUnits(book) > 0; turn++) {
    deliver(book, hub, turn, true);
    issueAll(book);
  }
}

const totalOf = (hub: Hub): number => [...hub.values()].reduce((sum, one) => sum + one.acceptedUnits, 0);

describe('the book', () => {
  test('after any history the hub has, to the unit, what was metered', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        const hub: Hub = new Map();
        const counted = { units: 0 };
        const book = live(events, hub, counted);
        drain(book, hub);
        expect(uncoveredUnits(book)).toBe(0);
        expect(totalOf(hub)).toBe(counted.units);
        expect(book.registerUnits).toBe(counted.units);
      }),
      { numRuns: 300 },
    );
  });

  test('after falling back to any older record it finds what the hub has, and what is metered then comes on top', () => {
    const history = fc.array(event, { maxLength: 30 });
    fc.assert(
      fc.property(history, history, fc.integer({ min: 0, max: 40 }), (before, lost, units) => {
        const hub: Hub = new Map();
        const counted = { units: 0 };
        const book = live(before, hub, counted);
        const old = restored(book);
        live(lost, hub, counted, book); // life went on, and then the flash forgot it
        const atFall = totalOf(hub);
        meterUnits(old, units);
        issueAll(old);
        drain(old, hub);
        expect(totalOf(hub)).toBeGreaterThanOrEqual(atFall + units);
      }),
      { numRuns: 300 },
    );
  });

  test('is read back as it was written; what lives until the next boot is not', () => {
    const book = blankBook();
    openChannel(book, CHAIN_UNITS);
    meterUnits(book, 25);
    issueAll(book);
    (book.channels[0] ?? expect.fail()).payload = 'terms';
    const read = restored(book);
    expect(read).toMatchObject({
      registerUnits: 25,
      backlogUnits: 0,
      nextChannel: 4,
      channels: [{ number: 1, issuedUnits: 10, bootUnits: 10, payload: 'terms' }, {}, {}],
    });
    expect(writeBook(read)).toBe(writeBook(book));
    expect(readBook(writeBook(book) + '\0')).toContain('expected the end');
    expect(readBook('')).toContain('expected book');
  });

  test('known 10 at boot, 5 metered since, the hub says 12: the 2 lost come back and the 5 become 13 to 17', () => {
    let book = blankBook();
    openChannel(book, 100);
    meterUnits(book, 10);
    issueUnits(book);
    book = restored(book);
    meterUnits(book, 5);
    issueUnits(book);
    const channel = book.channels[0] ?? expect.fail();
    const effect = takeReceipt(book, channel, {
      kind: 'receipt',
      channel: channel.number,
      acceptedUnits: 12 as Units,
      closed: false,
    });
    expect(effect).toEqual({ lostUnits: 2, dropped: false });
    expect(book).toMatchObject({ registerUnits: 17, backlogUnits: 0, channels: [{ issuedUnits: 17, acceptedUnits: 12 }] });
  });

  test('carries over what was not accepted, and the next channel begins there', () => {
    const book = blankBook();
    const channel = openChannel(book, 100) ?? expect.fail();
    meterUnits(book, 10);
    issueUnits(book);
    channel.acceptedUnits = 6;
    carryOver(book, channel);
    expect(openChannel(book, 100)).toMatchObject({ number: 2, openedRegisterUnits: 6 });
    expect(book.backlogUnits).toBe(4);
  });
});

describe('the tag', () => {
  test('is HMAC-SHA-256, cut to 8 bytes', () => {
    const bytes = fc.uint8Array({ maxLength: 64 });
    fc.assert(
      fc.property(bytes, fc.uint8Array({ maxLength: 300 }), (key, data) => {
        const tag = macOf(Buffer.from(key).toString('latin1'), sha256)(Buffer.from(data).toString('latin1'));
        expect(Buffer.from(tag, 'latin1')).toEqual(createHmac('sha256', key).update(data).digest().subarray(0, 8));
      }),
    );
    expect(() => macOf('k'.repeat(65), sha256)).toThrow('at most 64 bytes');
  });
});
