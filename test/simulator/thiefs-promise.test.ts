// A thief's link that was one too far ahead when it was said. In: how far the board's own links have come since, and what the hub has accepted. Out: how much the auditor holds for the payer's own promise.

import { expect, it } from 'vitest';
import type { DeviceConfig } from '../../shared/config.ts';
import type { Terms } from '../../shared/commitment.ts';
import type { Tariff } from '../../shared/tariff.ts';
import { noteThiefsPromise, ownChannel, ownDevice } from '../../simulator/audit/own-books.ts';

const SAID_AT = 903;
const AHEAD = SAID_AT + 1025;

it.each([
  { what: 'the board said nothing more', linkUnits: SAID_AT, acceptedUnits: AHEAD, excusedUnits: 0 },
  {
    what: 'one unit more, which makes the gap just short enough',
    linkUnits: SAID_AT + 1,
    acceptedUnits: AHEAD,
    excusedUnits: 1024,
  },
  { what: 'fifty more', linkUnits: SAID_AT + 50, acceptedUnits: AHEAD, excusedUnits: 975 },
  { what: 'the hub has accepted something else', linkUnits: SAID_AT + 50, acceptedUnits: AHEAD + 1, excusedUnits: 0 },
  { what: 'the board has passed it', linkUnits: AHEAD, acceptedUnits: AHEAD, excusedUnits: 0 },
])('$what', ({ linkUnits, acceptedUnits, excusedUnits }) => {
  const own = ownDevice('charging-3', {} as DeviceConfig, {} as Tariff);
  const channel = ownChannel('AAAAAAAAAAA', {} as Tariff, { channel: 2 } as Terms);
  Object.assign(channel, { aheadUnits: AHEAD, voucheredUnits: linkUnits, linkUnits });
  noteThiefsPromise(own, channel, acceptedUnits);
  noteThiefsPromise(own, channel, acceptedUnits);
  expect(own.overBoundUnits).toBe(excusedUnits);
  expect(channel.voucheredUnits).toBe(linkUnits + excusedUnits);
});
