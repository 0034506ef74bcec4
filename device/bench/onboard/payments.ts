// Runs on the interpreter or the board before the firmware starts, which is the one that ships: it listens at the natives that the firmware uses, then asks it for
// one payment after the other through its own face. In: GIVEN. Out: the global `bench`, and a line `#bench` with the same as JSON. It changes nothing of what the
// firmware does. Looking at memory takes time, so a run looks either at memory or at the clock.

/* eslint-disable @typescript-eslint/no-base-to-string -- the board's types are not the linter's */

import type { Snapshot } from '../../snapshot.ts';
import { wide } from '../../wide.ts';

interface Firmware {
  use(event: 'request' | 'success'): boolean;
  snapshot(): Snapshot;
}

type Native = (a?: unknown, b?: unknown, c?: unknown, d?: unknown) => unknown;
interface Natives {
  [name: string]: Native;
}
interface Figures {
  [name: string]: unknown;
}
interface Memory {
  readonly usage: number;
  readonly total: number;
}

declare const GIVEN: {
  readonly memory: boolean;
  readonly payments: number;
  /** From which payments on memory is told: the least of some, for the last acknowledgement may still be on its way. */
  readonly marks: readonly number[];
};
declare const global: { tallystick?: Firmware; setTimeout: unknown; bench?: unknown };
declare const E: Natives;
declare function require(name: string): Natives;
declare const process: { readonly memory: () => Memory };

const LOOP = 1000;
const KEPT = 200;
const PROGRESS = 100;
const LOOKS = 20;
/** So many payments, and the store is put in order: its emulation reads all records that are no longer good before it finds the one that is. An ESP32 keeps them outside the store. */
const COMPACTED = 500;
/** The firmware's pause between two slices of its work. */
const SLICE_MS = 1;
const MESSAGE = '0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef';
/** An MQTT PUBLISH with QoS 1: nothing but an uplink is one. */
const UPLINK = 0x32;

/** Before anything of this file is there. */
const before = process['memory']()['usage'];
/** What comes after the time goes to the callback. */
const later: (run: (...given: never[]) => void, ms: number, ...given: unknown[]) => unknown = setTimeout;
const hash = require('crypto')['SHA256'] as Native;
const paymentMs = new Float32Array(KEPT);
const flashMs = new Float32Array(KEPT);
const hashMs = new Float32Array(KEPT);
/** For each mark, from the start: what is put there later would be counted as growth. The most that needs no variable of its own; no firmware takes so many. */
const least = GIVEN['marks'].map(function () {
  return 8191;
});
let ownVariables = 0;
/** What the last look has seen. */
let seen = 0;
let payingVariables = 0;
let restVariables = 0;
let peakVariables = 0;
let signatures = 0;
let signing = false;
/** From the pulse to the bytes in the socket: what is in use at every hash, every write to flash and the write to the socket counts as paying. */
let paying = false;
let paid = wide(0);
let receipts = -1;
let enteredMs = 0;
let busyMs = 0;
let storeMs = 0;
let over = false;
/** Slices of work that are still to come. */
let slices = 0;

function variables(): number {
  return process['memory']()['usage'];
}

/** The mean of so many native hashes of 64 bytes. */
function meanHashMs(count: number): number {
  const from = Date.now();
  for (let i = 0; i < count; i++) hash(MESSAGE);
  return (Date.now() - from) / count;
}

function look(): number {
  const used = variables() - ownVariables;
  seen = used;
  if (signing && used > peakVariables) peakVariables = used;
  if (!signing && paying && used > payingVariables) payingVariables = used;
  return used;
}

/** A callback of the firmware: its own time counts, not the waiting for it. */
function timed(run: Native): Native {
  return function (given) {
    enteredMs = Date.now();
    run(given);
    busyMs += Date.now() - enteredMs;
    if (GIVEN['memory']) look();
  };
}

function wrote(bytes: string): void {
  if (!paying || bytes.charCodeAt(0) !== UPLINK) return;
  if (GIVEN['memory']) look();
  paying = false;
  if (GIVEN['memory']) return;
  const at = paid % KEPT;
  paymentMs[at] = busyMs + Date.now() - enteredMs - storeMs;
  flashMs[at] = storeMs;
}

function listenAtSockets(): void {
  const net = require('net');
  const connect = net['connect'] as Native;
  net['connect'] = function (to, opened) {
    const socket = connect(to, opened) as Natives;
    const unheard = variables();
    const on = socket['on'] as Native;
    const write = socket['write'] as Native;
    socket['on'] = function (event, run) {
      return on.call(socket, event, event === 'data' ? timed(run as Native) : run);
    };
    socket['write'] = function (bytes) {
      wrote(bytes as string);
      return write.call(socket, bytes);
    };
    ownVariables += variables() - unheard;
    return socket;
  };
}

function listenAtFlash(): void {
  const storage = require('Storage');
  ['read', 'write'].forEach(function (name) {
    const native = storage[name] as Native;
    storage[name] = function (file, bytes, at, size) {
      const from = Date.now();
      const answer = at === undefined ? native(file, bytes) : native(file, bytes, at, size);
      storeMs += Date.now() - from;
      if (GIVEN['memory'] && name === 'write') look();
      if (signing && name === 'write' && (file as string).substring(0, 4) === 'ts.c') {
        if (GIVEN['memory']) look();
        signing = false; // a signature ends in a commitment that is kept
        signatures++;
      }
      return answer;
    };
  });
}

/** The records of a board that has raw pages. */
function listenAtPages(): void {
  const flash = require('Flash');
  ['read', 'write', 'erasePage'].forEach(function (name) {
    const native = flash[name] as Native;
    flash[name] = function (a, b) {
      const from = Date.now();
      const answer = native(a, b);
      storeMs += Date.now() - from;
      if (GIVEN['memory'] && name === 'write') look();
      return answer;
    };
  });
}

/** The first SHA-512 of a message begins a signature; that of nothing only asks whether there is one. */
function listenAtHashes(): void {
  const crypto = require('crypto');
  if (GIVEN['memory']) {
    crypto['SHA256'] = function (bytes) {
      look();
      return hash(bytes);
    };
  }
  const native = crypto['SHA512'] as Native;
  crypto['SHA512'] = function (bytes) {
    if (bytes !== '') signing = true;
    if (GIVEN['memory']) look();
    return native(bytes);
  };
}

function listenAtArithmetic(): void {
  ['convolve', 'sum'].forEach(function (name) {
    const native = E[name] as Native;
    E[name] = function (a, b, c) {
      if (signing) look();
      return native(a, b, c);
    };
  });
}

/** A timer's callback: one function for all of them, which takes the firmware's as a parameter. What stood around each timer would count as the firmware's memory. */
function fire(run: Native, ms: number): void {
  enteredMs = Date.now();
  if (ms === SLICE_MS) slices--;
  run();
  busyMs += Date.now() - enteredMs;
  if (GIVEN['memory']) look();
}

function listenAtTimers(): void {
  global['setTimeout'] = function (run: Native, ms: number) {
    if (ms === SLICE_MS) slices++;
    return later(fire, ms, run, ms);
  };
}

/** The last of them: newer ones have taken the place of older ones. */
function kept(figures: Float32Array): Float32Array {
  return paid < KEPT ? figures.subarray(1, paid + 1) : figures;
}

function finish(): void {
  over = true;
  const figures: Figures = {};
  figures['payments'] = paid;
  figures['least'] = least;
  figures['signatures'] = signatures;
  figures['ownVariables'] = ownVariables;
  figures['hashMs'] = loopHashMs;
  if (GIVEN['memory']) {
    figures['payingVariables'] = payingVariables;
    figures['restVariables'] = restVariables;
    figures['peakVariables'] = peakVariables;
    figures['totalVariables'] = process['memory']()['total'];
  } else {
    figures['paymentMs'] = kept(paymentMs);
    figures['flashMs'] = kept(flashMs);
    figures['heapHashMs'] = kept(hashMs);
  }
  global['bench'] = figures;
  print('#bench ' + JSON.stringify(figures));
}

function pay(firmware: Firmware): void {
  busyMs = 0;
  storeMs = 0;
  if (!firmware.use('request')) return;
  paid++;
  storeMs = 0;
  paying = true;
  enteredMs = Date.now();
  firmware.use('success');
  busyMs = Date.now() - enteredMs;
}

/** At rest, before the next payment. */
function measure(used: number): void {
  GIVEN['marks'].forEach(function (mark, place) {
    if (paid < mark || paid >= mark + LOOKS) return;
    if (used < least[place]!) least[place] = used;
  });
  if (paid % PROGRESS === 0) print('#progress ' + paid);
  if (paid % COMPACTED === 0 && !signing && !GIVEN['memory']) (require('Storage')['compact'] as Native)();
  if (!GIVEN['memory']) {
    if (paid >= GIVEN['payments'] - KEPT) hashMs[(paid + 1) % KEPT] = meanHashMs(10);
    return;
  }
  if (!signing && used > restVariables) restVariables = used;
}

/**
 * The next payment, once the last one has its receipt: at rest, as machines are between two sales, when time is looked at; at any moment when memory is, and until a commitment
 * was signed beside the payments.
 */
function drive(): void {
  if (over) return;
  later(drive, 1);
  const used = variables() - ownVariables;
  const firmware = global.tallystick;
  if (firmware === undefined || paying) return;
  const now = firmware.snapshot();
  if (now.state !== 'serving' || now.uncoveredUnits > 0 || now.receipts === 0 || now.receipts === receipts) return;
  if (!GIVEN['memory'] && slices > 0) return;
  receipts = now.receipts;
  measure(used);
  if (paid >= GIVEN['payments'] && (!GIVEN['memory'] || signatures > 1)) finish();
  else pay(firmware);
}

/** A thousand in a row, as anyone would measure it, ten at a time: a single mean would be that of the machine's other programs, too. */
function batchesMs(): Float32Array {
  const batches = new Float32Array(LOOP / 10);
  variables(); // puts the list of free variables in order
  for (let i = 0; i < LOOP / 10; i++) batches[i] = meanHashMs(10);
  return batches;
}

const loopHashMs = batchesMs();
listenAtSockets();
listenAtFlash();
listenAtPages();
listenAtHashes();
listenAtTimers();
if (GIVEN['memory']) listenAtArithmetic();
drive();
ownVariables = variables() - before;
if (GIVEN['memory']) {
  (require('crypto')['SHA256'] as Native)('');
  ownVariables += seen; // what a look takes while it looks
}
