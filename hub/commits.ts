// Group commits on the fast path: paywords and signed vouchers that a lane has proven wait here together until the journal has them on the disk. In: accepted messages, with who waits for an answer. Out: PUBACKs in
// the order of arrival and one receipt per device, only after the commit. While one group is written on another thread the next one gathers: alone on an idle hub it goes at
// once, under load it takes what has come. It must never answer for what is not durable.

import type { Bytes } from '../shared/bytes.ts';
import type { Fold } from './fold.ts';
import type { Journal } from './journal.ts';
import { ENTRY_BYTES, HEAD_BYTES, SIGNED_ENTRY_BYTES } from './journal.ts';
import type { Lane } from './lane.ts';
import { writeEntry, writeSignedEntry } from './lane.ts';
import type { Turns } from './turns.ts';

/** A connection that waits for answers. */
export interface Asker {
  /** How often it is asked for in groups that are not durable yet. */
  pendingRuns: number;
  /** Its messages of one group are durable: PUBACKs as they go on the wire, and the units that its lane's receipt may speak of; -1 for no receipt. */
  answer(pubacks: Bytes, units: number): void;
  /** Nothing of its messages was stored. */
  refuse(error: Error): void;
  /** Messages that were taken and then not accepted, in order; they come before all that the judge has of it. */
  judge(messages: readonly Bytes[], packetIds: readonly number[]): void;
}

export interface Commits {
  /** `packetId` 0 for QoS 0. */
  add(asker: Asker, lane: Lane, packetId: number): void;
  /** Messages of one connection, all covered by the lane's newest signed voucher, which is one of them. */
  addCovered(asker: Asker, lane: Lane, packetIds: readonly number[]): void;
  /** True before the first message of a group. */
  isEmpty(): boolean;
  /** Too many wait: whoever reads messages should stop for now. `onRoom` tells when. */
  isCrowded(): boolean;
  onRoom(resume: () => void): void;
  /** Resolves when nothing waits any more. */
  settled(): Promise<void>;
}

export interface CommitOptions {
  readonly journal: Journal;
  readonly fold: Fold;
  readonly turns: Turns;
  /** The hub's clock. */
  readonly nowSeconds: () => number;
  readonly onDurable: (accepted: number, covered: number) => void;
  /** After each group, durable or not. */
  readonly onEnd: () => void;
  /** The journal took nothing: true if the group is durable in another way. */
  readonly rescue: (error: Error) => boolean;
}

interface Group {
  readonly number: number;
  /** When its first message came. */
  beganSeconds: number;
  /** PUBACKs, in order; run i of them is for asker i and ends at `ends[i]`. */
  pubacks: Buffer<ArrayBuffer>;
  pubackBytes: number;
  readonly askers: Asker[];
  readonly ends: number[];
  readonly asked: Lane[];
  /** Lanes with an entry, each once, and the units of the entry. */
  readonly lanes: Lane[];
  readonly units: number[];
  /** Lanes with an entry of a signed voucher, each once, and the lane's units. */
  readonly signers: Lane[];
  readonly signerUnits: number[];
  messages: number;
  /** Of the messages, those that a signed voucher above them has made duplicates. */
  covered: number;
}

/** A busy hub gathers so long before it pays for a commit ... */
const GATHER_MS = 2;
/** ... or until so many wait, and half of what the last two groups held: then most of those who wait for an answer before they go on are in. */
const GATHER_MESSAGES = 64;
const PUBACK_BUFFER_BYTES = 4096;
const CROWD_MESSAGES = 131_072;
const PUBACK = 0x40;
const PUBACK_BYTES = 4;

function emptyGroup(number: number, pubacks = Buffer.allocUnsafeSlow(PUBACK_BUFFER_BYTES)): Group {
  return {
    number,
    beganSeconds: 0,
    pubacks,
    pubackBytes: 0,
    askers: [],
    ends: [],
    asked: [],
    lanes: [],
    units: [],
    signers: [],
    signerUnits: [],
    messages: 0,
    covered: 0,
  };
}

export function openCommits(options: CommitOptions): Commits {
  const { journal, fold, turns, nowSeconds } = options;
  let gathering = emptyGroup(1);
  let writing: Group | undefined;
  let record = Buffer.allocUnsafeSlow(HEAD_BYTES + 1024 * ENTRY_BYTES);
  let beganMs = -GATHER_MS;
  let enough = GATHER_MESSAGES;
  let lastMessages = 0;
  let spare: Buffer<ArrayBuffer> | undefined;
  let cancelWait: (() => void) | undefined;
  let scheduled = false;
  let waiters: Array<() => void> = [];
  let settlers: Array<() => void> = [];

  /** At the next turn, so that all that has arrived by now is in the group. */
  function scheduleNow(): void {
    if (scheduled || writing !== undefined) return;
    scheduled = true;
    cancelWait?.();
    cancelWait = undefined;
    turns.soon(() => {
      scheduled = false;
      commit();
    });
  }

  function schedule(): void {
    if (writing !== undefined || gathering.messages === 0) return;
    const leftMs = beganMs + GATHER_MS - turns.nowMs();
    if (leftMs <= 0 || gathering.messages >= enough) scheduleNow();
    else cancelWait ??= turns.after(leftMs, scheduleNow);
  }

  function commit(): void {
    const group = gathering;
    writing = group;
    gathering = emptyGroup(group.number + 1, spare);
    spare = undefined;
    beganMs = turns.nowMs();
    enough = Math.max(GATHER_MESSAGES, Math.ceil((group.messages + lastMessages) / 2));
    lastMessages = group.messages;
    const bytes = group.lanes.length * ENTRY_BYTES;
    const signedBytes = group.signers.length * SIGNED_ENTRY_BYTES;
    const wholeBytes = HEAD_BYTES + bytes + signedBytes;
    if (record.length < wholeBytes) record = Buffer.allocUnsafeSlow(2 * wholeBytes);
    // Now and not when its first message came: a lane that was folded meanwhile may have gone on in the same group.
    group.lanes.forEach((lane, i) => {
      fold.add(lane);
      writeEntry(lane, record, HEAD_BYTES + i * ENTRY_BYTES);
      group.units.push(lane.acceptedUnits);
    });
    group.signers.forEach((lane, i) => {
      fold.add(lane);
      writeSignedEntry(lane, record, HEAD_BYTES + bytes + i * SIGNED_ENTRY_BYTES);
      group.signerUnits.push(lane.acceptedUnits);
    });
    journal.append({ buffer: record, bytes, signedBytes }, (error) => finish(group, error));
  }

  function finish(group: Group, error: Error | undefined): void {
    for (const lane of group.lanes) lane.pendingGroups--;
    for (const lane of group.signers) lane.pendingGroups--;
    writing = undefined;
    if (error === undefined || options.rescue(error)) {
      answerGroup(group);
      options.onDurable(group.messages - group.covered, group.covered);
    } else refuseGroup(group, error);
    spare = group.pubacks;
    options.onEnd();
    const resumed = waiters;
    waiters = [];
    for (const resume of resumed) resume();
    schedule();
    if (writing !== undefined || gathering.messages > 0) return;
    const done = settlers;
    settlers = [];
    for (const resolve of done) resolve();
  }

  return {
    add(asker, lane, packetId) {
      const group = gathering;
      if (group.messages === 0) group.beganSeconds = nowSeconds();
      group.messages++;
      if (lane.group !== group.number) {
        lane.group = group.number;
        enter(group, lane);
        group.lanes.push(lane);
      }
      ask(group, asker, lane);
      if (packetId !== 0) addPuback(group, packetId);
      if (group.messages === 1 || group.messages === enough) schedule();
    },
    addCovered(asker, lane, packetIds) {
      const group = gathering;
      const before = group.messages;
      if (before === 0) group.beganSeconds = nowSeconds();
      group.messages += packetIds.length;
      group.covered += packetIds.length - 1;
      if (lane.signedGroup !== group.number) {
        lane.signedGroup = group.number;
        enter(group, lane);
        group.signers.push(lane);
      }
      ask(group, asker, lane);
      for (const packetId of packetIds) if (packetId !== 0) addPuback(group, packetId);
      if (before === 0 || (before < enough && group.messages >= enough)) schedule();
    },
    isEmpty: () => gathering.messages === 0,
    isCrowded: () => gathering.messages >= CROWD_MESSAGES,
    onRoom: (resume) => void waiters.push(resume),
    settled() {
      if (writing === undefined && gathering.messages === 0) return Promise.resolve();
      return new Promise((resolve) => settlers.push(resolve));
    },
  };
}

function enter(group: Group, lane: Lane): void {
  lane.pendingGroups++;
  lane.changedAtSeconds = group.beganSeconds;
}

function ask(group: Group, asker: Asker, lane: Lane): void {
  const { askers } = group;
  const last = askers.length - 1;
  if (last >= 0 && askers[last] === asker) return;
  if (last >= 0) group.ends[last] = group.pubackBytes;
  askers.push(asker);
  group.asked.push(lane);
  asker.pendingRuns++;
}

function addPuback(group: Group, packetId: number): void {
  const at = group.pubackBytes;
  if (at + PUBACK_BYTES > group.pubacks.length) {
    const larger = Buffer.allocUnsafeSlow(2 * group.pubacks.length);
    group.pubacks.copy(larger);
    group.pubacks = larger;
  }
  const { pubacks } = group;
  pubacks[at] = PUBACK;
  pubacks[at + 1] = 2;
  pubacks[at + 2] = packetId >>> 8;
  pubacks[at + 3] = packetId & 255;
  group.pubackBytes = at + PUBACK_BYTES;
}

/** One call per run of messages; a lane's first one carries its receipt. */
function answerGroup(group: Group): void {
  const { askers, ends, asked, pubacks } = group;
  ends[askers.length - 1] = group.pubackBytes;
  for (let i = 0; i < group.lanes.length; i++) (group.lanes[i] as Lane).receiptUnits = group.units[i] as number;
  for (let i = 0; i < group.signers.length; i++) (group.signers[i] as Lane).receiptUnits = group.signerUnits[i] as number;
  let from = 0;
  for (let i = 0; i < askers.length; i++) {
    const lane = asked[i] as Lane;
    const end = ends[i] as number;
    const asker = askers[i] as Asker;
    asker.pendingRuns--;
    asker.answer(pubacks.toString('latin1', from, end), lane.receiptUnits);
    lane.receiptUnits = -1;
    from = end;
  }
}

function refuseGroup(group: Group, error: Error): void {
  for (const asker of group.askers) asker.pendingRuns--;
  for (const asker of new Set(group.askers)) asker.refuse(error);
}
