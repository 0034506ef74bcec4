// accept as a table: one row per case, and the order of the reasons. Every message is a real one, signed or hashed by a payer.

import { describe, expect, test } from 'vitest';
import type { Bytes } from '../../shared/bytes.ts';
import type { AccountId, TariffId } from '../../shared/identity.ts';
import { repeatByte } from '../../shared/bytes.ts';
import { REASONS } from '../../shared/reject.ts';
import type { ChannelNumber, Units } from '../../shared/units.ts';
import { decodeUplink } from '../../shared/uplink.ts';
import { writePaywordVoucher } from '../../shared/voucher.ts';
import type { View } from '../../hub/accept.ts';
import { accept } from '../../hub/accept.ts';
import { judgeAll, judgesOf, openedBy, strayPayer, viewOf } from './judge.ts';
import { WRONG_LINK } from './payer.ts';

const payer = strayPayer();
const stranger = strayPayer();
const opened = openedBy(payer);
const at100 = judgeAll(payer, [payer.payword(1, 100)], opened).channel;
const signed1500 = judgeAll(payer, [payer.signed(1, 1500)], opened).channel;
const closed100 = judgeAll(payer, [payer.signed(1, 100, true)], at100).channel;

/** The right structure, and a signature of somebody else. */
const forged = { commitment: stranger.commitment(1), voucher: stranger.signed(1, 50) };
const wrongPayword = (units: number): Bytes => writePaywordVoucher(1 as ChannelNumber, units as Units, WRONG_LINK);

interface Row {
  readonly name: string;
  readonly message: Bytes;
  readonly view: Partial<View>;
  /** A reason, or `<kind> <accepted units>`, with `closed` where it is. */
  readonly answer: string;
}

const open = { channel: opened, nextChannel: 2 };
const paid = { channel: at100, nextChannel: 2 };
const shut = { channel: closed100, nextChannel: 2 };

const COMMITMENTS: readonly Row[] = [
  { name: 'a first commitment', message: payer.commitment(1), view: {}, answer: 'accepted 0' },
  { name: 'numbers may be skipped', message: payer.commitment(7), view: { nextChannel: 3 }, answer: 'accepted 0' },
  { name: 'the same commitment again', message: payer.commitment(1), view: paid, answer: 'duplicate 100' },
  { name: 'the same on a closed channel', message: payer.commitment(1), view: shut, answer: 'duplicate 100 closed' },
  { name: 'a number below the next', message: payer.commitment(1), view: { nextChannel: 2 }, answer: 'stale-channel' },
  {
    name: 'a payee nobody knows',
    message: payer.commitment(1, { payee: repeatByte(1, 8) as AccountId }),
    view: {},
    answer: 'unknown-payee',
  },
  {
    name: 'a tariff nobody knows',
    message: payer.commitment(1, { tariff: repeatByte(1, 16) as TariffId }),
    view: {},
    answer: 'unknown-tariff',
  },
  { name: 'the first second of the tariff', message: payer.commitment(1), view: { nowSeconds: 1000 }, answer: 'accepted 0' },
  { name: 'a tariff that is not yet valid', message: payer.commitment(1), view: { nowSeconds: 999 }, answer: 'expired-tariff' },
  { name: 'the last second of the tariff', message: payer.commitment(1), view: { nowSeconds: 1999 }, answer: 'accepted 0' },
  { name: 'a tariff that has ended', message: payer.commitment(1), view: { nowSeconds: 2000 }, answer: 'expired-tariff' },
  {
    name: 'a limit that costs the whole credit',
    message: payer.commitment(1),
    view: { creditMicros: 1_800_000 },
    answer: 'accepted 0',
  },
  {
    name: 'a limit above the credit',
    message: payer.commitment(1),
    view: { creditMicros: 1_799_999 },
    answer: 'excessive-limit',
  },
  { name: 'a signature of another key', message: forged.commitment, view: {}, answer: 'bad-signature' },
  {
    name: 'other terms under the same number',
    message: payer.commitment(1, { openedRegisterUnits: 5 }),
    view: open,
    answer: 'conflicting-channel',
  },
  { name: 'other terms, signed by another key', message: forged.commitment, view: open, answer: 'bad-signature' },
  { name: 'a revoked device', message: payer.commitment(1), view: { standing: 'revoked' }, answer: 'revoked-device' },
];

const PAYWORDS: readonly Row[] = [
  { name: 'the first link', message: payer.payword(1, 1), view: open, answer: 'accepted 1' },
  { name: 'a gap of 1024', message: payer.payword(1, 1024), view: open, answer: 'accepted 1024' },
  { name: 'a gap of 1025', message: payer.payword(1, 1025), view: open, answer: 'gap-exceeded' },
  { name: 'the gap begins at the last link', message: payer.payword(1, 1124), view: paid, answer: 'accepted 1124' },
  {
    name: 'a signed voucher does not move the gap',
    message: payer.payword(1, 1600),
    view: { channel: signed1500 },
    answer: 'gap-exceeded',
  },
  { name: 'fewer units, proof unseen', message: wrongPayword(99), view: paid, answer: 'duplicate 100' },
  { name: 'the same voucher', message: payer.payword(1, 100), view: paid, answer: 'duplicate 100' },
  { name: 'the same units, another link', message: wrongPayword(100), view: paid, answer: 'bad-payword' },
  { name: 'a wrong link', message: wrongPayword(101), view: paid, answer: 'bad-payword' },
  { name: 'a link of another chain', message: stranger.payword(1, 101), view: paid, answer: 'bad-payword' },
  {
    name: 'the last link',
    message: payer.payword(1, 3000),
    view: { channel: { ...opened, linkUnits: 2999 as Units } },
    answer: 'bad-payword',
  },
  { name: 'beyond the chain', message: wrongPayword(3001), view: open, answer: 'chain-exceeded' },
  { name: 'beyond the limit', message: wrongPayword(4001), view: open, answer: 'limit-exceeded' },
  { name: 'a channel not opened yet', message: payer.payword(1, 1), view: {}, answer: 'unknown-channel' },
  { name: 'a channel never opened', message: payer.payword(1, 1), view: { nextChannel: 2 }, answer: 'stale-channel' },
  { name: 'older, on a closed channel', message: payer.payword(1, 99), view: shut, answer: 'duplicate 100 closed' },
  { name: 'newer, on a closed channel', message: payer.payword(1, 101), view: shut, answer: 'channel-closed' },
  { name: 'a device without allowance', message: payer.payword(1, 101), view: { ...paid, spent: true }, answer: 'rate-limited' },
  {
    name: 'a device nobody knows',
    message: payer.payword(1, 101),
    view: { ...paid, standing: 'unknown' },
    answer: 'unknown-device',
  },
];

const SIGNED: readonly Row[] = [
  { name: 'any gap', message: payer.signed(1, 4000), view: open, answer: 'accepted 4000' },
  { name: 'beyond the limit', message: payer.signed(1, 4001), view: open, answer: 'limit-exceeded' },
  { name: 'fewer units', message: payer.signed(1, 50), view: paid, answer: 'duplicate 100' },
  { name: 'fewer units, proof unseen', message: forged.voucher, view: paid, answer: 'duplicate 100' },
  { name: 'more units, signed by another key', message: stranger.signed(1, 101), view: paid, answer: 'bad-signature' },
  { name: 'closing above', message: payer.signed(1, 150, true), view: paid, answer: 'accepted 150 closed' },
  { name: 'closing where it stands', message: payer.signed(1, 100, true), view: paid, answer: 'accepted 100 closed' },
  {
    name: 'closing below: the higher promise stands',
    message: payer.signed(1, 40, true),
    view: paid,
    answer: 'accepted 100 closed',
  },
  { name: 'closing a channel that never paid', message: payer.signed(1, 0, true), view: open, answer: 'accepted 0 closed' },
  { name: 'closing, signed by another key', message: stranger.signed(1, 40, true), view: paid, answer: 'bad-signature' },
  { name: 'closing again', message: payer.signed(1, 100, true), view: shut, answer: 'duplicate 100 closed' },
  { name: 'closing again, higher', message: payer.signed(1, 101, true), view: shut, answer: 'channel-closed' },
];

function answerTo({ message, view }: Row): string {
  const verdict = accept(viewOf(payer, view), decodeUplink(message), judgesOf(payer));
  switch (verdict.kind) {
    case 'accepted': {
      const { acceptedUnits, closed } = verdict.change.channel;
      return `accepted ${acceptedUnits}${closed ? ' closed' : ''}`;
    }
    case 'duplicate':
      return `duplicate ${verdict.receipt.acceptedUnits}${verdict.receipt.closed ? ' closed' : ''}`;
    case 'rejected':
      return verdict.reason;
  }
}

describe.each([
  ['commitment', COMMITMENTS],
  ['payword', PAYWORDS],
  ['signed voucher', SIGNED],
])('%s', (_kind, rows) => {
  test.each(rows)('$name: $answer', (row) => {
    expect(answerTo(row)).toBe(row.answer);
  });
});

test('every reason of the closed list has a row, and malformed its own test', () => {
  const answers = new Set([...COMMITMENTS, ...PAYWORDS, ...SIGNED].map((row) => row.answer));
  expect(REASONS.filter((reason) => !answers.has(reason))).toEqual(['malformed']);
  expect(accept(viewOf(payer, { standing: 'revoked' }), decodeUplink('\x00'), judgesOf(payer))).toEqual({
    kind: 'rejected',
    reason: 'malformed',
  });
});

/** Each message deserves its reason and all that follow it in the row; the view takes the upper reason away, and the next one shows. */
const PRECEDENCE: ReadonlyArray<readonly [string, Bytes, ReadonlyArray<Partial<View>>, readonly string[]]> = [
  [
    'payword',
    wrongPayword(4001),
    [
      { standing: 'unknown', spent: true },
      { standing: 'revoked', spent: true },
      { spent: true },
      {},
      { nextChannel: 2 },
      shut,
      open,
    ],
    ['unknown-device', 'revoked-device', 'rate-limited', 'unknown-channel', 'stale-channel', 'channel-closed', 'limit-exceeded'],
  ],
  ['payword beyond chain and gap', wrongPayword(3500), [open], ['chain-exceeded']],
  ['payword beyond the gap with a wrong link', wrongPayword(2000), [open], ['gap-exceeded']],
  [
    'commitment wrong in every way',
    stranger.commitment(1, { payee: repeatByte(1, 8) as AccountId, tariff: repeatByte(1, 16) as TariffId }),
    [{ spent: true }, { nextChannel: 2 }, {}],
    ['rate-limited', 'stale-channel', 'unknown-payee'],
  ],
  [
    'commitment of another key',
    stranger.commitment(1),
    [{ nowSeconds: 3000, creditMicros: 0 }, { creditMicros: 0 }, {}],
    ['expired-tariff', 'excessive-limit', 'bad-signature'],
  ],
];

test.each(PRECEDENCE)('precedence: %s', (_name, message, views, reasons) => {
  expect(views.map((view) => answerTo({ name: '', message, view, answer: '' }))).toEqual(reasons);
});

test('what fails at a cheap check never costs a hash or a signature', () => {
  const forbidden = judgesOf(payer, {
    sha256: () => {
      throw new Error('hashed');
    },
    verify: () => {
      throw new Error('verified');
    },
  });
  const rows = [...COMMITMENTS, ...PAYWORDS, ...SIGNED].filter(({ answer }) => !/^(accepted|bad-|conflicting)/.test(answer));
  for (const { message, view } of rows) {
    expect(() => accept(viewOf(payer, view), decodeUplink(message), forbidden)).not.toThrow();
  }
});

test('a voucher that is accepted is charged by the tariff, rounded down on the cumulative units', () => {
  const { channel } = judgeAll(payer, [payer.payword(1, 1), payer.payword(1, 3)], opened);
  expect(channel).toMatchObject({ acceptedUnits: 3, linkUnits: 3, chargedMicros: 1350 });
});
