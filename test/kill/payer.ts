// A payer that remembers what it was told. In: its configuration, and the port of a hub that may die at any moment. Out: vouchers under load; and a
// verdict on what the database says afterwards. It counts PUBACKs and receipts apart: both are promises of the hub.

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
  /** Pays as fast as it is answered, until the line breaks. */
  payTo(port: number): Promise<void>;
  /** Sends the highest voucher once more and waits for its acknowledgement. */
  deliverHighest(port: number): Promise<void>;
  /** Sentences about what the hub's books must not say. */
  judge(acceptedUnits: number): string[];
}

const IN_FLIGHT = 20;
const PACKET_IDS = 65_000;
const CHANNEL = 1;

function packetIdOf(units: number): number {
  return 1 + (units % PACKET_IDS);
}

export function killPayer(config: DeviceConfig): KillPayer {
  const payer = payerOf(config);
  const topic = topicOf(config.root, config.device, 'up');
  const commitment = payer.commitment(CHANNEL);
  let acknowledgedVouchers = 0;
  let acknowledgedUnits = 0;
  let receiptedUnits = 0;
  let sentUnits = 0;
  let acceptedBefore = 0;
  const strangeAnswers: string[] = [];

  const hear = (payload: Buffer): void => {
    const said = payer.read(payload.toString('latin1'));
    if (typeof said === 'string') strangeAnswers.push(said);
    else if (said.kind === 'reject') strangeAnswers.push(`rejected: ${said.reason} at ${said.units} units`);
    else if (said.kind === 'grant') strangeAnswers.push(`granted ${said.ceilingUnits} units to a device that is not prepaid`);
    else if (said.kind !== 'receipt') strangeAnswers.push(`${said.kind}: firmware for a device that has not asked`);
    else receiptedUnits = Math.max(receiptedUnits, said.acceptedUnits);
  };

  /** Runs one connection to its end; `next` gives the units to send, 0 for the commitment, or undefined to wait. */
  const converse = async (port: number, next: () => number | undefined, until: (units: number) => boolean): Promise<void> => {
    const underWay: number[] = [];
    let connection: LoadConnection | undefined;
    let onClose = (): void => {};
    const closed = new Promise<void>((resolve) => (onClose = resolve));
    const say = (): void => {
      const units = next();
      if (units === undefined || connection === undefined) return;
      sentUnits = Math.max(sentUnits, units);
      underWay.push(units);
      const message = units === 0 ? commitment : payer.payword(CHANNEL, units);
      connection.send(publishPacket(topic, message, packetIdOf(units)));
    };
    const onAcknowledged = (packetId: number): void => {
      const units = underWay.shift();
      if (units === undefined || packetId !== packetIdOf(units)) strangeAnswers.push(`PUBACK ${packetId} out of order`);
      else if (units > 0) {
        acknowledgedVouchers++;
        acknowledgedUnits = Math.max(acknowledgedUnits, units);
      }
      if (until(units ?? 0)) connection?.destroy();
      else say();
    };
    try {
      const credentials = { host: '127.0.0.1', port, clientId: config.device, password: config.password };
      connection = await openConnection(credentials, { onAcknowledged, onDown: hear, onClose });
    } catch {
      return; // killed before it could answer
    }
    connection.send(subscribePacket(topicOf(config.root, config.device, 'down'), PACKET_IDS + 2));
    for (let i = 0; i < IN_FLIGHT; i++) say();
    await closed;
  };

  return {
    device: config.device,
    acknowledged: () => acknowledgedVouchers,
    sentUnits: () => sentUnits,
    payTo(port) {
      // The commitment first, on every connection. What was sent and never acknowledged is not sent again: the next voucher covers it.
      let opened = false;
      const next = (): number | undefined => {
        if (!opened) {
          opened = true;
          return 0;
        }
        return sentUnits < config.chainUnits ? sentUnits + 1 : undefined;
      };
      return converse(port, next, () => false);
    },
    async deliverHighest(port) {
      const plan = [0, sentUnits];
      await converse(
        port,
        () => plan.shift(),
        (units) => units === sentUnits && sentUnits > 0,
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
