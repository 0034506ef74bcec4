// A payer that remembers what it was told. In: its configuration, and the port of a hub that may die at any moment. Out: vouchers under load; and a
// verdict on what the database says afterwards. It counts PUBACKs and receipts apart: both are promises of the hub.

import type { Bytes } from '../../shared/bytes.ts';
import type { DeviceConfig } from '../../shared/config.ts';
import type { DeviceId } from '../../shared/identity.ts';
import { topicOf } from '../../shared/topics.ts';
import { payerOf } from '../hub/payer.ts';
import type { LoadConnection } from '../load/connection.ts';
import { openConnection, publishPacket, subscribePacket } from '../load/connection.ts';

export interface KillPayer {
  readonly device: DeviceId;
  acknowledged(): number;
  sentUnits(): number;
  /** Pays as fast as it is answered, until the line breaks. Resolves with how long it was answered, in milliseconds. */
  payTo(port: number): Promise<number>;
  /** Sends the highest voucher once more and waits for its acknowledgement. */
  deliverHighest(port: number): Promise<void>;
  /** Sentences about what the hub's books must not say. */
  judge(acceptedUnits: number): string[];
}

const IN_FLIGHT = 64;
const PACKET_IDS = 65_000;
const SUBSCRIBE_ID = PACKET_IDS + 2;

/** What is sent: so many units in all, of which a channel holds a chain's worth; `opening` is a channel's commitment. */
interface Sent {
  readonly kind: 'opening' | 'voucher';
  readonly units: number;
}

/** `signsEvery`: each so many vouchers one is signed, and all others are paywords; none if it is 0. */
export function killPayer(config: DeviceConfig, signsEvery = 0): KillPayer {
  const payer = payerOf(config);
  const topic = topicOf(config.root, config.device, 'up');
  let acknowledgedVouchers = 0;
  let acknowledgedUnits = 0;
  let receiptedUnits = 0;
  let sentUnits = 0;
  let acceptedBefore = 0;
  const strangeAnswers: string[] = [];

  const channelOf = (units: number): number => 1 + Math.floor(Math.max(0, units - 1) / config.chainUnits);
  const before = (channel: number): number => (channel - 1) * config.chainUnits;
  const packetIdOf = ({ kind, units }: Sent): number => (kind === 'opening' ? PACKET_IDS + 1 : 1 + (units % PACKET_IDS));
  const packetOf = (sent: Sent): Buffer => {
    const channel = channelOf(sent.units);
    const message = sent.kind === 'opening' ? payer.commitment(channel) : voucherOf(channel, sent.units - before(channel));
    return publishPacket(topic, message, packetIdOf(sent));
  };
  const voucherOf = (channel: number, units: number): Bytes =>
    signsEvery > 0 && units % signsEvery === 0 ? payer.signed(channel, units) : payer.payword(channel, units);

  const hear = (payload: Buffer): void => {
    const said = payer.read(payload.toString('latin1'));
    if (typeof said === 'string') strangeAnswers.push(said);
    else if (said.kind === 'reject') strangeAnswers.push(`rejected: ${said.reason} at ${said.units} units`);
    else if (said.kind === 'grant') strangeAnswers.push(`granted ${said.ceilingUnits} units to a device that is not prepaid`);
    else if (said.kind !== 'receipt') strangeAnswers.push(`${said.kind}: firmware for a device that has not asked`);
    else receiptedUnits = Math.max(receiptedUnits, before(said.channel) + said.acceptedUnits);
  };

  /** Runs one connection to its end; `next` gives what to send, or undefined to wait. */
  const converse = async (port: number, next: () => Sent | undefined, until: (sent: Sent) => boolean): Promise<number> => {
    const underWay: Sent[] = [];
    let connection: LoadConnection | undefined;
    let firstMs: number | undefined;
    let onClose = (): void => {};
    const closed = new Promise<void>((resolve) => (onClose = resolve));
    const fill = (): void => {
      const packets: Buffer[] = [];
      while (underWay.length < IN_FLIGHT) {
        const sent = next();
        if (sent === undefined) break;
        sentUnits = Math.max(sentUnits, sent.units);
        underWay.push(sent);
        packets.push(packetOf(sent));
      }
      if (packets.length > 0) connection?.send(Buffer.concat(packets));
    };
    const onAcknowledged = (packetId: number): void => {
      firstMs ??= performance.now();
      const sent = underWay.shift();
      if (sent === undefined || packetId !== packetIdOf(sent)) {
        strangeAnswers.push(`PUBACK ${packetId} out of order`);
        return;
      }
      if (sent.kind === 'voucher') {
        acknowledgedVouchers++;
        acknowledgedUnits = Math.max(acknowledgedUnits, sent.units);
      }
      if (until(sent)) connection?.destroy();
      else if (underWay.length <= IN_FLIGHT / 2) fill(); // as a gateway does: many in one write
    };
    try {
      const credentials = { host: '127.0.0.1', port, clientId: config.device, password: config.password };
      connection = await openConnection(credentials, { onAcknowledged, onDown: hear, onClose });
    } catch {
      return 0; // killed before it could answer
    }
    connection.send(subscribePacket(topicOf(config.root, config.device, 'down'), SUBSCRIBE_ID));
    fill();
    await closed;
    return firstMs === undefined ? 0 : performance.now() - firstMs;
  };

  return {
    device: config.device,
    acknowledged: () => acknowledgedVouchers,
    sentUnits: () => sentUnits,
    payTo(port) {
      // The commitment first, on every connection, and again what was sent last: it covers what came before it and was never acknowledged.
      const plan: Sent[] = [{ kind: 'opening', units: sentUnits }];
      if (sentUnits > acknowledgedUnits) plan.push({ kind: 'voucher', units: sentUnits });
      const next = (): Sent | undefined => {
        const planned = plan.shift();
        if (planned !== undefined) return planned;
        const units = sentUnits + 1;
        if (channelOf(units) === channelOf(sentUnits) || sentUnits === 0) return { kind: 'voucher', units };
        if (acknowledgedUnits < sentUnits) return undefined; // a channel is paid to its end before the next one opens
        plan.push({ kind: 'voucher', units });
        return { kind: 'opening', units };
      };
      return converse(port, next, () => false);
    },
    async deliverHighest(port) {
      const plan: Sent[] = [{ kind: 'opening', units: sentUnits }];
      if (sentUnits > 0) plan.push({ kind: 'voucher', units: sentUnits });
      await converse(
        port,
        () => plan.shift(),
        ({ kind }) => kind === 'voucher' || sentUnits === 0,
      );
    },
    judge(acceptedUnits) {
      const who = `${config.device}: the books say ${acceptedUnits} units`;
      const findings = strangeAnswers.splice(0).map((answer) => `${config.device}: ${answer}`);
      if (acceptedUnits < acknowledgedUnits) findings.push(`${who}, ${acknowledgedUnits} were acknowledged`);
      if (acceptedUnits < receiptedUnits) findings.push(`${who}, ${receiptedUnits} had a receipt`);
      if (acceptedUnits > sentUnits) findings.push(`${who}, only ${sentUnits} were sent`);
      if (acceptedUnits < acceptedBefore) findings.push(`${who}, ${acceptedBefore} before`);
      acceptedBefore = acceptedUnits;
      return findings;
    },
  };
}
