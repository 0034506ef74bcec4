// What becomes of verdicts once they are on the disk: answers to the devices, and what is kept of refused messages. In: a judged group. Out: receipts and rejects; counts and samples. It must never
// be called before the commit.

import type { Bytes } from '../shared/bytes.ts';
import { writeReject } from '../shared/downlink.ts';
import type { Reason } from '../shared/reject.ts';
import type { ChannelNumber } from '../shared/units.ts';
import type { Uplink } from '../shared/uplink.ts';
import type { Verdict } from './accept.ts';
import { hexOf } from './blob.ts';
import type { Connection } from './broker.ts';
import { receiptOf } from './channel.ts';
import type { Counter } from './counters.ts';
import { limitFault } from './fitting-limit.ts';
import type { Arrival } from './group.ts';
import type { Known, KnownDevice } from './known.ts';
import type { Moment } from './moment.ts';
import type { Quarantine } from './quarantine.ts';
import type { Store } from './store.ts';

export interface Judged extends Arrival {
  readonly connection: Connection;
  readonly bytes: Bytes;
  readonly verdict: Verdict;
}

export interface Records {
  readonly store: Store;
  readonly known: Known;
  readonly counter: Counter;
  readonly quarantine: Quarantine;
}

/** At most one receipt per channel, and one reject per channel and reason: the newest says it all. */
export function answer(known: Known, judged: readonly Judged[]): void {
  const answers = new Map<string, { readonly connection: Connection; readonly make: () => Bytes }>();
  for (const { connection, device, message, verdict } of judged) {
    const { channel, units } = subjectOf(message);
    const addReceipt = (): void =>
      void answers.set(`${device.row.device} ${channel}`, { connection, make: () => receiptFor(known, device, channel) });
    if (verdict.kind === 'rejected') {
      const { reason } = verdict;
      if (reason === 'conflicting-channel' && isPaidOn(known, device, message)) addReceipt();
      const nextChannel = device.nextChannel as ChannelNumber;
      const make = (): Bytes => writeReject({ kind: 'reject', channel, units, reason, nextChannel }, device.context, device.mac);
      const key = `${device.row.device} ${channel} ${reason}`;
      answers.delete(key); // of two in a group the place of the newest counts: a receipt comes before its reject
      answers.set(key, { connection, make });
    } else {
      addReceipt();
    }
  }
  for (const { connection, make } of answers.values()) connection.send(make());
}

/**
 * Who has this board's key may have opened the number under terms of his own, and with the board's own chain; then the board has paid on it, and forgets that in a restart. Before it is told that its
 * commitment conflicts it hears what was taken there, so that it goes on there and carries nothing over [W-26].
 */
function isPaidOn(known: Known, device: KnownDevice, message: Uplink): boolean {
  if (message.kind !== 'commitment') return false;
  const { channel, anchor, tariff, payee } = message.terms;
  const open = known.channel(device, channel)?.terms;
  return open !== undefined && open.anchor === anchor && open.tariff === tariff && open.payee === payee;
}

function receiptFor(known: Known, device: KnownDevice, number: number): Bytes {
  const channel = known.channel(device, number);
  if (channel === undefined) throw new Error(`no channel ${device.row.device}/${number} to give a receipt for`);
  return device.receipt(receiptOf(channel));
}

function subjectOf(message: Uplink): { readonly channel: number; readonly units: number } {
  switch (message.kind) {
    case 'malformed':
      return { channel: 0, units: 0 };
    case 'commitment':
      return { channel: message.terms.channel, units: 0 };
    case 'payword':
    case 'signed':
      return { channel: message.channel, units: message.units };
  }
}

/** What the operator needs to know beside the reason. */
function detailOf(
  { store, known }: Pick<Records, 'store' | 'known'>,
  device: KnownDevice,
  message: Uplink,
  reason: Reason,
  nowSeconds: number,
): string {
  if (message.kind === 'malformed') return message.detail;
  if (message.kind !== 'commitment' || reason !== 'excessive-limit') return '';
  const tariff = known.lookups.tariffOf(message.terms.tariff);
  return tariff === undefined ? '' : limitFault(store, device.row, tariff, message.terms.limitUnits, nowSeconds);
}

/** What was refused, for the counters and the quarantine. */
export function record({ store, known, counter, quarantine }: Records, judged: readonly Judged[], { nowSeconds }: Moment): void {
  for (const { device, message, verdict, bytes } of judged) {
    counter.count(message, verdict);
    if (verdict.kind !== 'rejected') continue;
    const { reason } = verdict;
    const detail = detailOf({ store, known }, device, message, reason, nowSeconds);
    quarantine.add({ device: device.row.device, reason, detail, messageHex: hexOf(bytes), atSeconds: nowSeconds });
  }
}
