// Who waits for whom before the judge: a device's messages keep their order, other devices do not wait for them; and of signed vouchers on one channel only the highest is checked.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { enrol } from '../../hub/enrol.ts';
import { judgeGroup, keepGroup } from '../../hub/group.ts';
import type { Letter } from '../../hub/inbox.ts';
import { openInbox } from '../../hub/inbox.ts';
import { knownDevices } from '../../hub/known.ts';
import type { DeviceId } from '../../shared/identity.ts';
import type { Bytes } from '../../shared/bytes.ts';
import { decodeUplink } from '../../shared/uplink.ts';
import { requestOf, startStore } from './fixture.ts';
import { payerOf } from './payer.ts';

interface Numbered extends Letter {
  readonly number: number;
  isReady: boolean;
}

test('each sender’s letters come out in order, none is lost, and none before it is ready', () => {
  const letter = fc.record({ sender: fc.constantFrom('a', 'b', 'c'), isReady: fc.boolean() });
  fc.assert(
    fc.property(fc.array(letter, { maxLength: 40 }), fc.integer({ min: 1, max: 10 }), (given, most) => {
      const inbox = openInbox<Numbered>();
      const letters = given.map(({ sender, isReady }, number) => ({ sender: sender as DeviceId, number, isReady }));
      for (const one of letters) inbox.push(one);
      const out: Numbered[] = [];
      const drain = (): void => {
        for (;;) {
          const group = inbox.take(most, (one) => one.isReady);
          expect(group.length).toBeLessThanOrEqual(most);
          if (group.length === 0) return;
          out.push(...group);
        }
      };
      drain();
      expect(out.every((one) => one.isReady)).toBe(true);
      for (const sender of ['a', 'b', 'c']) {
        const own = letters.filter((one) => one.sender === sender);
        const firstHeld = own.findIndex((one) => !one.isReady);
        const free = firstHeld < 0 ? own : own.slice(0, firstHeld);
        expect(out.filter((one) => one.sender === sender)).toEqual(free);
      }
      for (const one of letters) one.isReady = true;
      drain();
      expect(inbox.size).toBe(0);
      for (const sender of ['a', 'b', 'c'])
        expect(out.filter((one) => one.sender === sender)).toEqual(letters.filter((one) => one.sender === sender));
    }),
  );
});

/** The verdicts of one group, and how many signatures were checked for them. */
function judge(messages: (payer: ReturnType<typeof payerOf>) => readonly Bytes[]): {
  kinds: string[];
  checked: number;
  units: number;
} {
  const store = startStore();
  const payer = payerOf(enrol(store, requestOf(1883)));
  const known = knownDevices(store);
  const device = known.find(payer.config.device, 0);
  if (device === undefined) throw new Error('the device is not known');
  const moment = { nowMs: 0, nowSeconds: 100 };
  keepGroup(judgeGroup(known, [{ device, message: decodeUplink(payer.commitment(1)) }], moment));
  let checked = 0;
  const counting = {
    ...device,
    verify: (message: Bytes, signature: Bytes) => ++checked > 0 && device.verify(message, signature),
  };
  const arrivals = messages(payer).map((message) => ({ device: counting, message: decodeUplink(message) }));
  const judgement = judgeGroup(known, arrivals, moment);
  keepGroup(judgement);
  const kinds = judgement.verdicts.map((verdict) => (verdict.kind === 'rejected' ? verdict.reason : verdict.kind));
  return { kinds, checked, units: device.channels.get(1)?.acceptedUnits ?? -1 };
}

test('twenty signed vouchers on a channel cost one check, and the others are duplicates [W-23]', () => {
  const { kinds, checked, units } = judge((payer) => Array.from({ length: 20 }, (_, i) => payer.signed(1, ((i * 7) % 20) + 1)));
  expect(kinds.filter((kind) => kind === 'accepted')).toHaveLength(1);
  expect(kinds.filter((kind) => kind === 'duplicate')).toHaveLength(19);
  expect({ checked, units }).toEqual({ checked: 1, units: 20 });
});

test('when the highest is forged the next one is judged: nobody is paid by a voucher that nobody checked', () => {
  const forged = (message: Bytes): Bytes =>
    message.slice(0, -1) + String.fromCharCode(message.charCodeAt(message.length - 1) ^ 1);
  const { kinds, checked, units } = judge((payer) => [
    payer.signed(1, 3),
    forged(payer.signed(1, 9)),
    payer.signed(1, 5),
    forged(payer.signed(1, 7)),
  ]);
  expect(kinds).toEqual(['duplicate', 'bad-signature', 'accepted', 'bad-signature']);
  expect({ checked, units }).toEqual({ checked: 3, units: 5 });
});
