// The outbox by the clock: what is said next, when it is said again, and which rejects are answers.

import { describe, expect, test } from 'vitest';
import type { Channel } from '../../device/book.ts';
import { newChannel } from '../../device/book.ts';
import { nextDueMs, nextWord, noteReconnected, noteSent, rejectedChannel, wordOn } from '../../device/outbox.ts';
import type { Reject } from '../../shared/reject.ts';
import type { ChannelNumber } from '../../shared/units.ts';

function channel(changes: Partial<Channel>, number = 1): Channel {
  return Object.assign(newChannel(number as ChannelNumber, 0, 5000, 0), { committed: true }, changes);
}

describe('the word on a channel', () => {
  test.each<[string, Partial<Channel>, string, number]>([
    ['nothing owed', { issuedUnits: 7, acceptedUnits: 7 }, 'none', 0],
    ['units owed', { issuedUnits: 7, acceptedUnits: 3 }, 'voucher', 7],
    ['exactly the gap', { issuedUnits: 1034, acceptedUnits: 10 }, 'voucher', 1034],
    ['one more than the gap', { issuedUnits: 1035, acceptedUnits: 10 }, 'voucher', 1034],
    ['commitment not signed yet', { committed: false, issuedUnits: 7 }, 'none', 0],
    ['commitment not receipted yet', { committed: false, commitment: 'signed', issuedUnits: 7 }, 'commitment', 0],
    ['last word not signed yet', { closing: true, issuedUnits: 7 }, 'none', 0],
    ['last word, though all is covered', { closing: true, lastWord: 'signed', issuedUnits: 7, acceptedUnits: 7 }, 'closing', 7],
    ['commitment before last word', { committed: false, commitment: 'c', closing: true, lastWord: 'l' }, 'commitment', 0],
  ])('%s', (_name, changes, kind, units) => {
    const word = wordOn(channel(changes));
    expect([word?.kind ?? 'none', word?.units ?? 0]).toEqual([kind, units]);
  });
});

describe('when', () => {
  test('news at once, the same again after 5 s, 10 s, 20 s ... 60 s', () => {
    const one = channel({ issuedUnits: 3 });
    const waits: number[] = [];
    let nowMs = 1000000;
    for (let turn = 0; turn < 8; turn++) {
      const waitMs = nextDueMs([one], nowMs);
      waits.push(waitMs);
      nowMs += waitMs;
      const word = nextWord([one], nowMs) ?? expect.fail();
      noteSent(word, nowMs);
      expect(nextWord([one], nowMs)).toBeUndefined();
    }
    expect(waits).toEqual([0, 5000, 10000, 20000, 40000, 60000, 60000, 60000]);
    one.issuedUnits = 4;
    expect(nextWord([one], nowMs)).toMatchObject({ units: 4 });
  });

  test('a pause that the hub asked for holds for news, too', () => {
    const one = channel({ issuedUnits: 3, holdUntilMs: 9000 });
    expect(nextWord([one], 8999)).toBeUndefined();
    expect(nextDueMs([one], 4000)).toBe(5000);
    expect(nextWord([one], 9000)).toMatchObject({ units: 3 });
  });

  test('oldest channel first, but none waits for another', () => {
    const old = channel({ issuedUnits: 3 }, 1);
    const young = channel({ issuedUnits: 2 }, 2);
    noteSent(nextWord([old, young], 0) ?? expect.fail(), 0);
    expect(nextWord([old, young], 0)).toMatchObject({ channel: { number: 2 } });
  });

  test('after a reconnection everything uncovered is due', () => {
    const one = channel({ issuedUnits: 3 });
    noteSent(nextWord([one], 0) ?? expect.fail(), 0);
    noteReconnected([one]);
    expect(nextDueMs([one], 1)).toBe(0);
  });

  test('nothing is due where nothing is owed', () => {
    expect(nextDueMs([channel({})], 0)).toBe(-1);
    expect(nextWord([], 0)).toBeUndefined();
  });
});

describe('a reject answers', () => {
  const reject = (number: number, units: number): Reject => ({
    kind: 'reject',
    channel: number,
    units,
    reason: 'channel-closed',
    nextChannel: 2 as ChannelNumber,
  });

  test('the last word on its channel, and nothing else', () => {
    const one = channel({ issuedUnits: 3 });
    expect(rejectedChannel([one], reject(1, 3))).toBeUndefined(); // nothing was said yet
    noteSent(nextWord([one], 0) ?? expect.fail(), 0);
    expect(rejectedChannel([one], reject(1, 3))).toBe(one);
    expect(rejectedChannel([one], reject(1, 2))).toBeUndefined();
    expect(rejectedChannel([one], reject(2, 3))).toBeUndefined();
  });
});
