// The vectors of judging, put to the hub's judge: the pure function alone, with the channels that it has opened kept beside it.

import { describe, expect, it } from 'vitest';
import type { Judges, View } from '../../hub/accept.ts';
import { accept } from '../../hub/accept.ts';
import type { Channel } from '../../hub/channel.ts';
import { receiptOf } from '../../hub/channel.ts';
import { verifierOf } from '../../hub/proofs.ts';
import { fromHex } from '../../shared/bytes.ts';
import type { DeviceId, HubId } from '../../shared/identity.ts';
import type { Tariff } from '../../shared/tariff.ts';
import type { Uplink } from '../../shared/uplink.ts';
import { decodeUplink } from '../../shared/uplink.ts';
import type { Case } from './cases.ts';
import { sha256 } from './node-crypto.ts';
import { device, devicePublic, exampleTariff, hubBytes, payee, tariffId } from './parties.ts';
import { committedCases } from './vectors.ts';

const context = { hub: hubBytes as HubId, device: device as DeviceId };
const judges: Judges = {
  sha256,
  verify: verifierOf(devicePublic),
  tariffOf: (id) => (id === tariffId ? (exampleTariff as Tariff) : undefined),
  inForce: () => [0],
  knowsPayee: (account) => account === payee,
};

function numberIn(message: Uplink): number {
  if (message.kind === 'malformed') return 0;
  return message.kind === 'commitment' ? message.terms.channel : message.channel;
}

/** The answers to messages in the order of their arrival. */
function judge(messages: readonly string[]): unknown[] {
  const channels = new Map<number, Channel>();
  return messages.map((hex) => {
    const message = decodeUplink(fromHex(hex) ?? '');
    const view: View = {
      context,
      standing: 'enrolled',
      spent: false,
      channel: channels.get(numberIn(message)),
      nextChannel: Math.max(0, ...channels.keys()) + 1,
      creditMicros: 1_000_000,
      nowSeconds: exampleTariff.validFromSeconds + 1,
    };
    const verdict = accept(view, message, judges);
    if (verdict.kind === 'rejected') return { kind: 'reject', reason: verdict.reason };
    if (verdict.kind === 'accepted') channels.set(verdict.change.channel.terms.channel, verdict.change.channel);
    const { acceptedUnits, closed } = verdict.kind === 'accepted' ? receiptOf(verdict.change.channel) : verdict.receipt;
    return { kind: 'receipt', acceptedUnits, closed };
  });
}

describe('the hub judges as the specification says', () => {
  it.each(committedCases('judging').map((one): [string, Case] => [`[${one.rule}] ${one.name}`, one]))('%s', (_name, one) => {
    expect({ answers: judge(one.input['messages'] as string[]) }).toEqual(one.output);
  });
});
