// The front door behind the broker: a bounded inbox, drained in groups. In: authenticated devices' messages and what they say of themselves. Out: one transaction
// per group; then, and only then, acknowledgements, receipts and rejects. When the commit fails nothing is acknowledged, memory is as
// before, and the connections are closed: the boards send again.

import type { Logger } from 'pino';
import type { Bytes } from '../shared/bytes.ts';
import type { DeviceId } from '../shared/identity.ts';
import type { Status } from '../shared/status.ts';
import type { Uplink } from '../shared/uplink.ts';
import { decodeUplink } from '../shared/uplink.ts';
import type { Verdict } from './accept.ts';
import type { Connection, Done } from './broker.ts';
import type { Checks } from './checks.ts';
import type { Arrival, Judgement } from './group.ts';
import type { Moment } from './moment.ts';
import { assertWritten, changesBooks, forgetGroup, judgeGroup, keepGroup, opensChannels, writeGroup } from './group.ts';
import type { Letter } from './inbox.ts';
import { openInbox } from './inbox.ts';
import type { Known } from './known.ts';
import type { Store } from './store.ts';
import { isStorageFault } from './storage-fault.ts';
import type { Turns } from './turns.ts';
import { EVENT_LOOP } from './turns.ts';
import type { Judged, Records } from './verdicts.ts';
import { answer, record } from './verdicts.ts';

export interface IntakeOptions extends Records {
  readonly log: Logger;
  readonly now: () => Moment;
  /** When the inbox is worked off; at the event loop's turns unless given. */
  readonly turns?: Turns;
  /** Where paywords go past this room: what a device has paid there comes first. */
  readonly lanes?: Lanes;
  /** Checks signatures ahead, elsewhere; without it the judge does. */
  readonly checks?: Checks;
}

export interface Lanes {
  /** What the device has paid is not durable yet. */
  isBusy(device: DeviceId): boolean;
  /** The device's channels are what was accepted, and durable; or a fault of the storage. */
  land(device: DeviceId): void;
}

export interface Intake {
  receive(connection: Connection, message: Bytes, done: Done): void;
  /** `undefined`: the device's connection is gone. */
  present(device: DeviceId, status: Status | undefined): void;
  /** Works off what is in the inbox, now. */
  flush(): void;
  /** What kept messages waiting may have gone. */
  wake(): void;
  /** More wait than can be worked off soon: whoever reads messages should stop for now. */
  isCrowded(): boolean;
  /** After it, nothing is taken in, and nothing that still waits is worked off. */
  stop(): void;
}

interface Waiting extends Letter {
  readonly connection: Connection;
  readonly bytes: Bytes;
  readonly message: Uplink;
  readonly done: Done;
  /** Of its signature: not looked at yet, being checked ahead, or done with. */
  proof: 'new' | 'asked' | 'ready';
}

type Presences = ReadonlyMap<DeviceId, Status | undefined>;

/** One commit carries at most so many messages: bounds how long the event loop is held. */
const GROUP_MESSAGES = 256;
/** When so many wait, new ones are refused with their connection: a board's next voucher covers what is refused. */
const INBOX_MESSAGES = 65_536;
/** When so many wait, those who read from sockets stop, so that it does not come to that. */
const CROWD_MESSAGES = 16_384;
const REST_MS_MAX = 50;

export function openIntake(options: IntakeOptions): Intake {
  const { turns = EVENT_LOOP } = options;
  const inbox = openInbox<Waiting>();
  const unasked = new Map<DeviceId, Waiting[]>();
  const asking = new Set<DeviceId>();
  let presences = new Map<DeviceId, Status | undefined>();
  let scheduled = false;
  let stopped = false;
  let restUntilMs = 0;

  /** Beside the fast way this one takes half of the time at most: what comes meanwhile shares its next commit. */
  function afterRest(run: () => void): void {
    const restMs = options.lanes === undefined ? 0 : restUntilMs - turns.nowMs();
    if (restMs > 0) turns.after(restMs, run);
    else turns.soon(run);
  }

  function schedule(): void {
    if (scheduled || stopped) return;
    scheduled = true;
    afterRest(() => {
      scheduled = false;
      if (stopped) return;
      const beganMs = turns.nowMs();
      const worked = drainOrStop();
      const endedMs = turns.nowMs();
      restUntilMs = endedMs + Math.min(endedMs - beganMs, REST_MS_MAX);
      if (worked && (inbox.size > 0 || presences.size > 0)) schedule();
    });
  }

  /** A broken invariant stops the hub: books that may be wrong take no more money. */
  function drainOrStop(): boolean {
    try {
      return drainOnce(mayGo);
    } catch (error) {
      stopped = true;
      options.log.fatal({ err: error as Error }, 'an invariant is broken; the hub stops');
      throw error;
    }
  }

  /** False if nothing may be worked off now. */
  function drainOnce(may: (waiting: Waiting) => boolean): boolean {
    askAhead();
    const group = inbox.take(GROUP_MESSAGES, may);
    const said = presences;
    presences = new Map();
    if (group.length === 0 && said.size === 0) return false;
    workOff(options, group, said);
    return true;
  }

  const mayGo = ({ sender, proof }: Waiting): boolean => proof === 'ready' && options.lanes?.isBusy(sender) !== true;

  /** Has signatures checked; of a device for which that is going on already, when it is done. */
  function askAhead(): void {
    const { checks, known, now } = options;
    if (checks === undefined) return;
    for (const [sender, letters] of unasked) {
      if (asking.has(sender)) continue;
      unasked.delete(sender);
      const device = known.find(sender, now().nowMs);
      const messages = letters.map(({ message }) => message);
      const isReady = device === undefined || checks.isReady(device, messages, () => proven(sender, letters));
      if (!isReady) asking.add(sender);
      for (const letter of letters) letter.proof = isReady ? 'ready' : 'asked';
    }
  }

  function proven(sender: DeviceId, letters: readonly Waiting[]): void {
    asking.delete(sender);
    for (const letter of letters) letter.proof = 'ready';
    schedule();
  }

  /** What may need a signature checked goes through `askAhead`, and so does all that comes behind it. */
  function put(letter: Waiting): void {
    inbox.push(letter);
    if (options.checks === undefined) letter.proof = 'ready';
    else {
      const letters = unasked.get(letter.sender);
      if (letters === undefined) unasked.set(letter.sender, [letter]);
      else letters.push(letter);
    }
    schedule();
  }

  return {
    receive(connection, bytes, done) {
      if (stopped || inbox.size >= INBOX_MESSAGES) return done(new Error('the inbox is full'));
      put({ sender: connection.device, connection, bytes, message: decodeUplink(bytes), done, proof: 'new' });
    },
    present(device, status) {
      presences.set(device, status);
      schedule();
    },
    flush() {
      while (inbox.size > 0 || presences.size > 0) drainOnce(() => true);
    },
    wake: () => (inbox.size > 0 ? schedule() : undefined),
    isCrowded: () => inbox.size >= CROWD_MESSAGES,
    stop() {
      stopped = true;
    },
  };
}

/** Judges the group and writes it in one transaction; then, and not before, answers. */
function workOff(options: IntakeOptions, group: readonly Waiting[], presences: Presences): void {
  const moment = options.now();
  let judged: readonly Judged[];
  try {
    judged = judgeAndStore(options, group, presences, moment);
  } catch (error) {
    if (!isStorageFault(error)) throw error;
    return refuseGroup(options, group, error);
  }
  for (const { done } of group) done();
  answer(options.known, judged);
  record(options, judged, moment);
}

function judgeAndStore(options: IntakeOptions, group: readonly Waiting[], presences: Presences, moment: Moment): Judged[] {
  const { store, known, checks, lanes } = options;
  known.refresh();
  const arrivals = group.map((waiting) => arrivalOf(known, waiting, moment));
  if (lanes !== undefined) for (const sender of new Set(group.map((waiting) => waiting.sender))) lanes.land(sender);
  const judge = (): Judgement => judgeGroup(known, arrivals, moment, (message) => checks?.answer(message));
  const write = (judged: Judgement): Judgement => {
    writeGroup(store, judged, moment.nowSeconds);
    writePresences(store, presences, moment.nowSeconds);
    return judged;
  };
  let judgement: Judgement;
  if (opensChannels(group.map(({ message }) => message))) judgement = store.atomically(() => write(judge()));
  else {
    judgement = judge();
    if (changesBooks(judgement) || presences.size > 0) store.atomically(() => write(judgement));
  }
  try {
    assertWritten(store, judgement);
  } catch (error) {
    forgetGroup(judgement); // on the disk, but nobody has seen it there: it is read anew
    throw error;
  }
  keepGroup(judgement);
  return group.map(({ connection, bytes, message }, i) => {
    const { device } = arrivals[i] as Arrival;
    return { device, message, connection, bytes, verdict: judgement.verdicts[i] as Verdict };
  });
}

function arrivalOf(known: Known, { sender, message }: Waiting, { nowMs }: Moment): Arrival {
  const device = known.find(sender, nowMs);
  if (device === undefined) throw new Error(`device ${sender} was authenticated and is not in the store`);
  return { device, message };
}

function writePresences(store: Store, presences: Presences, nowSeconds: number): void {
  for (const [device, status] of presences) {
    if (status === undefined) store.devices.absent(device, nowSeconds);
    else store.devices.present(device, status, nowSeconds);
  }
}

function refuseGroup({ log }: IntakeOptions, group: readonly Waiting[], error: Error): void {
  log.error(
    { err: error, messages: group.length },
    'a commit failed, or cannot be read back: nothing of its group is acknowledged',
  );
  for (const { done } of group) done(new Error('the hub could not store the message'));
}
