// The front door behind the broker: a bounded inbox, drained in groups. In: authenticated devices' messages and what they say of themselves. Out: one transaction
// per group; then, and only then, acknowledgements, receipts and rejects. When the commit fails nothing is acknowledged, memory is as
// before, and the connections are closed: the boards send again.

import type { Logger } from 'pino';
import type { Bytes } from '../shared/bytes.ts';
import { toHex } from '../shared/bytes.ts';
import { writeReceipt, writeReject } from '../shared/downlink.ts';
import type { DeviceId } from '../shared/identity.ts';
import type { Status } from '../shared/status.ts';
import type { ChannelNumber } from '../shared/units.ts';
import type { Uplink } from '../shared/uplink.ts';
import { decodeUplink } from '../shared/uplink.ts';
import type { Verdict } from './accept.ts';
import type { Connection, Done } from './broker.ts';
import { receiptOf } from './channel.ts';
import type { Counter } from './counters.ts';
import type { Arrival, Judgement, Moment } from './group.ts';
import { assertWritten, changesBooks, judgeGroup, keepGroup, writeGroup } from './group.ts';
import type { Known, KnownDevice } from './known.ts';
import type { Quarantine } from './quarantine.ts';
import type { Store } from './store.ts';
import { isStorageFault } from './store.ts';

export interface IntakeOptions {
  readonly store: Store;
  readonly known: Known;
  readonly counter: Counter;
  readonly quarantine: Quarantine;
  readonly log: Logger;
  readonly now: () => Moment;
  /** Calls back when the inbox shall be worked off: at the event loop's next turn, unless time is somebody else's. */
  readonly soon?: (run: () => void) => void;
}

export interface Intake {
  receive(connection: Connection, message: Bytes, done: Done): void;
  /** `undefined`: the device's connection is gone. */
  present(device: DeviceId, status: Status | undefined): void;
  /** Works off what is in the inbox, now. */
  flush(): void;
  /** After it, nothing is taken in, and nothing that still waits is worked off. */
  stop(): void;
}

interface Waiting {
  readonly connection: Connection;
  readonly bytes: Bytes;
  readonly done: Done;
}

interface Judged extends Waiting, Arrival {
  readonly verdict: Verdict;
}

/** One commit carries at most so many messages: bounds how long the event loop is held. */
const GROUP_MESSAGES = 1024;
/** When so many wait, new ones are refused with their connection: a board's next voucher covers what is refused. */
const INBOX_MESSAGES = 65_536;

export function openIntake(options: IntakeOptions): Intake {
  const soon = options.soon ?? setImmediate;
  let inbox: Waiting[] = [];
  let presences = new Map<DeviceId, Status | undefined>();
  let scheduled = false;
  let stopped = false;

  function schedule(): void {
    if (scheduled || stopped) return;
    scheduled = true;
    soon(() => {
      scheduled = false;
      if (stopped) return;
      drainOrStop();
      if (inbox.length > 0 || presences.size > 0) schedule();
    });
  }

  /** A broken invariant stops the hub: books that may be wrong take no more money. */
  function drainOrStop(): void {
    try {
      drainOnce();
    } catch (error) {
      stopped = true;
      options.log.fatal({ err: error as Error }, 'an invariant is broken; the hub stops');
      throw error;
    }
  }

  function drainOnce(): void {
    const group = inbox.slice(0, GROUP_MESSAGES);
    inbox = inbox.length > GROUP_MESSAGES ? inbox.slice(GROUP_MESSAGES) : [];
    const said = presences;
    presences = new Map();
    if (group.length > 0 || said.size > 0) workOff(options, group, said);
  }

  return {
    receive(connection, bytes, done) {
      if (stopped || inbox.length >= INBOX_MESSAGES) return done(new Error('the inbox is full'));
      inbox.push({ connection, bytes, done });
      schedule();
    },
    present(device, status) {
      presences.set(device, status);
      schedule();
    },
    flush() {
      while (inbox.length > 0 || presences.size > 0) drainOnce();
    },
    stop() {
      stopped = true;
    },
  };
}

function workOff(options: IntakeOptions, group: readonly Waiting[], presences: ReadonlyMap<DeviceId, Status | undefined>): void {
  const { store, known, now } = options;
  const moment = now();
  let judgement: Judgement;
  let arrivals: Array<Waiting & Arrival>;
  try {
    known.refresh();
    arrivals = group.map((waiting) => arrivalOf(known, waiting, moment));
    judgement = judgeGroup(known, arrivals, moment);
    if (changesBooks(judgement) || presences.size > 0) {
      store.atomically(() => {
        writeGroup(store, judgement, moment.nowSeconds);
        writePresences(store, presences, moment.nowSeconds);
      });
    }
  } catch (error) {
    if (!isStorageFault(error)) throw error;
    return refuseGroup(options, group, error);
  }
  assertWritten(store, judgement);
  keepGroup(judgement);
  const judged = arrivals.map((arrival, i) => ({ ...arrival, verdict: judgement.verdicts[i] as Verdict }));
  for (const { done } of judged) done();
  answer(options, judged);
  record(options, judged, moment);
}

function arrivalOf(known: Known, waiting: Waiting, { nowMs }: Moment): Waiting & Arrival {
  const device = known.find(waiting.connection.device, nowMs);
  if (device === undefined) throw new Error(`device ${waiting.connection.device} was authenticated and is not in the store`);
  return { ...waiting, device, message: decodeUplink(waiting.bytes) };
}

function writePresences(store: Store, presences: ReadonlyMap<DeviceId, Status | undefined>, nowSeconds: number): void {
  for (const [device, status] of presences) {
    if (status === undefined) store.devices.absent(device, nowSeconds);
    else store.devices.present(device, status, nowSeconds);
  }
}

function refuseGroup({ log }: IntakeOptions, group: readonly Waiting[], error: Error): void {
  log.error({ err: error, messages: group.length }, 'a commit failed: nothing of its group is acknowledged');
  for (const { done } of group) done(new Error('the hub could not store the message'));
}

/** At most one receipt per channel, and one reject per channel and reason: the newest says it all. */
function answer({ known }: IntakeOptions, judged: readonly Judged[]): void {
  const answers = new Map<string, { readonly connection: Connection; readonly make: () => Bytes }>();
  for (const { connection, device, message, verdict } of judged) {
    const { channel, units } = subjectOf(message);
    if (verdict.kind === 'rejected') {
      const { reason } = verdict;
      const nextChannel = device.nextChannel as ChannelNumber;
      const make = (): Bytes => writeReject({ kind: 'reject', channel, units, reason, nextChannel }, device.context, device.mac);
      answers.set(`${device.row.device} ${channel} ${reason}`, { connection, make });
    } else {
      answers.set(`${device.row.device} ${channel}`, { connection, make: () => receiptFor(known, device, channel) });
    }
  }
  for (const { connection, make } of answers.values()) connection.send(make());
}

function receiptFor(known: Known, device: KnownDevice, number: number): Bytes {
  const channel = known.channel(device, number);
  if (channel === undefined) throw new Error(`no channel ${device.row.device}/${number} to give a receipt for`);
  return writeReceipt(receiptOf(channel), device.context, device.mac);
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

function record({ counter, quarantine, log }: IntakeOptions, judged: readonly Judged[], { nowSeconds }: Moment): void {
  const refused = new Map<string, number>();
  for (const { device, message, verdict, bytes } of judged) {
    counter.count(message, verdict);
    if (verdict.kind !== 'rejected') continue;
    const { reason } = verdict;
    const detail = message.kind === 'malformed' ? message.detail : '';
    quarantine.add({ device: device.row.device, reason, detail, messageHex: toHex(bytes), atSeconds: nowSeconds });
    const key = `${device.row.device} ${reason} ${detail}`;
    refused.set(key, (refused.get(key) ?? 0) + 1);
  }
  for (const [what, messages] of refused) log.warn({ what, messages }, 'refused messages');
}
