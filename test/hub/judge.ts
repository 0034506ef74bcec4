// A payer and a hub's judgement without a hub: the pure accept, fed with real keys and real messages. In: views. Out: verdicts; and a small book that keeps
// what was accepted, for tests of whole streams.

import type { Bytes } from '../../shared/bytes.ts';
import { fromHex, repeatByte, toHex } from '../../shared/bytes.ts';
import type { DeviceConfig } from '../../shared/config.ts';
import type { HubId } from '../../shared/identity.ts';
import { elementsInForce } from '../../hub/in-force.ts';
import type { Tariff } from '../../shared/tariff.ts';
import type { Micros } from '../../shared/units.ts';
import { decodeUplink } from '../../shared/uplink.ts';
import type { Judges, Verdict, View } from '../../hub/accept.ts';
import { accept } from '../../hub/accept.ts';
import type { Channel } from '../../hub/channel.ts';
import { accountIdOf, deviceIdOf, tariffIdOf } from '../../hub/ids.ts';
import { makeKeyPair } from '../../hub/key-pair.ts';
import { sha256, verifierOf } from '../../hub/proofs.ts';
import type { Payer } from './payer.ts';
import { payerOf } from './payer.ts';

export const TARIFF: Tariff = {
  currency: 'EUR',
  unit: 'Wh',
  priceMicros: 450_000 as Micros,
  perUnits: 1000,
  validFromSeconds: 1000,
  validUntilSeconds: 2000,
};
const HUB = repeatByte(9, 8) as HubId;

/** A device that is nowhere enrolled: 3000 links, 4000 units at most. */
export function strayPayer(changes: Partial<DeviceConfig> = {}): Payer {
  const { seed, publicKey } = makeKeyPair();
  return payerOf({
    device: deviceIdOf(publicKey),
    seed: toHex(seed),
    publicKey: toHex(publicKey),
    macKey: '00'.repeat(32),
    password: '',
    hub: toHex(HUB),
    host: '127.0.0.1',
    port: 1,
    root: 't',
    payee: toHex(accountIdOf('bob')),
    tariff: toHex(tariffIdOf(TARIFF)),
    limitUnits: 4000,
    chainUnits: 3000,
    profile: 'charging',
    meter: { kind: 'timer', everyMs: 1000, units: 1 },
    issueEveryMs: 0,
    keepaliveSeconds: 60,
    ...changes,
  });
}

export function judgesOf(payer: Payer, changes: Partial<Judges> = {}): Judges {
  return {
    sha256,
    verify: verifierOf(fromHex(payer.config.publicKey) as Bytes),
    tariffOf: (id) => (id === tariffIdOf(TARIFF) ? TARIFF : undefined),
    knowsPayee: (account) => account === accountIdOf('bob'),
    inForce: elementsInForce,
    ...changes,
  };
}

export function viewOf(payer: Payer, changes: Partial<View> = {}): View {
  return {
    context: payer.context,
    standing: 'enrolled',
    spent: false,
    channel: undefined,
    nextChannel: 1,
    creditMicros: 1_800_000,
    nowSeconds: 1500,
    ...changes,
  };
}

/** Judges messages one after the other on one channel and keeps what is accepted, as the hub does. */
export function judgeAll(
  payer: Payer,
  messages: readonly Bytes[],
  start?: Channel,
): { channel: Channel | undefined; verdicts: Verdict[] } {
  let channel = start;
  const judges = judgesOf(payer);
  const verdicts = messages.map((message) => {
    const nextChannel = channel === undefined ? 1 : 2;
    const verdict = accept(viewOf(payer, { channel, nextChannel }), decodeUplink(message), judges);
    if (verdict.kind === 'accepted') channel = verdict.change.channel;
    return verdict;
  });
  return { channel, verdicts };
}

export function openedBy(payer: Payer): Channel {
  const { channel } = judgeAll(payer, [payer.commitment(1)]);
  if (channel === undefined) throw new Error('expected the commitment to open a channel');
  return channel;
}
