// What Espruino has, and nothing else: the whole type library of the firmware (noLib). A member that is missing here is missing on the
// board, so using it does not compile. Lengths are readonly, because assigning one throws there.

interface Object {
  hasOwnProperty(name: string): boolean;
  toString(): string;
}

interface Function {
  readonly length: number;
  apply(self: unknown, args?: unknown): unknown;
  call(self: unknown, ...args: unknown[]): unknown;
}
interface FunctionConstructor {
  apply(self: unknown, texts: string[]): unknown;
  new (...texts: string[]): (...args: never[]) => unknown;
}
declare const Function: FunctionConstructor;
interface CallableFunction extends Function {}
interface NewableFunction extends Function {}
interface IArguments {
  readonly length: number;
  [index: number]: unknown;
}

interface Boolean {}
interface Symbol {}
interface RegExp {
  test(text: string): boolean;
}

interface Number {
  toString(radix?: number): string;
  toFixed(digits: number): string;
}

/** Byte strings: character codes are 0..255. */
interface String {
  readonly length: number;
  readonly [index: number]: string;
  charAt(at: number): string;
  charCodeAt(at: number): number;
  endsWith(text: string): boolean;
  includes(text: string): boolean;
  indexOf(text: string, from?: number): number;
  lastIndexOf(text: string): number;
  padStart(length: number, fill?: string): string;
  repeat(count: number): string;
  replace(what: string | RegExp, by: string): string;
  slice(start: number, end?: number): string;
  split(separator: string): string[];
  startsWith(text: string): boolean;
  substring(start: number, end?: number): string;
  trim(): string;
}
interface StringConstructor {
  (value: unknown): string;
  fromCharCode(...codes: number[]): string;
}
declare const String: StringConstructor;

interface ReadonlyArray<T> {
  readonly length: number;
  readonly [index: number]: T;
  concat(...others: Array<readonly T[]>): T[];
  every(test: (item: T, index: number) => boolean): boolean;
  filter(test: (item: T, index: number) => boolean): T[];
  find(test: (item: T, index: number) => boolean): T | undefined;
  forEach(run: (item: T, index: number) => void): void;
  indexOf(item: T): number;
  join(separator: string): string;
  map<U>(make: (item: T, index: number) => U): U[];
  slice(start: number, end?: number): T[];
  some(test: (item: T, index: number) => boolean): boolean;
}
interface Array<T> extends ReadonlyArray<T> {
  [index: number]: T;
  pop(): T | undefined;
  push(...items: T[]): number;
  reverse(): T[];
  shift(): T | undefined;
  splice(start: number, count?: number): T[];
  unshift(item: T): number;
}
interface ArrayConstructor {
  isArray(value: unknown): boolean;
}
declare const Array: ArrayConstructor;

/** Without slice and filter, which answer plain arrays there. */
interface NumberView {
  readonly length: number;
  [index: number]: number;
  fill(value: number, start?: number, end?: number): this;
  indexOf(value: number): number;
  join(separator: string): string;
  set(values: ArrayLike<number>, offset?: number): void;
  readonly buffer: ArrayBuffer;
  subarray(start: number, end?: number): this;
}
interface ArrayLike<T> {
  readonly length: number;
  readonly [index: number]: T;
}
interface ArrayBuffer {
  readonly byteLength: number;
}
interface Uint8Array extends NumberView {}
interface Uint16Array extends NumberView {}
interface Uint32Array extends NumberView {}
interface Int8Array extends NumberView {}
interface Int16Array extends NumberView {}
interface Int32Array extends NumberView {}
interface Float32Array extends NumberView {}
interface Float64Array extends NumberView {
  /** A plain array on Espruino, a typed one on Node: callers may only read it. */
  slice(start: number, end: number): number[];
}
interface ViewConstructor<V> {
  new (from: number | ArrayLike<number>): V;
  new (buffer: ArrayBuffer, offset?: number, length?: number): V;
}
declare const Uint8Array: ViewConstructor<Uint8Array>;
declare const Uint16Array: ViewConstructor<Uint16Array>;
declare const Uint32Array: ViewConstructor<Uint32Array>;
declare const Int8Array: ViewConstructor<Int8Array>;
declare const Int16Array: ViewConstructor<Int16Array>;
declare const Int32Array: ViewConstructor<Int32Array>;
declare const Float32Array: ViewConstructor<Float32Array>;
declare const Float64Array: ViewConstructor<Float64Array>;

interface Error {
  readonly message: string;
  readonly stack?: string;
}
interface ErrorConstructor {
  new (message: string): Error;
}
declare const Error: ErrorConstructor;

interface Math {
  abs(x: number): number;
  ceil(x: number): number;
  floor(x: number): number;
  max(a: number, b: number): number;
  min(a: number, b: number): number;
  pow(x: number, y: number): number;
  sqrt(x: number): number;
}
declare const Math: Math;

interface DateConstructor {
  /** With fractions of a millisecond. */
  now(): number;
}
declare const Date: DateConstructor;

/** Only for code that is made at boot; the gate cannot see into it. */
declare function eval(code: string): unknown;
declare function atob(base64: string): string;
declare function parseInt(text: string, radix: number): number;
declare function isNaN(value: number): boolean;
declare function setTimeout(run: () => void, ms: number): number;
declare function clearTimeout(timer: number): void;
declare function setInterval(run: () => void, ms: number): number;
declare function clearInterval(timer: number): void;
/** Starts again from flash. */
declare function load(): void;
declare function print(line: string): void;

interface Pin {}
/** Only on boards that have a lamp. */
declare const LED1: Pin;
declare const Pin: new (name: string) => Pin;
declare function pinMode(pin: Pin, mode: 'input_pullup'): void;
/** Makes the pin an output. */
declare function digitalWrite(pin: Pin, high: boolean): void;
declare function setWatch(run: () => void, pin: Pin, options: { repeat: boolean; edge: 'falling'; debounce: number }): number;

interface EspruinoE {
  /** Restarts an ESP32 that is not kicked for so long; elsewhere it does nothing. */
  enableWatchdog(seconds: number, kickedByIdleLoop: boolean): void;
  kickWatchdog(): void;
  /** `reset()` or `load()` is about to end the program. */
  on(event: 'kill', run: () => void): void;
  /** A flat string of bytes; `undefined` when memory has no room for it in one piece. */
  toString(bytes: ArrayBuffer | ArrayLike<number> | string): string | undefined;
  /** May share the string's memory, or lie in flash with it. */
  toArrayBuffer(bytes: string): ArrayBuffer;
  convolve(a: ArrayLike<number>, b: ArrayLike<number>, offset: number): number;
  sum(a: ArrayLike<number>): number;
  mapInPlace(from: Uint8Array, to: Uint8Array | Float64Array, map: ArrayLike<number> | undefined, bits: number): void;
}
declare const E: EspruinoE;

interface Graphics {
  transformVertices(pairs: ArrayLike<number>, matrix: ArrayLike<number>): number[];
}
declare const Graphics: { createArrayBuffer(width: number, height: number, bits: number): Graphics };
declare const JSON: { stringify(value: unknown): string; parse(text: string): unknown };

type Exclude<T, U> = T extends U ? never : T;
type Pick<T, K extends keyof T> = { [P in K]: T[P] };
type Omit<T, K> = Pick<T, Exclude<keyof T, K>>;

interface CryptoModule {
  SHA256(bytes: string): ArrayBuffer;
  SHA512(bytes: string): ArrayBuffer;
}

interface StorageModule {
  read(name: string, offset?: number, length?: number): string | undefined;
  /** With a size it makes the file, of which the rest stays blank and can be written once, later. Throws when it cannot. */
  write(name: string, bytes: string, offset?: number, size?: number): boolean;
  erase(name: string): void;
  getStats(): { readonly freeBytes: number };
}

interface FlashModule {
  getFree(): Array<{ readonly addr: number; readonly length: number }>;
  getPage(address: number): { readonly addr: number; readonly length: number };
  read(length: number, address: number): Uint8Array;
  write(bytes: string, address: number): void;
  erasePage(address: number): void;
}

interface NetSocket {
  on(event: 'data', run: (bytes: string) => void): void;
  on(event: 'close', run: () => void): void;
  on(event: 'error', run: (error: unknown) => void): void;
  write(bytes: string): boolean;
  end(): void;
}
interface NetModule {
  /** `ca` is DER; this Espruino reads it and judges nobody by it. */
  connect(options: { host: string; port: number; ca?: string | undefined }, onConnect: () => void): NetSocket;
}

interface WifiModule {
  connect(ssid: string, options: { password: string }, done: (error: string | null) => void): void;
  on(event: 'connected' | 'disconnected', run: () => void): void;
  /** Both as texts, or it throws on an ESP32. */
  setSNTP(server: string, zone: string): void;
}

declare function require(module: 'crypto'): CryptoModule;
declare function require(module: 'Storage'): StorageModule;
declare function require(module: 'Flash'): FlashModule;
declare function require(module: 'net' | 'tls'): NetModule;
declare function require(module: 'Wifi'): WifiModule;

declare const process: {
  readonly env: { readonly VERSION: string; readonly BOARD: string };
  memory(this: void): unknown;
  on(event: 'uncaughtException', run: (error: Error) => void): void;
};

/** Where the console finds the running firmware, and the firmware the slot that it runs from. */
declare const global: { tallystick?: unknown; TS?: number; [builtIn: string]: unknown };
