// The intake's order of events, seen from inside: commit, then acknowledgement, then one answer per channel. The store is real; the connection is the test's own,
// because it is what looks.

import { pino } from 'pino';
import { expect, test } from 'vitest';
import type { Bytes } from '../../shared/bytes.ts';
import type { Downlink } from '../../shared/downlink.ts';
import { messageCounter } from '../../hub/counters.ts';
import { enrol } from '../../hub/enrol.ts';
import type { Intake } from '../../hub/intake.ts';
import { openIntake } from '../../hub/intake.ts';
import { knownDevices } from '../../hub/known.ts';
import { quarantine } from '../../hub/quarantine.ts';
import { hubStatus } from '../../hub/status.ts';
import type { Store } from '../../hub/store.ts';
import { requestOf, startStore } from './fixture.ts';
import type { Payer } from './payer.ts';
import { payerOf } from './payer.ts';

interface Room {
  readonly store: Store;
  readonly intake: Intake;
  readonly payer: Payer;
  /** What happened, in order: `ack <accepted units on the disk>`, or what the hub said. */
  readonly events: string[];
  readonly send: (message: Bytes) => void;
}

function nameOf(answer: Downlink | string): string {
  if (typeof answer === 'string') return answer;
  switch (answer.kind) {
    case 'receipt':
      return `receipt ${answer.channel}:${answer.acceptedUnits}`;
    case 'reject':
      return `${answer.reason} ${answer.channel}:${answer.units}`;
    case 'grant':
      return `grant ${answer.ceilingUnits}`;
    case 'offer':
    case 'piece':
      return answer.kind;
  }
}

function openRoom(): Room {
  const store = startStore();
  const payer = payerOf(enrol(store, requestOf(1883)));
  const now = (): { nowMs: number; nowSeconds: number } => ({ nowMs: 0, nowSeconds: 100 });
  const options = { counter: messageCounter(), quarantine: quarantine(), log: pino({ level: 'silent' }), now };
  const intake = openIntake({ store, known: knownDevices(store), ...options });
  const events: string[] = [];
  const connection = {
    device: payer.config.device,
    send: (message: Bytes) => void events.push(nameOf(payer.read(message))),
    cut: () => void events.push('cut'),
  };
  const done = (error?: Error): void =>
    void events.push(error === undefined ? `ack ${hubStatus(store).units.accepted}` : error.message);
  return { store, intake, payer, events, send: (message) => intake.receive(connection, message, done) };
}

test('a group is on the disk before its first acknowledgement, and each channel gets one receipt', () => {
  const { intake, payer, events, send } = openRoom();
  send(payer.commitment(1));
  for (const units of [1, 3, 2, 3]) send(payer.payword(1, units));
  send(payer.commitment(2));
  send(payer.signed(2, 40));
  intake.flush();
  expect(events).toEqual([...Array<string>(7).fill('ack 43'), 'receipt 1:3', 'receipt 2:40']);
});

test('refusals are acknowledged as well; the same refusal is said once', () => {
  const { intake, payer, events, send } = openRoom();
  send('');
  send('');
  send(payer.payword(1, 1));
  send(payer.payword(1, 2));
  intake.flush();
  const acknowledged = Array<string>(4).fill('ack 0');
  expect(events).toEqual([...acknowledged, 'malformed 0:0', 'unknown-channel 1:2']);
});

test('what comes when the inbox is full is refused, and the rest is worked off', () => {
  const { intake, payer, events, send } = openRoom();
  const limit = 65_536;
  const voucher = payer.payword(1, 1);
  const before = events.length;
  send(payer.commitment(1));
  for (let i = 1; i < limit; i++) send(voucher);
  expect(events.length).toBe(before);
  send(voucher);
  expect(events).toEqual(['the inbox is full']);
  intake.stop();
  send(voucher);
  expect(events).toEqual(['the inbox is full', 'the inbox is full']);
});
