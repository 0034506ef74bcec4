// A paying device in Node, for tests and benchmarks: keys, a hash chain and every message a board can send, signed by node:crypto. In: a configuration as
// enrolment gives it. Out: byte strings for `up`, and a connection that speaks them. It knows the wire and nothing of the hub.

import { createPrivateKey, sign } from 'node:crypto';
import type { MqttClient } from 'mqtt';
import mqtt from 'mqtt';
import type { Bytes } from '../../shared/bytes.ts';
import { fromHex, repeatByte, toBase64url } from '../../shared/bytes.ts';
import type { Terms } from '../../shared/commitment.ts';
import { commitmentPayload, NO_CHAIN, writeCommitment } from '../../shared/commitment.ts';
import type { DeviceConfig } from '../../shared/config.ts';
import type { Context, Purpose } from '../../shared/cose.ts';
import { PURPOSE_COMMITMENT, PURPOSE_VOUCHER, signedBytes } from '../../shared/cose.ts';
import type { Downlink } from '../../shared/downlink.ts';
import { decodeDownlink } from '../../shared/downlink.ts';
import type { AccountId, HubId, TariffId } from '../../shared/identity.ts';
import type { Link } from '../../shared/payword.ts';
import { chainSalt, linkBefore } from '../../shared/payword.ts';
import { topicOf } from '../../shared/topics.ts';
import type { ChannelNumber, Units } from '../../shared/units.ts';
import { signedVoucherPayload, writePaywordVoucher, writeSignedVoucher } from '../../shared/voucher.ts';
import { macOf, sha256 } from '../../hub/proofs.ts';

export interface Payer {
  readonly config: DeviceConfig;
  readonly context: Context;
  /** The commitment that opens a channel; terms differ from the configuration's only where they are given. */
  commitment(channel: number, terms?: Partial<Terms>): Bytes;
  payword(channel: number, units: number): Bytes;
  signed(channel: number, units: number, closing?: boolean): Bytes;
  /** What the hub said, believed only with its tag. */
  read(message: Bytes): Downlink | string;
}

export function payerOf(config: DeviceConfig): Payer {
  const context: Context = { hub: fromHex(config.hub) as HubId, device: config.device };
  const signer = signerOf(config, context);
  const chains = new Map<number, readonly Link[]>();
  const chain = (channel: number): readonly Link[] => {
    const known = chains.get(channel) ?? chainOf(config, channel as ChannelNumber);
    chains.set(channel, known);
    return known;
  };
  const mac = macOf(fromHex(config.macKey) as Bytes);
  return {
    config,
    context,
    commitment(channel, terms = {}) {
      const payload = commitmentPayload({ ...termsOf(config, channel, chain(channel)[0] ?? NO_CHAIN), ...terms });
      return writeCommitment(payload, signer(PURPOSE_COMMITMENT, payload));
    },
    payword: (channel, units) => writePaywordVoucher(channel as ChannelNumber, units as Units, chain(channel)[units] ?? NO_CHAIN),
    signed(channel, units, closing = false) {
      const payload = signedVoucherPayload(channel as ChannelNumber, units as Units, closing);
      return writeSignedVoucher(payload, signer(PURPOSE_VOUCHER, payload));
    },
    read: (message) => decodeDownlink(message, context, mac),
  };
}

function termsOf(config: DeviceConfig, channel: number, anchor: Link): Terms {
  return {
    channel: channel as ChannelNumber,
    payee: fromHex(config.payee) as AccountId,
    tariff: fromHex(config.tariff) as TariffId,
    limitUnits: config.limitUnits as Units,
    anchor: config.chainUnits === 0 ? NO_CHAIN : anchor,
    chainUnits: config.chainUnits as Units,
    openedRegisterUnits: 0,
  };
}

function signerOf({ seed, publicKey }: DeviceConfig, context: Context): (purpose: Purpose, payload: Bytes) => Bytes {
  const jwk = { kty: 'OKP', crv: 'Ed25519', d: toBase64url(fromHex(seed) as Bytes), x: toBase64url(fromHex(publicKey) as Bytes) };
  const key = createPrivateKey({ key: jwk, format: 'jwk' });
  return (purpose, payload) => sign(null, Buffer.from(signedBytes(purpose, context, payload), 'latin1'), key).toString('latin1');
}

/** Link 0, the anchor, first. The last link is derived from the seed, so a payer made again has the same chain. */
function chainOf({ device, seed, chainUnits }: DeviceConfig, channel: ChannelNumber): Link[] {
  const salt = chainSalt(device, channel);
  const links = [sha256(`chain ${seed} ${channel}`).substring(0, 16) as Link];
  for (let index = chainUnits - 1; index >= 0; index--) links.push(linkBefore(salt, index, links.at(-1) as Link, sha256));
  return links.reverse();
}

export interface ConnectedPayer extends Payer {
  readonly client: MqttClient;
  /** Everything the hub has said on this connection, in order. */
  readonly heard: readonly Downlink[];
  /** Publishes at QoS 1; resolves with the acknowledgement. */
  send(message: Bytes): Promise<void>;
  /** Resolves with the first answer, past or future, that satisfies `wanted`. */
  hears(wanted: (answer: Downlink) => boolean): Promise<Downlink>;
  end(): Promise<void>;
}

/** In the clear, or through the hub's port with TLS. */
export async function connectPayer(
  config: DeviceConfig,
  tls?: { readonly port: number; readonly ca: string },
): Promise<ConnectedPayer> {
  const payer = payerOf(config);
  const url = tls === undefined ? `mqtt://${config.host}:${config.port}` : `mqtts://${config.host}:${tls.port}`;
  const client = await mqtt.connectAsync(url, {
    ...(tls === undefined ? {} : { ca: tls.ca, servername: 'localhost' }),
    clientId: config.device,
    username: config.device,
    password: config.password,
    protocolVersion: 4,
    reconnectPeriod: 0,
    keepalive: config.keepaliveSeconds,
  });
  const heard: Downlink[] = [];
  let awaited: Array<() => void> = [];
  client.on('message', (_topic, payload) => {
    const answer = payer.read(payload.toString('latin1'));
    if (typeof answer === 'string') throw new Error(`the hub said what cannot be believed: ${answer}`);
    heard.push(answer);
    for (const look of awaited) look();
  });
  await client.subscribeAsync(topicOf(config.root, config.device, 'down'));
  return {
    ...payer,
    client,
    heard,
    send: (message) =>
      client.publishAsync(topicOf(config.root, config.device, 'up'), Buffer.from(message, 'latin1'), { qos: 1 }).then(() => {}),
    hears: (wanted) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = heard.find(wanted);
          if (found === undefined) return;
          awaited = awaited.filter((one) => one !== look);
          resolve(found);
        };
        awaited.push(look);
        look();
      }),
    end: () => client.endAsync(!client.connected), // one that was cut has messages that nobody will acknowledge
  };
}

/** Resolves when the hub, or the network, has ended the connection. */
export function closeOf(client: MqttClient): Promise<void> {
  return new Promise((resolve) => void client.once('close', () => resolve()));
}

/** A link of no chain at all. */
export const WRONG_LINK = repeatByte(7, 16) as Link;
