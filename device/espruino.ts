// The Board made of Espruino's own functions: ESP32 and the Linux interpreter. In: calls of the firmware. Out: native calls. It must never
// return bytes that only point into flash, nor a hash that memory had no room for.

/* eslint-disable @typescript-eslint/no-require-imports, @typescript-eslint/unbound-method, @typescript-eslint/no-base-to-string, @typescript-eslint/only-throw-error -- Espruino's modules have no other door, and its types are not the linter's */

import type { Bytes } from '../shared/bytes.ts';
import type { InputConfig, WifiConfig } from '../shared/config.ts';
import type { Board, Socket, SocketEvents } from './board.ts';
import { espruinoNative } from './espruino-native.ts';
import { sparePages } from './espruino-pages.ts';
import { lampCodes, watchdogFeeder } from './espruino-signs.ts';
import { startedSlots } from './espruino-slots.ts';
import { beginVerification } from './verify.ts';
import { wide } from './wide.ts';

const REJOIN_MS = 5000;

function digest(buffer: ArrayBuffer, length: number): Bytes {
  const bytes = E.toString(buffer);
  if (bytes === undefined || bytes.length !== length) throw new Error('no memory for a hash');
  return bytes;
}

/** A copy in memory: what Storage returns points into flash, which moves when Storage compacts itself. */
function copyOf(bytes: Bytes): Bytes {
  let copy = '';
  for (let at = 0; at < bytes.length; at += 32) copy += bytes.substring(at, at + 32);
  return copy;
}

function readFlash(name: string): Bytes | undefined {
  const bytes = require('Storage').read(name);
  return bytes === undefined ? undefined : copyOf(bytes);
}

function writeFlash(name: string, bytes: Bytes): boolean {
  try {
    return require('Storage').write(name, bytes) && require('Storage').read(name) === bytes;
  } catch {
    return false; // a full Storage throws
  }
}

function wifiModule(): WifiModule | undefined {
  try {
    return require('Wifi');
  } catch {
    return undefined; // no such module: not a board with Wi-Fi
  }
}

function joinNetwork(config: WifiConfig | undefined, onJoined: () => void): void {
  const wifi = config === undefined ? undefined : wifiModule();
  if (config === undefined || wifi === undefined) {
    onJoined();
    return;
  }
  const radio = wifi;
  const network = config;
  let joining = false;
  function later(): void {
    if (joining) return;
    joining = true;
    setTimeout(join, REJOIN_MS);
  }
  function join(): void {
    joining = false;
    radio.connect(network.ssid, { password: network.password }, function (error) {
      if (error !== null) later();
    });
  }
  radio.on('connected', function () {
    if (network.sntp !== undefined) radio.setSNTP(network.sntp, '0');
    onJoined();
  });
  radio.on('disconnected', later);
  join();
}

/** Espruino throws when it cannot even begin. Its socket is one of ours. */
function connect(host: string, port: number, events: SocketEvents, tls?: string): Socket | undefined {
  try {
    const socket =
      tls === undefined
        ? require('net').connect({ host: host, port: port }, events.onOpen)
        : require('tls').connect({ host: host, port: port, ca: tls === '' ? undefined : atob(tls) }, events.onOpen);
    socket.on('data', events.onData);
    socket.on('error', function () {
      // 'close' follows
    });
    socket.on('close', events.onClose);
    return socket;
  } catch {
    return undefined; // no such host, or no connection
  }
}

let lastMs = 0;
let setBackMs = 0;

/** Milliseconds that never run backwards, also when someone sets the clock back. */
function nowMs(): number {
  const now = Date.now();
  if (now < lastMs) setBackMs += lastMs - now;
  lastMs = now;
  return Math.floor(now + setBackMs);
}

/** Both hashes, of the right length: builds differ in what their crypto module has. */
export function hasHashes(): boolean {
  try {
    const crypto = require('crypto');
    return crypto.SHA256('').byteLength === 32 && crypto.SHA512('').byteLength === 64;
  } catch {
    return false; // no such module, or no such function
  }
}

/** Native constructors that a signature has brought into memory, each with an object of its own; they come again when they are needed. */
const FORGOTTEN = 'Uint8Array,Uint16Array,Uint32Array,Int32Array,Float32Array,Float64Array,ArrayBufferView,Graphics';

function tidy(): void {
  for (const name of FORGOTTEN.split(',')) delete global[name];
  process.memory();
}

/** Made at the top level: a function that is made in another one holds that one's variables. */
export const espruinoBoard: Board = {
  nowMs: nowMs,
  after: function (ms, run) {
    return wide(setTimeout(run, ms)); // counted up for as long as the board runs
  },
  cancel: function (timer) {
    if (timer !== undefined) clearTimeout(timer);
  },
  sha256: function (data) {
    return digest(require('crypto').SHA256(data), 32);
  },
  sha512: function (data) {
    return digest(require('crypto').SHA512(data), 64);
  },
  readFlash: readFlash,
  writeFlash: writeFlash,
  mapFlash: function (name) {
    return require('Storage').read(name);
  },
  native: espruinoNative,
  pageFlash: sparePages(),
  slots: startedSlots(),
  beginVerification: beginVerification,
  feedWatchdog: watchdogFeeder(),
  showCode: lampCodes(),
  joinNetwork: joinNetwork,
  connect: connect,
  watchPulses: function (input: InputConfig, onPulse) {
    const pin = new Pin(input.pin);
    pinMode(pin, 'input_pullup');
    setWatch(onPulse, pin, { repeat: true, edge: 'falling', debounce: input.debounceMs });
  },
  setOutput: function (pin, high) {
    digitalWrite(new Pin(pin), high);
  },
  signNatively: undefined,
  tidy: tidy,
  log: function (line) {
    print('tallystick: ' + line);
  },
};
