// Hearing: only the hub's own voice changes the book, and a reject only when it answers the last word.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { writeBook } from '../../device/book.ts';
import { hear } from '../../device/hear.ts';
import { issueUnits, meterUnits, openChannel } from '../../device/issue.ts';
import { macOf } from '../../device/mac.ts';
import type { Machine } from '../../device/machine.ts';
import { createMachine } from '../../device/machine.ts';
import { nextWord, noteSent } from '../../device/outbox.ts';
import { settingsOf } from '../../device/settings.ts';
import { snapshotOf } from '../../device/snapshot.ts';
import { writeReceipt, writeReject } from '../../shared/downlink.ts';
import type { DeviceId } from '../../shared/identity.ts';
import type { Receipt } from '../../shared/receipt.ts';
import type { Reason, Reject } from '../../shared/reject.ts';
import { actionOf, REASONS } from '../../shared/reject.ts';
import type { ChannelNumber, Units } from '../../shared/units.ts';
import type { FakeBoard } from './fake-board.ts';
import { createFakeBoard } from './fake-board.ts';
import { sha256 } from './node-board.ts';
import { exampleConfig } from './stand-in-hub.ts';

/** Channel 1 with 9 units, of which the hub has 4, and a voucher for 9 under way. */
function machine(): Machine {
  const m = createMachine(createFakeBoard(), settingsOf(exampleConfig(1)));
  const channel = openChannel(m.book, 1000) ?? expect.fail();
  meterUnits(m.book, 9);
  issueUnits(m.book);
  Object.assign(channel, { agreed: true, committed: true, acceptedUnits: 4, commitment: 'signed' });
  noteSent(nextWord(m.book.channels, 0) ?? expect.fail(), 0);
  return m;
}

const receipt = (changes: Partial<Receipt> = {}): Receipt => ({
  kind: 'receipt',
  channel: 1 as ChannelNumber,
  acceptedUnits: 9 as Units,
  closed: false,
  ...changes,
});

const reject = (changes: Partial<Reject> = {}): Reject => ({
  kind: 'reject',
  channel: 1,
  units: 9,
  reason: 'channel-closed',
  nextChannel: 8 as ChannelNumber,
  ...changes,
});

/** All that a message may change. */
const stateOf = (m: Machine): unknown => JSON.stringify([writeBook(m.book), m.book.channels, m.stopReason]);

describe("what is not the hub's voice", () => {
  test.each([
    ['another key', (m: Machine) => writeReceipt(receipt(), m.settings.context, macOf('other', sha256))],
    [
      'for another device',
      (m: Machine) => writeReceipt(receipt(), { ...m.settings.context, device: 'AAAAAAAAAAA' as DeviceId }, m.mac),
    ],
    ["a reject's tag under a receipt", (m: Machine) => writeReject(reject(), m.settings.context, m.mac).replace('\x84', '\x83')],
    ['nothing', () => ''],
  ])('%s changes nothing', (_name, messageOf) => {
    const m = machine();
    const before = stateOf(m);
    hear(m, messageOf(m));
    expect(stateOf(m)).toBe(before);
    expect([m.receipts, m.rejects]).toEqual([0, 0]);
  });

  test('any byte changed, or any bytes at all, change nothing', () => {
    const m = machine();
    const message = writeReceipt(receipt(), m.settings.context, m.mac);
    const before = stateOf(m);
    fc.assert(
      fc.property(
        fc.nat(message.length - 1),
        fc.integer({ min: 1, max: 255 }),
        fc.uint8Array({ maxLength: 60 }),
        (at, flip, noise) => {
          hear(m, message.slice(0, at) + String.fromCharCode(message.charCodeAt(at) ^ flip) + message.slice(at + 1));
          hear(m, message.slice(0, at));
          hear(m, Buffer.from(noise).toString('latin1'));
          expect(stateOf(m)).toBe(before);
        },
      ),
    );
  });

  test('a receipt for a channel that is no more is counted and no more', () => {
    const m = machine();
    const before = stateOf(m);
    hear(m, writeReceipt(receipt({ channel: 5 as ChannelNumber }), m.settings.context, m.mac));
    expect(stateOf(m)).toBe(before);
    expect(m.receipts).toBe(1);
  });

  test.each([
    ['older units', { units: 8 }],
    ['another channel', { channel: 2 }],
    ['an unread message', { channel: 0, units: 0 }],
  ])('a reject of %s answers nothing that waits, whatever its reason', (_name, changes) => {
    for (const reason of REASONS) {
      const m = machine();
      const before = stateOf(m);
      hear(m, writeReject(reject({ reason, ...changes }), m.settings.context, m.mac));
      expect(stateOf(m)).toBe(before);
      expect(m.rejects).toBe(1);
    }
  });
});

describe("a refused commitment, when another has the board's key", () => {
  const refusal = (m: Machine, reason: Reason): void =>
    hear(m, writeReject(reject({ units: 0, reason, nextChannel: 2 as ChannelNumber }), m.settings.context, m.mac));
  const say = (m: Machine): void => {
    const channel = m.book.channels[0] ?? expect.fail();
    channel.commitment = 'signed';
    noteSent(nextWord(m.book.channels, 1e6) ?? expect.fail(), 1e6);
  };
  /** As after a boot: the commitment is under way, and flash says that 9 units were promised. */
  const started = (): Machine => {
    const m = machine();
    Object.assign(m.book.channels[0] ?? expect.fail(), { agreed: false, committed: false, acceptedUnits: 0, bootUnits: 9 });
    say(m);
    return m;
  };

  test.each(['stale-channel', 'conflicting-channel'] as const)('%s is not heard where a receipt has answered', (reason) => {
    const m = started();
    hear(m, writeReceipt(receipt(), m.settings.context, m.mac));
    const before = stateOf(m);
    refusal(m, reason);
    expect(stateOf(m)).toBe(before);
  });

  test.each(['stale-channel', 'conflicting-channel'] as const)(
    '%s makes the board ask once more, and the receipt holds',
    (reason) => {
      const m = started();
      refusal(m, reason);
      refusal(m, reason); // shown again before the question
      expect(nextWord(m.book.channels, 0)?.kind).toBe('commitment'); // at once
      say(m);
      hear(m, writeReceipt(receipt({ acceptedUnits: 7 as Units }), m.settings.context, m.mac));
      expect([m.book.backlogUnits, m.book.channels[0]]).toMatchObject([0, { acceptedUnits: 7, issuedUnits: 9, refused: false }]);
      refusal(m, reason);
      expect(m.book.channels).toHaveLength(1);
    },
  );

  test('a stop that was said of a channel ends with the channel: the next one asks', () => {
    const m = started();
    refusal(m, 'excessive-limit');
    expect(m.stopReason).toContain('excessive-limit');
    refusal(m, 'conflicting-channel');
    say(m);
    refusal(m, 'conflicting-channel');
    expect([m.book.channels, m.stopReason]).toEqual([[], '']);
  });

  test.each([
    ['nothing was ever covered', started, 9],
    ['a receipt covers 4', machine, 5],
  ])('refused twice: what nobody has taken moves on, where %s', (_name, begin, movedUnits) => {
    const m = begin();
    m.book.channels[0]!.sentUnits = 0;
    refusal(m, 'stale-channel');
    say(m);
    refusal(m, 'stale-channel');
    expect([m.book.channels, m.book.backlogUnits]).toEqual([[], movedUnits]);
  });
});

describe('wrong secrets are told, and stop no service', () => {
  const shown: number[] = [];
  const told = (): Machine => {
    shown.splice(0);
    const m = machine();
    Object.assign(m.board, { showCode: (code: number) => shown.push(code) });
    return m;
  };
  const linesOf = (m: Machine): string[] => (m.board as FakeBoard).lines;

  test('another MAC key: after three messages one line, a blink code and a reason', () => {
    const m = told();
    const strange = writeReceipt(receipt(), m.settings.context, macOf('other', sha256));
    for (let i = 0; i < 2; i++) hear(m, strange);
    expect([linesOf(m), shown, m.notice]).toEqual([[], [], '']);
    for (let i = 0; i < 20; i++) hear(m, strange);
    const line = 'the hub answers with another MAC key; provision the board again';
    expect([linesOf(m), shown]).toEqual([[line], [1]]);
    expect(snapshotOf(m, 0, '')).toMatchObject({ state: 'serving', reason: line, whyNot: '' });
    expect(snapshotOf(m, 0, 'no network')).toMatchObject({ state: 'offline', reason: 'no network' });
  });

  test('one true word, and noise beside it means nothing any more', () => {
    const m = told();
    hear(m, writeReceipt(receipt({ acceptedUnits: 5 as Units }), m.settings.context, m.mac));
    for (let i = 0; i < 20; i++) hear(m, 'noise');
    expect([linesOf(m), shown, m.notice]).toEqual([[], [], '']);
  });

  test('a signature that the hub refuses: told once, until a receipt', () => {
    const m = told();
    for (let i = 0; i < 3; i++) hear(m, writeReject(reject({ reason: 'bad-signature' }), m.settings.context, m.mac));
    expect([linesOf(m), shown]).toEqual([['the hub refuses the signature; provision the board again'], [1]]);
    expect(snapshotOf(m, 0, '').reason).toContain('refuses the signature');
    hear(m, writeReceipt(receipt(), m.settings.context, m.mac));
    expect([shown, snapshotOf(m, 0, '').reason]).toEqual([[1, 0], '']);
  });
});

describe('what the hub says', () => {
  test('an old receipt takes nothing back', () => {
    const m = machine();
    hear(m, writeReceipt(receipt({ acceptedUnits: 2 as Units }), m.settings.context, m.mac));
    expect(m.book.channels[0]).toMatchObject({ issuedUnits: 9, acceptedUnits: 4 });
  });

  test('a channel that is being left is not left on the word of an older receipt', () => {
    const m = machine();
    hear(m, writeReject(reject(), m.settings.context, m.mac));
    hear(m, writeReceipt(receipt({ acceptedUnits: 3 as Units, closed: true }), m.settings.context, m.mac));
    expect(m.book.channels).toMatchObject([{ ended: true, committed: false, acceptedUnits: 4 }]);
    hear(m, writeReceipt(receipt({ acceptedUnits: 7 as Units, closed: true }), m.settings.context, m.mac));
    expect(m.book).toMatchObject({ channels: [], backlogUnits: 2, registerUnits: 9 });
  });

  test.each(REASONS)('%s: no unit is lost or doubled, and the action is the one that the wire names', (reason) => {
    const m = machine();
    hear(m, writeReject(reject({ reason }), m.settings.context, m.mac));
    const issued = m.book.channels.reduce((sum, one) => sum + one.issuedUnits, 0);
    expect(issued + m.book.backlogUnits).toBe(9);
    expect(m.book.registerUnits).toBe(9);
    expect(m.book.nextChannel).toBe(8);
    const channel = m.book.channels[0];
    const isRefusal = reason === 'stale-channel' || reason === 'conflicting-channel';
    switch (actionOf(reason)) {
      case 'wait':
        expect(channel?.holdUntilMs).toBeGreaterThan(0);
        break;
      case 'stop':
        expect(m.stopReason).toContain(reason);
        break;
      case 'send-commitment':
      case 'send-nearer':
        expect(channel).toMatchObject({ committed: false, ended: false });
        break;
      case 'open-next':
        expect(channel).toMatchObject({ committed: false, ended: !isRefusal, refused: isRefusal });
        break;
    }
  });
});
