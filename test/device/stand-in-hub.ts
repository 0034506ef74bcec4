// A small hub for the firmware's own tests: a real aedes broker that checks every signature and every link, keeps the greatest units, and
// answers receipts and rejects as it is told. In: a device's configuration. Out: what was accepted. It books nothing.

import { createPublicKey, verify } from 'node:crypto';
import type { AddressInfo, Server } from 'node:net';
import { createServer } from 'node:net';
import { Aedes } from 'aedes';
import type { Client } from 'aedes';
import type { Bytes } from '../../shared/bytes.ts';
import { fromHex, toHex } from '../../shared/bytes.ts';
import type { Commitment, Terms } from '../../shared/commitment.ts';
import type { DeviceConfig } from '../../shared/config.ts';
import type { Context, Purpose } from '../../shared/cose.ts';
import { PURPOSE_COMMITMENT, PURPOSE_VOUCHER, signedBytes } from '../../shared/cose.ts';
import { writeReceipt, writeReject } from '../../shared/downlink.ts';
import { accountIdOf, deviceIdOf } from '../../shared/identity.ts';
import type { HubId } from '../../shared/identity.ts';
import { chainSalt, linkReaches } from '../../shared/payword.ts';
import type { Link } from '../../shared/payword.ts';
import type { Reason } from '../../shared/reject.ts';
import { readStatus } from '../../shared/status.ts';
import { topicOf } from '../../shared/topics.ts';
import type { ChannelNumber, Units } from '../../shared/units.ts';
import type { Uplink } from '../../shared/uplink.ts';
import { decodeUplink } from '../../shared/uplink.ts';
import type { Voucher } from '../../shared/voucher.ts';
import { macOf } from '../../device/mac.ts';
import { sha256 } from './node-board.ts';

const SPKI_ED25519 = Buffer.from('302a300506032b6570032100', 'hex');
const POSSIBLE_KEY = fromHex('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60') as Bytes;
const POSSIBLE_PUBLIC = fromHex('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a') as Bytes;

export interface Standing {
  readonly payload: Bytes;
  readonly terms: Terms;
  acceptedUnits: number;
  link: Link;
  linkUnits: number;
  closed: boolean;
}

export interface StandIn {
  readonly port: number;
  readonly channels: Map<number, Standing>;
  readonly states: string[];
  readonly messages: Uplink[];
  /** Bytes of every PUBLISH payload on `up`. */
  readonly sizes: number[];
  /** Answers this reason instead of judging, while it says one. */
  refuse: (message: Commitment | Voucher) => Reason | undefined;
  /** True for a channel on which nothing is answered. */
  silent: (channel: number) => boolean;
  nextChannel: number;
  acceptedUnits(): number;
  /** Says something on the device's `down`. */
  tell(message: Bytes): void;
  close(): Promise<void>;
}

/** RFC 8032's first test key stands in for a device's own. */
export function exampleConfig(port: number, changes: Partial<DeviceConfig> = {}): DeviceConfig {
  return {
    device: deviceIdOf(POSSIBLE_PUBLIC, sha256),
    seed: toHex(POSSIBLE_KEY),
    publicKey: toHex(POSSIBLE_PUBLIC),
    macKey: toHex(sha256('mac key')),
    password: 'secret',
    hub: toHex(sha256('hub').substring(0, 8)),
    host: '127.0.0.1',
    port,
    root: 't',
    payee: toHex(accountIdOf('payee', sha256)),
    tariff: toHex(sha256('tariff').substring(0, 16)),
    limitUnits: 1000,
    chainUnits: 1000,
    profile: 'sensor',
    meter: { kind: 'timer', everyMs: 3600000, units: 1 },
    issueEveryMs: 0,
    keepaliveSeconds: 30,
    ...changes,
  };
}

function judgeSignature(config: DeviceConfig, context: Context, purpose: Purpose, payload: Bytes, signature: Bytes): boolean {
  const der = Buffer.concat([SPKI_ED25519, Buffer.from(config.publicKey, 'hex')]);
  const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
  const message = Buffer.from(signedBytes(purpose, context, payload), 'latin1');
  return verify(null, message, key, Buffer.from(signature, 'latin1'));
}

type Answer = { readonly channel: number; readonly units: number; readonly reason?: Reason };

function judge(hub: StandIn, config: DeviceConfig, context: Context, message: Commitment | Voucher): Answer {
  const number = message.kind === 'commitment' ? message.terms.channel : message.channel;
  const units = message.kind === 'commitment' ? 0 : message.units;
  const no = (reason: Reason): Answer => ({ channel: number, units, reason });
  const forced = hub.refuse(message);
  if (forced !== undefined) return no(forced);
  const known = hub.channels.get(number);
  if (message.kind === 'commitment') {
    if (known?.payload === message.payload) return { channel: number, units };
    if (!judgeSignature(config, context, PURPOSE_COMMITMENT, message.payload, message.signature)) return no('bad-signature');
    if (known !== undefined) return no('conflicting-channel');
    if (number < hub.nextChannel) return no('stale-channel');
    hub.nextChannel = number + 1;
    const { payload, terms } = message;
    hub.channels.set(number, { payload, terms, acceptedUnits: 0, link: terms.anchor, linkUnits: 0, closed: false });
    return { channel: number, units };
  }
  if (known === undefined) return no('unknown-channel');
  if (message.units < known.acceptedUnits || (message.kind === 'payword' && message.units === known.linkUnits))
    return { channel: number, units };
  if (known.closed && message.units > known.acceptedUnits) return no('channel-closed');
  if (message.kind === 'payword') {
    if (message.units - known.linkUnits > 1024) return no('gap-exceeded');
    const salt = chainSalt(context.device, message.channel);
    if (!linkReaches(salt, message.link, message.units, known.link, known.linkUnits, sha256)) return no('bad-payword');
    known.link = message.link;
    known.linkUnits = message.units;
  } else {
    if (!judgeSignature(config, context, PURPOSE_VOUCHER, message.payload, message.signature)) return no('bad-signature');
    known.closed = known.closed || message.closing;
  }
  known.acceptedUnits = message.units;
  return { channel: number, units };
}

function take(hub: StandIn, config: DeviceConfig, client: Client, bytes: Bytes): void {
  const context: Context = { hub: fromHex(config.hub) as HubId, device: config.device };
  const mac = macOf(fromHex(config.macKey) as Bytes, sha256);
  const message = decodeUplink(bytes);
  hub.messages.push(message);
  hub.sizes.push(bytes.length);
  if (message.kind === 'malformed') throw new Error('the firmware sent a malformed message: ' + message.detail);
  const answer = judge(hub, config, context, message);
  const known = hub.channels.get(answer.channel);
  const { channel, units, reason } = answer;
  const reply =
    reason === undefined && known !== undefined
      ? writeReceipt(
          {
            kind: 'receipt',
            channel: channel as ChannelNumber,
            acceptedUnits: known.acceptedUnits as Units,
            closed: known.closed,
          },
          context,
          mac,
        )
      : writeReject(
          { kind: 'reject', channel, units, reason: reason ?? 'malformed', nextChannel: hub.nextChannel as ChannelNumber },
          context,
          mac,
        );
  if (hub.silent(channel)) return;
  const topic = topicOf(config.root, config.device, 'down');
  const payload = Buffer.from(reply, 'latin1');
  client.publish({ cmd: 'publish', topic, payload, qos: 0, retain: false, dup: false }, () => undefined);
}

function wire(broker: Aedes, hub: StandIn, config: DeviceConfig): void {
  broker.authenticate = (_client, user, password, done) => {
    done(null, user === config.device && password?.toString() === config.password);
  };
  broker.authorizePublish = (client, packet, done) => {
    const bytes = packet.payload.toString('latin1');
    if (packet.topic === topicOf(config.root, config.device, 'status')) {
      const status = readStatus(bytes);
      if (typeof status !== 'string') hub.states.push(status.state);
      done(null);
      return;
    }
    done(null);
    if (client !== null) take(hub, config, client, bytes);
  };
}

/** `before` hands over what an earlier stand-in had accepted: a restart of the hub. */
export async function openStandIn(config: DeviceConfig, before?: StandIn): Promise<StandIn> {
  const broker = await Aedes.createBroker({ concurrency: 0 });
  const server: Server = createServer((socket) => broker.handle(socket));
  await new Promise<void>((resolve) => server.listen(before?.port ?? config.port, '127.0.0.1', resolve));
  const hub: StandIn = {
    port: (server.address() as AddressInfo).port,
    channels: before?.channels ?? new Map<number, Standing>(),
    states: before?.states ?? [],
    messages: before?.messages ?? [],
    sizes: before?.sizes ?? [],
    refuse: () => undefined,
    silent: () => false,
    nextChannel: before?.nextChannel ?? 1,
    acceptedUnits: () => [...hub.channels.values()].reduce((sum, channel) => sum + channel.acceptedUnits, 0),
    tell(message) {
      const topic = topicOf(config.root, config.device, 'down');
      const payload = Buffer.from(message, 'latin1');
      broker.publish({ cmd: 'publish', topic, payload, qos: 0, retain: false, dup: false }, () => undefined);
    },
    async close() {
      await new Promise<void>((resolve) => broker.close(() => resolve()));
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
  wire(broker, hub, config);
  return hub;
}
